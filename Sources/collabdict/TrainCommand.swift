import CollaborativeLearning
import Consensus
import Datasets
import Foundation
import Storage
import Transport

/// `collabdict train`: all participants of a file on this machine.
enum TrainCommand: Command {
  static let name = "train"
  static let summary = "learn together: a shared model, and what each participant keeps"
  static let synopsis = "FLEET.h5 -o MODEL.h5 [--config RUN.json] [--rounds N] [--resume] …"
  static let options =
    [
      SharedOptions.output,
      OptionSpecification("config", "FILE", "settings as a JSON object"),
      OptionSpecification("resume", nil, "go on where an interrupted run was"),
      OptionSpecification(
        "checkpoint-every", "SECONDS", "between two checkpoints of the run on its way [10]"),
      OptionSpecification(
        "threads", "N", "participants that run at the same time [all processors]"),
      OptionSpecification(
        "contributors", "RECORD.run",
        "repeat a network's run: sum whom the record of one of its nodes names, round by round"),
      SharedOptions.json,
    ] + SharedOptions.layout + SharedOptions.settings

  /// Seconds between two checkpoints of a run on its way, unless the user says otherwise.
  static let checkpointInterval = 10.0

  static func run(_ arguments: Arguments) throws {
    let path = try arguments.exactly(1, "one sensor file")[0]
    let output = try arguments.output()
    let threads =
      try arguments.integer("threads", 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
    let partial = output + ".checkpoint"
    for file in [output, partial] {
      try AtomicFile.refuseOverwriting(
        output: file, inputs: [path] + (arguments["config"].map { [$0] } ?? []))
    }
    let job = Job(
      path: path, output: output, partial: partial, threads: threads,
      contributorLog: try contributorLog(arguments), arguments: arguments)
    var configuration = try SharedOptions.configuration(arguments)
    var states: [ParticipantState]?
    var layout = try SharedOptions.layout(arguments)
    if arguments.has("resume") {
      guard let run = try resume(output, partial, arguments) else { return }
      configuration = run.configuration
      layout.participants = run.names
      states = run.states
    }
    let fleet = try SensorFleet(readingHDF5: path, layout: layout)
    // Before hours of training, not after them: can the output be written?
    for file in [output, partial] { _ = try AtomicFile(replacing: file) }
    let run = try configuration.modelClass.withParticipantType {
      try train($0, fleet, configuration, states, job)
    }
    for warning in run.warnings { Console.note("warning: \(warning)") }
    if arguments.has("json") {
      try ModelInspection.json(run).print()
    } else {
      ModelInspection.show(output, run)
    }
  }

  /// What the command line asked for.
  private struct Job {
    let path: String
    let output: String
    /// The checkpoint of the run on its way.
    let partial: String
    let threads: Int
    let contributorLog: [[Int]]?
    let arguments: Arguments
  }

  /// Trains a model of one class, and writes it.
  private static func train<Participant: FleetParticipant>(
    _ type: Participant.Type, _ fleet: SensorFleet, _ configuration: TrainingConfiguration,
    _ states: [ParticipantState]?, _ job: Job
  ) throws -> FinishedRun {
    let arguments = job.arguments
    let training: FleetTraining<Participant>
    do {
      training = try FleetTraining(fleet, configuration, threads: job.threads)
    } catch {
      throw FileError(path: job.path, cause: error)
    }
    if let log = job.contributorLog, let path = arguments["contributors"] {
      let highest = log.lazy.flatMap { $0 }.max() ?? 0
      guard highest < training.names.count else {
        throw FileError(
          path: path,
          cause: ConfigurationError(
            "member \(highest + 1) contributed; there are \(training.names.count) participants"))
      }
    }
    if let states {
      do {
        try training.restore(states)
      } catch {
        throw FileError(path: job.partial, cause: error)
      }
    }
    warn(about: fleet)
    let interval = try arguments.number("checkpoint-every", 0...1e9) ?? checkpointInterval
    let interrupt = Interrupt()
    var progress = Progress()
    // The first checkpoint comes with the first gradient: it takes the place of a former run's.
    var lastSave = Date.distantPast
    let isOver = try training.run(contributorLog: job.contributorLog) {
      progress.show(training.report)
      if interrupt.happened { return false }
      if training.report.round > 0, Date().timeIntervalSince(lastSave) > interval {
        try save(training, to: job.partial)
        lastSave = Date()
      }
      return true
    }
    Console.endProgress()
    if !isOver, !interrupt.happened, let path = arguments["contributors"] {
      throw FileError(
        path: path,
        cause: ConfigurationError("the record ends before the run; name another node's"))
    }
    guard isOver else {
      try save(training, to: job.partial)
      Console.note(
        "interrupted after \(training.report.round) rounds; go on with: "
          + resumption(job.path, job.output, arguments))
      throw Interrupted()
    }
    let run = try training.finishedRun()
    try Checkpoint.finished(run).write(to: job.output)
    try? FileManager.default.removeItem(atPath: job.partial)
    return run
  }

  /// Whose contributions a network summed in each round, as a node's record has it; the members are
  /// the file's participants, in the same order.
  private static func contributorLog(_ arguments: Arguments) throws -> [[Int]]? {
    guard let path = arguments["contributors"] else { return nil }
    if arguments.has("resume") {
      throw UsageError("--contributors repeats a run from its start; leave out --resume")
    }
    var log: [UInt32: [Int]] = [:]
    for case .decided(let certificate) in try RunRecord.entries(of: path) {
      // A round that began anew in a later epoch counts as it was decided last: it was summed over
      // the same contributors, or over nobody.
      guard let (round, contributors) = certificate.settled else { continue }
      log[round] = contributors.members
    }
    var rounds: [[Int]] = []
    while let members = log[UInt32(rounds.count)] { rounds.append(members) }
    guard !rounds.isEmpty, rounds.count == log.count else {
      throw FileError(
        path: path,
        cause: ConfigurationError(
          "the node was away in round \(rounds.count); name the record of one that was not"))
    }
    return rounds
  }

  /// The command that goes on with the run, fit for a shell.
  private static func resumption(
    _ path: String, _ output: String, _ arguments: Arguments
  ) -> String {
    var words = ["collabdict", "train", path, "-o", output, "--resume"]
    // Which participants take part stands in the checkpoint.
    for option in SharedOptions.layout where option.name != "participants" {
      if let value = arguments[option.name] { words += ["--\(option.name)", value] }
    }
    let plain = { (c: Character) in c.isLetter || c.isNumber || "-_./=:,+".contains(c) }
    return words.map { word in
      word.allSatisfy(plain) && !word.isEmpty
        ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }.joined(separator: " ")
  }

  private static func save(
    _ training: FleetTraining<some FleetParticipant>, to path: String
  ) throws {
    try Checkpoint.running(
      configuration: training.configuration, names: training.names, states: training.states
    ).write(to: path)
  }

  /// The run to go on with, or `nil` when it was over already.
  private static func resume(
    _ output: String, _ partial: String, _ arguments: Arguments
  ) throws -> (configuration: TrainingConfiguration, names: [String], states: [ParticipantState])? {
    let given = TrainingConfiguration.options.map(\.name).filter { arguments[$0] != nil }
    if let option = given.first ?? (arguments.has("config") ? "config" : nil) {
      throw UsageError("--resume goes on with the settings of the run; leave out --\(option)")
    }
    if FileManager.default.fileExists(atPath: partial) {
      guard
        case .running(let configuration, let names, let states) = try Checkpoint(
          reading: partial)
      else {
        throw FileError(path: partial, cause: ConfigurationError("not a run on its way"))
      }
      return (configuration, names, states)
    }
    guard FileManager.default.fileExists(atPath: output) else {
      throw UsageError("nothing to resume: there is neither \(partial) nor \(output)")
    }
    guard case .finished(let model) = try Checkpoint(reading: output) else { return nil }
    Console.note("\(output) is finished")
    if arguments.has("json") {
      try ModelInspection.json(model).print()
    } else {
      ModelInspection.show(output, model)
    }
    return nil
  }

  /// Names what is odd about the columns; training handles it.
  private static func warn(about fleet: SensorFleet) {
    for participant in fleet.participants {
      guard let rows = participant.train, let summary = try? DataSummary(rows) else { continue }
      let constant = summary.constantColumns.map(fleet.variableName)
      if !constant.isEmpty {
        Console.note("\(participant.name): constant in training: \(list(constant))")
      }
      let empty = summary.emptyColumns.map(fleet.variableName)
      if !empty.isEmpty { Console.note("\(participant.name): without any value: \(list(empty))") }
      let twins = summary.duplicates.map {
        "\(fleet.variableName($0.column)) = \(fleet.variableName($0.of))"
      }
      if !twins.isEmpty { Console.note("\(participant.name): duplicates: \(list(twins))") }
    }
  }

  private static func list(_ names: [String]) -> String {
    names.count <= 6
      ? names.joined(separator: ", ")
      : names.prefix(6).joined(separator: ", ") + " and \(names.count - 6) more"
  }
}

/// An error beside the file that it is about.
struct FileError: Error, CustomStringConvertible {
  let path: String
  let cause: any Error

  var description: String { "\(path): \(cause)" }
}

/// The user stopped the program; what it had is saved.
struct Interrupted: Error, CustomStringConvertible {
  var description: String { "stopped by the user" }
}

/// The line that shows how far a run is.
struct Progress {
  private var shown = Date.distantPast
  private var stage = ""
  private var start = Date()
  private var firstRound = 0

  mutating func show(_ report: TrainingReport) {
    if report.stage != stage {
      stage = report.stage
      start = Date()
      firstRound = report.round
    }
    guard Console.isWatched, Date().timeIntervalSince(shown) > 0.2 else { return }
    shown = Date()
    guard report.stage.hasPrefix("training") else {
      let figures =
        report.round == 0
        ? "" : ": round \(report.round), \(Console.number(report.loss)) nats a row"
      Console.progress(report.stage + figures + " …")
      return
    }
    let done = Double(report.round - firstRound)
    let left = Date().timeIntervalSince(start) / done * Double(report.rounds - report.round)
    Console.progress(
      "\(report.stage): round \(report.round)/\(report.rounds)  loss "
        + "\(Console.number(report.loss, 2))  KL \(Console.number(report.divergence, 2))  held out "
        + "\(Console.number(report.validation, 2)) (best \(Console.number(report.bestValidation, 2)) "
        + "at \(report.bestRound))  at most \(Console.duration(left)) left")
  }
}
