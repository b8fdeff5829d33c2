import AnomalyDetection
import CollaborativeLearning
import Foundation
import Storage
import Testing

/// Models and runs on their way that cannot be gone on with.
@Suite struct BadCheckpointTests {
  @Test func filesThatAreNoModels() async throws {
    let workshop = try Workshop()
    try await workshop.train()
    _ = try await workshop.run("score", "model.h5", "fleet.h5", "-o", "scores.h5")
    let whole = try Data(contentsOf: URL(fileURLWithPath: workshop.directory("model.h5")))
    try whole.prefix(whole.count / 2).write(
      to: URL(fileURLWithPath: workshop.directory("part.h5")))
    let writer = try HDF5Writer(replacing: workshop.directory("future.h5"))
    try writer.setAttribute("format", to: .string("collabdict-checkpoint"))
    try writer.setAttribute("version", to: .integer(99))
    try writer.commit()
    for (name, word) in [
      ("fleet.h5", "no checkpoint"), ("scores.h5", "collabdict-scores"), ("part.h5", "part.h5"),
      ("future.h5", "version 99"),
    ] {
      for command in [
        ["score", name, "fleet.h5", "-o", "out.h5"], ["evaluate", name, "fleet.h5"],
        ["export", name, "-o", "out.h5"], ["score", name, "--stream", "--as", "machine-1"],
      ] {
        try await workshop.expectRefusal(command, status: 1, saying: [name, word])
      }
    }
  }

  @Test func modelsThatDoNotFitTheData() async throws {
    let workshop = try Workshop()
    try await workshop.train()
    let writer = try HDF5Writer(replacing: workshop.directory("other.h5"))
    let rows = [Float](repeating: 1, count: 60)
    try writer.write(rows, shape: [20, 3], to: "/machine-1/test")
    try writer.commit()
    let stranger = try HDF5Writer(replacing: workshop.directory("stranger.h5"))
    try stranger.write(rows, shape: [15, 4], to: "/machine-9/test")
    try stranger.commit()
    for command in ["score", "evaluate"] {
      let output = command == "score" ? ["-o", "out.h5"] : []
      if command == "score" {
        try await workshop.expectRefusal(
          [command, "model.h5", "other.h5"] + output, status: 1,
          saying: ["3 variables", "model has 4"])
        try await workshop.expectRefusal(
          [command, "model.h5", "stranger.h5"] + output, status: 1,
          saying: ["machine-9", "did you mean machine-1"])
      }
      try await workshop.expectRefusal(
        [command, "model.h5", "fleet.h5", "--as", "machine-8"] + output, status: 1,
        saying: ["machine-8"])
    }
    try await workshop.expectRefusal(
      ["evaluate", "model.h5", "stranger.h5", "--as", "machine-1"], status: 1,
      saying: ["labelled"])
  }

  /// A model whose numbers do not go together, made by changing one thing of a good one.
  @Test func modelsThatContradictThemselves() async throws {
    let workshop = try Workshop()
    try await workshop.train()
    guard
      case .finished(.autoencoder(let good)) = try Checkpoint(
        reading: workshop.directory("model.h5"))
    else {
      return #expect(Bool(false), "not a finished model")
    }
    let changes: [(inout TrainedModel<AutoencoderModel>) -> Void] = [
      { $0.detector.theta.removeLast() },
      { $0.detector.startTheta.append(1) },
      { $0.detector.participants[0].local.phi.removeLast() },
      { $0.detector.participants[1].local.noise.append(1) },
      { $0.detector.participants[1].baseline.removeLast() },
      { $0.detector.architecture.latent += 1 },
      { $0.configuration.window += 1 },
      { $0.configuration.hidden = [5] },
      { $0.detector.participants = [] },
      { $0.report.bestRound = -1 },
    ]
    for change in changes {
      var model = good
      change(&model)
      try Checkpoint.finished(.autoencoder(model)).write(to: workshop.directory("bad.h5"))
      try await workshop.expectRefusal(
        ["score", "bad.h5", "fleet.h5", "-o", "out.h5"], status: 1, saying: ["bad.h5"])
    }
  }

  @Test func runsThatCannotGoOn() async throws {
    let workshop = try Workshop()
    try workshop.writeFleet("other.h5", seed: 5)
    try workshop.writeFleet("longer.h5", trainRows: 130)
    // Stop a run before its end, so that there is a checkpoint.
    let running = try Program.start(
      ["train", "fleet.h5", "-o", "model.h5", "--rounds", "1000000", "--patience", "1000000"]
        + ["--checkpoint-every", "0"] + Workshop.small, in: workshop.directory.path)
    await running.send(SIGINT, afterChanges: 3, of: workshop.directory("model.h5.checkpoint"))
    _ = try await running.outcome()

    func refuse(_ file: String, _ words: String...) async throws {
      try await workshop.expectRefusal(
        ["train", file, "-o", "model.h5", "--resume"], status: 1, saying: words)
    }
    try await refuse("other.h5", "not those of the checkpoint")
    try await refuse("longer.h5", "not those of the checkpoint")
    try await workshop.expectRefusal(
      ["score", "model.h5.checkpoint", "fleet.h5", "-o", "out.h5"], status: 1,
      saying: ["not finished", "--resume"])

    let path = workshop.directory("model.h5.checkpoint")
    guard case .running(let configuration, let names, let good) = try Checkpoint(reading: path)
    else { return #expect(Bool(false), "not a run on its way") }
    let changes: [(inout ParticipantState) -> Void] = [
      { $0.shared.doubles["progress"] = nil },
      { $0.shared.doubles["progress"]?[0] = 77 },
      { $0.shared.doubles["progress"]?[0] = .nan },
      { $0.shared.doubles["progress"]?[1] = 9 },
      { $0.shared.doubles["progress"]?[3] = -4 },
      { $0.shared.doubles["progress"]?.append(0) },
      { $0.shared.doubles["totals"] = [1, 2, 3] },
      { $0.shared.doubles["latent"] = [1e300] },
      { $0.shared.doubles["latent"] = [0] },
      { $0.shared.doubles["latent"] = nil },
      { $0.shared.floats["theta"]?.removeLast() },
      { $0.local.floats["phi"] = nil },
      { $0.local.floats["phi-first"]?.append(0) },
      { $0.shared.doubles["theta-steps"] = [-1] },
      { $0.shared.floats["best-theta"] = [1, 2] },
      { $0.local.doubles["rows"] = [.infinity] },
      { $0.local.doubles["column-means"]?.removeLast() },
    ]
    for change in changes {
      var states = good
      for index in states.indices { change(&states[index]) }
      try Checkpoint.running(configuration: configuration, names: names, states: states)
        .write(to: path)
      try await refuse("fleet.h5", "model.h5.checkpoint")
    }
    // A participant whose training rows have gone.
    try Checkpoint.running(configuration: configuration, names: names, states: good)
      .write(to: path)
    let writer = try HDF5Writer(replacing: workshop.directory("half.h5"))
    let rows = try HDF5File(reading: workshop.directory("fleet.h5"))
      .read("/machine-1/train", as: Float.self)
    try writer.write(rows, shape: [120, 4], to: "/machine-1/train")
    try writer.write(rows, shape: [120, 4], to: "/machine-2/test")
    try writer.commit()
    try await refuse("half.h5", "1 participants instead of 2")
  }
}
