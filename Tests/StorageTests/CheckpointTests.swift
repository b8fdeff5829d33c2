import AnomalyDetection
import CollaborativeLearning
import Datasets
import Foundation
import Storage
import Testing
import VariationalInference

@Suite struct CheckpointTests {
  let directory = try! TemporaryDirectory()
  var path: String { directory("model.h5") }

  private func training(_ change: (inout TrainingConfiguration) -> Void = { _ in }) throws
    -> FleetTraining<VAEParticipant>
  {
    var recipe = SyntheticFleet()
    recipe.participants = 2
    recipe.variables = 3
    recipe.trainRows = 60
    let machines = recipe.machines()
    var configuration = TrainingConfiguration()
    configuration.rounds = 4
    configuration.hidden = [3]
    configuration.batchSize = 8
    configuration.scoring.draws = 4
    configuration.validationInterval = 2
    change(&configuration)
    return try FleetTraining<VAEParticipant>(
      SensorFleet(
        variables: recipe.variableNames, units: recipe.units,
        participants: machines.map { ParticipantData(name: $0.name, train: $0.train) }),
      configuration, threads: 1)
  }

  private func finished(_ change: (inout TrainingConfiguration) -> Void = { _ in }) throws
    -> TrainedModel<AutoencoderModel>
  {
    let training = try training(change)
    try training.run()
    var model = try training.trainedModel()
    model.report.stage = "finished"
    return model
  }

  private func read() throws -> TrainedModel<AutoencoderModel> {
    guard case .finished(.autoencoder(let model)) = try Checkpoint(reading: path) else {
      throw StorageError(
        .malformed, "not finished", at: .init(file: path), remedy: "finish it")
    }
    return model
  }

  @Test func aFinishedModelComesBackBitForBit() throws {
    let model = try finished()
    try Checkpoint.finished(.autoencoder(model)).write(to: path)
    #expect(try read() == model)
    #expect(try directory.contents == ["model.h5"])
    #expect(
      try HDF5File(reading: path).read("/global/theta", as: Float.self) == model.detector.theta)
  }

  @Test func everyKindOfModelComesBack() throws {
    let changes: [(inout TrainingConfiguration) -> Void] = [
      {
        $0.linearPath = false
        $0.scale = .network
        $0.rounds = 6
      },
      {
        $0.hidden = []
        $0.scale = .closedForm
      },
      { $0.observation = .gaussian },
      {
        $0.seed = .max
        $0.window = 1
        $0.scoring.rule = .peaksOverThreshold
        $0.optimiser = .stochasticGradientDescent(momentum: 0.9)
      },
    ]
    for change in changes {
      let model = try finished(change)
      try Checkpoint.finished(.autoencoder(model)).write(to: path)
      let found = try read()
      #expect(found.detector == model.detector)
      #expect(found.configuration == model.configuration)
      #expect("\(found.report)" == "\(model.report)")
    }
  }

  @Test func anythingMissingFromAModelIsAllowedToBeMissing() throws {
    var model = try finished()
    model.detector.variableNames = nil
    model.detector.units = nil
    for index in model.detector.participants.indices {
      model.detector.participants[index].calibration = []
    }
    try Checkpoint.finished(.autoencoder(model)).write(to: path)
    #expect(try read() == model)
  }

  /// Written and read at every round, a run ends in the bits of an undisturbed one.
  @Test(arguments: [true, false]) func aRunGoesOnFromItsFile(adam: Bool) throws {
    let change: (inout TrainingConfiguration) -> Void = {
      if !adam { $0.optimiser = .stochasticGradientDescent(momentum: 0.9) }
    }
    let expected = try finished(change)
    var running = try training(change)
    while !(try running.run { false }) {
      try Checkpoint.running(
        configuration: running.configuration, names: running.names, states: running.states
      ).write(to: path)
      guard case .running(let configuration, let names, let states) = try Checkpoint(reading: path)
      else { return #expect(Bool(false), "not on its way") }
      #expect(configuration == running.configuration && names == running.names)
      running = try training(change)
      try running.restore(states)
    }
    let model = try running.trainedModel()
    #expect(model.detector == expected.detector)
    #expect(model.configuration == expected.configuration)
  }

  @Test func aParticipantsOwnPartStandsUnderItsName() throws {
    let model = try finished()
    try Checkpoint.finished(.autoencoder(model)).write(to: path)
    let paths = try HDF5File(reading: path).objects().map(\.path)
    for path in paths where path.contains("phi") || path.contains("mean") {
      #expect(path.hasPrefix("/participants/machine-"))
    }
    #expect(paths.contains("/participants/machine-1/phi"))
    #expect(!paths.contains { $0.hasPrefix("/global/") && $0.contains("machine") })
  }

  private func error() -> StorageError? {
    storageError { _ = try Checkpoint(reading: path) }
  }

  @Test func otherFiles() throws {
    #expect(error()?.code == .noSuchFile)
    try Data("text".utf8).write(to: URL(filePath: path))
    #expect(error()?.code == .wrongFormat)
    func write(_ attributes: [(String, HDF5Attribute)]) throws {
      let writer = try HDF5Writer(replacing: path)
      for (name, value) in attributes { try writer.setAttribute(name, to: value) }
      try writer.commit()
    }
    try write([])
    #expect(error()?.problem.contains("no checkpoint") == true)
    try write([("format", .string("collabdict-scores"))])
    #expect(error()?.problem.contains("collabdict-scores") == true)
    let format = ("format", HDF5Attribute.string("collabdict-checkpoint"))
    for version in [HDF5Attribute.integer(2), .integer(0), .string("1"), .number(1.5)] {
      try write([format, ("version", version), ("state", .string("finished"))])
      #expect(error()?.code == .wrongFormat)
      #expect(error()?.problem.contains("this program reads 1") == true)
    }
    try write([format])
    #expect(error()?.problem.contains("version none") == true)
    try write([format, ("version", .integer(1))])
    #expect(error() != nil)
  }

  @Test func truncatedAnywhere() throws {
    try Checkpoint.finished(.autoencoder(finished())).write(to: path)
    let whole = try bytes(of: path)
    for count in stride(from: 0, to: whole.count, by: max(1, whole.count / 23)) {
      try Data(whole[..<count]).write(to: URL(filePath: path))
      #expect(throws: StorageError.self) { _ = try Checkpoint(reading: path) }
    }
  }

  @Test func shapesThatContradictOneAnother() throws {
    let good = try finished()
    let changes: [(inout TrainedModel<AutoencoderModel>) -> Void] = [
      { $0.detector.theta.append(0) },
      { $0.detector.startTheta.removeLast() },
      { $0.detector.participants[1].local.phi.removeLast() },
      { $0.detector.participants[0].start.phi.append(1) },
      { $0.detector.participants[0].local.noise.removeLast() },
      { $0.detector.participants[0].baseline.append(1) },
      {
        $0.detector.participants[0].local.standardisation = Standardisation(mean: [0], scale: [1])
      },
      { $0.detector.collapse.divergencePerDimension.append(0) },
      { $0.detector.architecture.latent += 1 },
      { $0.configuration.hidden = [4] },
      { $0.configuration.window = 2 },
      { $0.detector.participants = [] },
      { $0.report.round = -3 },
      {
        $0.configuration.hidden = []
        $0.configuration.linearPath = false
      },
    ]
    for (index, change) in changes.enumerated() {
      var model = good
      change(&model)
      try Checkpoint.finished(.autoencoder(model)).write(to: path)
      let error = error()
      #expect(error?.place.file == path, "change \(index)")
    }
  }

  @Test func theOldFileStaysWhenTheNewOneCannotBeWritten() throws {
    let model = try finished()
    try Checkpoint.finished(.autoencoder(model)).write(to: path)
    let before = try bytes(of: path)
    var broken = model
    broken.detector.participants.append(broken.detector.participants[0])
    // Two participants of one name cannot be stored.
    #expect(throws: StorageError.self) {
      try Checkpoint.finished(.autoencoder(broken)).write(to: path)
    }
    #expect(try bytes(of: path) == before)
    #expect(try directory.contents == ["model.h5"])
  }
}
