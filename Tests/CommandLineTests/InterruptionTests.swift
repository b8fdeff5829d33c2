import Foundation
import Storage
import Testing

@Suite(.timeLimit(.minutes(10))) struct InterruptionTests {
  /// Far more rounds than there are before a signal, however late it comes.
  static let run = ["--rounds", "1000", "--patience", "100000"]
  /// A checkpoint after each round, which takes most of its time.
  static let everyRound = ["--checkpoint-every", "0"]

  private func start(_ workshop: Workshop, _ arguments: [String]) throws -> Program.Running {
    try Program.start(
      ["train", "fleet.h5", "-o", "model.h5"] + arguments, in: workshop.directory.path)
  }

  /// Killed at any moment and resumed, a run ends in the same bytes as an undisturbed one.
  @Test func killedAndResumed() async throws {
    let workshop = try Workshop()
    try await workshop.train(Self.run, output: "undisturbed.h5")
    let checkpoint = workshop.directory("model.h5.checkpoint")
    var running = try start(workshop, Workshop.small + Self.run + Self.everyRound)
    var kills = 0
    for wait: UInt32 in [1, 2, 3, 5, 8, 13] {
      // Not at the end of a round: at whatever moment this is.
      await running.send(SIGKILL, afterChanges: 1, of: checkpoint, delay: 5 * wait)
      let outcome = try await running.outcome()
      if outcome.wasKilled { kills += 1 }
      guard FileManager.default.fileExists(atPath: checkpoint) else { break }
      running = try start(workshop, ["--resume"] + (wait == 13 ? [] : Self.everyRound))
    }
    let last = try await running.outcome()
    #expect(last.status == 0 || last.wasKilled, "\(last.errors)")
    #expect(kills >= 1)
    #expect(try workshop.theta(of: "model.h5") == workshop.theta(of: "undisturbed.h5"))
    #expect(!FileManager.default.fileExists(atPath: checkpoint))
  }

  /// Ctrl-C writes a checkpoint and says how to resume.
  @Test(arguments: [SIGINT, SIGTERM])
  func stoppedByTheUser(signal: Int32) async throws {
    let workshop = try Workshop()
    try await workshop.train(Self.run, output: "undisturbed.h5")
    let running = try start(workshop, Workshop.small + Self.run + Self.everyRound)
    await running.send(signal, afterChanges: 4, of: workshop.directory("model.h5.checkpoint"))
    let stopped = try await running.outcome()
    #expect(stopped.status == 1 && !stopped.wasKilled)
    #expect(stopped.output.isEmpty)
    #expect(
      stopped.errors.contains("collabdict train fleet.h5 -o model.h5 --resume"),
      "\(stopped.errors)")
    #expect(
      try workshop.directory.contents.keys.sorted()
        == ["fleet.h5", "model.h5.checkpoint", "undisturbed.h5"])

    let seen = try await workshop.run("inspect", "model.h5.checkpoint", "--json")
    #expect(seen.status == 0 && seen.output.contains("running"))
    let resumed = try await workshop.run("train", "fleet.h5", "-o", "model.h5", "--resume")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try workshop.theta(of: "model.h5") == workshop.theta(of: "undisturbed.h5"))
    #expect(
      try workshop.directory.contents.keys.sorted() == ["fleet.h5", "model.h5", "undisturbed.h5"])

    // Over is over, and says so.
    let again = try await workshop.run(
      "train", "fleet.h5", "-o", "model.h5", "--resume", "--json")
    #expect(again.status == 0)
    #expect(
      try JSONSerialization.jsonObject(with: Data(again.output.utf8)) is [String: Any])
  }

  /// Whenever a signal comes, also while the program starts, the program ends: by the signal, or as
  /// soon as it can say how to go on. None is lost.
  @Test func stoppedAtAnyMoment() async throws {
    let workshop = try Workshop()
    for delay in 0..<24 {
      let running = try start(
        workshop, Workshop.small + ["--rounds", "100000000", "--patience", "1000000"])
      try await Task.sleep(for: .milliseconds(10 * delay))
      kill(running.processIdentifier, SIGTERM)
      let outcome = try await running.outcome()
      #expect(outcome.wasKilled || outcome.status == 1, "\(outcome.errors)")
    }
  }

  /// What the hint says works in a shell, with the options that say where the data stand.
  @Test func theHintWorksAsItStands() async throws {
    let workshop = try Workshop()
    let writer = try HDF5Writer(replacing: workshop.directory("my plant.h5"))
    let rows = try HDF5File(reading: workshop.directory("fleet.h5"))
      .read("/machine-1/train", as: Float.self)
    try writer.write(rows, shape: [120, 4], to: "/data/it's/normal rows")
    try writer.commit()
    let running = try Program.start(
      ["train", "my plant.h5", "-o", "model.h5", "--train", "/data/{participant}/normal rows"]
        + Workshop.small + Self.run + Self.everyRound, in: workshop.directory.path)
    await running.send(SIGINT, afterChanges: 2, of: workshop.directory("model.h5.checkpoint"))
    let stopped = try await running.outcome()
    let hint = try #require(stopped.errors.firstRange(of: "go on with: collabdict "))
    let command = stopped.errors[hint.upperBound...].prefix { !$0.isNewline }
    let resumed = try await Program.shell("\"$PROGRAM\" \(command)", in: workshop.directory.path)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(FileManager.default.fileExists(atPath: workshop.directory("model.h5")))
  }

  /// A checkpoint of a former run is not gone on with by a later one.
  @Test func aNewRunReplacesAnOldCheckpoint() async throws {
    let workshop = try Workshop()
    try Data("old".utf8).write(
      to: URL(fileURLWithPath: workshop.directory("model.h5.checkpoint")))
    try await workshop.train(["--rounds", "3"])
    #expect(try workshop.directory.contents.keys.sorted() == ["fleet.h5", "model.h5"])
  }
}
