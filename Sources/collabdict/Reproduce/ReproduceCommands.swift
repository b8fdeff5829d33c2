import CollaborativeLearning
import Experiments
import Foundation
import Settings
import Storage

/// `collabdict reproduce cleansing`: CollabDict 2018, Sec. V-B, on public data.
enum ReproduceCleansingCommand: Command {
  static let name = "reproduce cleansing"
  static let summary = "find outliers among training rows (CollabDict 2018, Sec. V-B)"
  static let synopsis = Reproduction.synopsis
  static let options = Reproduction.options

  static func run(_ arguments: Arguments) throws { try Reproduction.run(.cleansing, arguments) }
}

/// `collabdict reproduce detection`: CollabDict 2018, Sec. V-C, on public data.
enum ReproduceDetectionCommand: Command {
  static let name = "reproduce detection"
  static let summary = "pinpoint faulty variables (CollabDict 2018, Sec. V-C)"
  static let synopsis = Reproduction.synopsis
  static let options = Reproduction.options

  static func run(_ arguments: Arguments) throws { try Reproduction.run(.detection, arguments) }
}

/// What the experiments' commands share.
enum Reproduction {
  static let synopsis = "[--data FOLDER] [-o FOLDER] [--json] …"
  static let options = [
    OptionSpecification(
      "data", "FOLDER", "where the public data sets are [$COLLABDICT_DATA]"),
    OptionSpecification("output", "FOLDER", "write CSV, JSON, SVG, PNG and Graphviz files there"),
    OptionSpecification(
      "sets", "NAMES",
      "only these of \(PublicFleet.allCases.map(\.rawValue).joined(separator: ", "))"),
    OptionSpecification("seeds", "NUMBER", "repetitions [5]"),
    OptionSpecification("threads", "NUMBER", "repetitions at the same time [one a processor]"),
    SharedOptions.json,
  ]

  static func run(_ experiment: Experiment, _ arguments: Arguments) throws {
    _ = try arguments.exactly(0, "no other words")
    let seeds = try arguments.integer("seeds", 1...1000) ?? 5
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let threads = try arguments.integer("threads", 1...1024) ?? processors
    let sets = try (arguments.list("sets") ?? PublicFleet.allCases.map(\.rawValue)).map(fleet)
    guard let data = arguments["data"] ?? ProcessInfo.processInfo.environment["COLLABDICT_DATA"]
    else {
      throw UsageError(
        "say where the public data sets are with --data FOLDER, or in COLLABDICT_DATA "
          + "(datasets/README.md tells how to get them)")
    }
    let output = arguments["output"]
    if let output { try makeFolder(output) }
    let report = try experiment.run(
      sets, from: data, seeds: (1...UInt64(seeds)).map { $0 }, threads: threads
    ) { outcome in
      Console.note("\(outcome.fleet), seed \(outcome.seed): \(outcome.choices)")
    }
    let files = try output.map { try report.write(into: $0) } ?? []
    if arguments.has("json") {
      Console.print(String(decoding: try report.json(), as: UTF8.self))
      return
    }
    Console.table(report.table.header, report.table.rows)
    Console.print()
    for measure in report.measures { Console.print("\(measure.title): \(measure.explanation)") }
    Console.print(
      "mean ± standard deviation over \(seeds) seed\(seeds == 1 ? "" : "s"); the figures of "
        + "\(FleetReport.source), are of its own data and for orientation only")
    if let output { Console.print("\n\(files.count) files in \(output)") }
  }

  private static func fleet(_ name: String) throws -> PublicFleet {
    if let fleet = PublicFleet(rawValue: name) { return fleet }
    let names = PublicFleet.allCases.map(\.rawValue)
    throw UsageError(
      "--sets cannot be \(name); "
        + (NearestName.of(name, among: names).map { "did you mean \($0)?" }
          ?? "it is of \(names.joined(separator: ", "))"))
  }

  /// Removes another run's chain, with what SQLite keeps beside it.
  static func removeChain(_ path: String) {
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: path + suffix)
    }
  }

  /// Writes a JSON file of one line, whole or not at all.
  static func write(_ json: JSON, to path: String) throws {
    try AtomicFile.write(Array((try json.text + "\n").utf8), to: path)
  }

  static func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError(
        path: path,
        cause: ConfigurationError("no folder can be made there; name another with -o FOLDER"))
    }
  }
}
