import AnomalyDetection
import CollaborativeLearning
import Datasets
import Foundation
import Settings
import Storage

/// `collabdict score`: a score, its parts and an alarm for each row.
enum ScoreCommand: Command {
  static let name = "score"
  static let summary = "score rows: a score, a part a variable, an alarm"
  static let synopsis =
    "MODEL.h5 DATA.h5 -o SCORES.h5 [--csv] [--as NAME] | MODEL.h5 --stream --as NAME"
  static let options =
    [
      SharedOptions.output,
      OptionSpecification("csv", nil, "write CSV instead of HDF5"),
      OptionSpecification("as", "NAME", "score every group with this participant's model"),
      OptionSpecification(
        "stream", nil, "read CSV rows from standard input, write scores as they come"),
      OptionSpecification(
        "threshold", "SCORE", "alarm above this instead of the model's threshold"),
      OptionSpecification("false-alarm-rate", "SHARE", "set thresholds anew for this rate"),
      OptionSpecification("threshold-rule", "RULE", "conformal or peaks-over-threshold"),
      SharedOptions.json,
    ] + SharedOptions.layout

  static func run(_ arguments: Arguments) throws {
    if arguments.has("stream") {
      let path = try arguments.exactly(1, "the model, with --stream")[0]
      if let option = ["json", "csv", "output"].first(where: arguments.has) {
        throw UsageError("--stream writes CSV to standard output; leave out --\(option)")
      }
      try stream(try ModelArguments.model(path, arguments), path, arguments)
      return
    }
    let paths = try arguments.exactly(2, "a model and a data file")
    let output = try arguments.output()
    try AtomicFile.refuseOverwriting(output: output, inputs: paths)
    let model = try ModelArguments.model(paths[0], arguments)
    let fleet = try SensorFleet(readingHDF5: paths[1], layout: try SharedOptions.layout(arguments))
    let jobs = try ModelArguments.jobs(model, fleet, paths, arguments)
    let summaries =
      arguments.has("csv")
      ? try ScoreFile.writeCSV(model, fleet, jobs, to: output)
      : try ScoreFile.writeHDF5(model, fleet, jobs, to: output)
    if arguments.has("json") {
      try JSON.object([
        ("file", .text(output)),
        (
          "participants",
          .object(
            summaries.map { summary in
              (
                summary.name,
                .object([
                  ("rows", .integer(summary.rows)), ("alarms", .integer(summary.alarms)),
                  ("threshold", .number(summary.threshold)),
                ])
              )
            })
        ),
      ]).print()
    } else {
      Console.table(
        ["participant", "rows", "alarms", "threshold", "first alarm", "mostly by"],
        summaries.map {
          [
            $0.name, "\($0.rows)", "\($0.alarms)", Console.number($0.threshold),
            $0.firstAlarm.map(String.init) ?? "-", $0.mainVariable ?? "-",
          ]
        })
      Console.print("\nwritten to \(output)")
    }
  }

  /// Scores rows of standard input one by one: `row,score,alarm,variable`.
  private static func stream(
    _ model: some DetectorModel, _ path: String, _ arguments: Arguments
  ) throws {
    guard let name = arguments["as"] ?? (model.names.count == 1 ? model.names[0] : nil) else {
      throw UsageError(
        "say whose model scores the rows with --as NAME: " + model.names.joined(separator: ", "))
    }
    let index = try ModelArguments.participant(name, model, path)
    let participant = model.participants[index]
    let threshold =
      try arguments.number("threshold", -1e300...1e300) ?? model.threshold(for: participant)
    var scorer = model.scorer(at: index)
    var reader = try CSVReader(readingStandardInput: CSVOptions())
    guard reader.columns.count == model.variables else {
      throw FileError(
        path: "standard input",
        cause: ConfigurationError(
          "\(reader.columns.count) columns; the model has \(model.variables) variables"))
    }
    Console.print("row,score,alarm,variable")
    var row = CSVRow()
    var number = 0
    while try reader.next(&row) {
      let scored = scorer.score(row.numbers.map { Float($0) }, count: 1)
      let alarm = scored.scores[0] > threshold
      let main = ScoreFile.mainVariable(scored.evidence(0), participant.baseline)
      Console.print(
        "\(number),\(scored.scores[0]),\(alarm ? 1 : 0),"
          + (alarm ? field(model.variableName(main)) : ""))
      if Console.outputFailed { return }
      number += 1
    }
  }

  /// A text as a field of a CSV line.
  private static func field(_ text: String) -> String {
    text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
      ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}

/// What `score` and `evaluate` share: a model, changed by options, and whose model scores what.
enum ModelArguments {
  /// A participant of the data with the participant of the model that scores it.
  struct Job {
    let data: ParticipantData
    /// Its number in the model, its name there, and what its evidence usually is.
    let index: Int
    let name: String
    let baseline: [Double]
    let threshold: Double
  }

  static func finished(_ path: String) throws -> FinishedRun {
    guard case .finished(let run) = try Checkpoint(reading: path) else {
      throw FileError(
        path: path,
        cause: ConfigurationError("the run is not finished; go on with collabdict train --resume"))
    }
    return run
  }

  static func model(_ path: String, _ arguments: Arguments) throws -> any DetectorModel {
    let run = try finished(path)
    var configuration = run.configuration
    for name in ["false-alarm-rate", "threshold-rule"] {
      guard let value = arguments[name] else { continue }
      do {
        try configuration.set(name, to: value)
      } catch {
        throw UsageError("--\(error.description)")
      }
    }
    var model = run.detector
    model.scoring = configuration.scoring
    return model
  }

  /// The number of a participant of the model.
  static func participant(
    _ name: String, _ model: some DetectorModel, _ path: String
  ) throws -> Int {
    let names = model.names
    guard let found = names.firstIndex(of: name) else {
      let nearest = NearestName.of(name, among: names)
      throw FileError(
        path: path,
        cause: ConfigurationError(
          "the model has no participant \(name); "
            + (nearest.map { "did you mean \($0)?" }
              ?? "it has \(names.prefix(8).joined(separator: ", "))")))
    }
    return found
  }

  static func jobs(
    _ model: some DetectorModel, _ fleet: SensorFleet, _ paths: [String], _ arguments: Arguments
  ) throws -> [Job] {
    let given = try arguments.number("threshold", -1e300...1e300)
    var jobs: [Job] = []
    for data in fleet.participants {
      guard let test = data.test else { continue }
      guard test.columnCount == model.variables else {
        throw FileError(
          path: paths[1],
          cause: ConfigurationError(
            "\(data.name) has \(test.columnCount) variables; the model has \(model.variables)"))
      }
      let index = try participant(arguments["as"] ?? data.name, model, paths[0])
      let detector = model.participants[index]
      jobs.append(
        Job(
          data: data, index: index, name: detector.name, baseline: detector.baseline,
          threshold: given ?? model.threshold(for: detector)))
    }
    guard !jobs.isEmpty else {
      throw FileError(path: paths[1], cause: ConfigurationError("no test rows to score"))
    }
    return jobs
  }
}
