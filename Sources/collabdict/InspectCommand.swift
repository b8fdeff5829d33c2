import CollaborativeLearning
import Datasets
import Storage

/// `collabdict inspect`: what a sensor file or a model holds.
enum InspectCommand: Command {
  static let name = "inspect"
  static let summary = "show what a sensor file or a model holds"
  static let synopsis = "FILE.h5 [--json] … | MIXTURE.h5 --graph FILE.svg|.png|.dot"
  static let options =
    [
      OptionSpecification(
        "graph", "FILE", "draw the dependencies of a mixture's pattern: .svg, .png or .dot"),
      OptionSpecification("pattern", "K", "which pattern to draw [1]"),
      OptionSpecification("least", "R", "leave out partial correlations below [0.1]"),
      SharedOptions.json,
    ] + SharedOptions.layout

  static func run(_ arguments: Arguments) throws {
    let path = try arguments.exactly(1, "one file")[0]
    // Sensor files of other programs may have an attribute of that name, too.
    if case .string(let format)? = try HDF5File(reading: path).attribute("format"),
      format.hasPrefix("collabdict-")
    {
      try ModelInspection.run(path, arguments)
      return
    }
    if arguments.has("graph") {
      throw FileError(
        path: path, cause: ConfigurationError("a sensor file has no graph; name a mixture"))
    }
    let fleet = try SensorFleet(readingHDF5: path, layout: try SharedOptions.layout(arguments))
    var parts: [Part] = []
    for participant in fleet.participants {
      for (kind, rows) in [("train", participant.train), ("test", participant.test)] {
        guard let rows else { continue }
        parts.append(
          Part(
            participant: participant.name, kind: kind, summary: try DataSummary(rows),
            labels: kind == "test" ? participant.testLabels : nil))
      }
    }
    if arguments.has("json") {
      try json(fleet, parts).print()
    } else {
      show(path, fleet, parts)
    }
  }

  private struct Part {
    let participant: String
    let kind: String
    let summary: DataSummary
    let labels: [Bool]?
  }

  private static func show(_ path: String, _ fleet: SensorFleet, _ parts: [Part]) {
    Console.print(path + (fleet.title.map { ": \($0)" } ?? ""))
    Console.table(
      ["participant", "part", "rows", "variables", "missing", "infinite", "constant", "anomalous"],
      parts.map { part in
        [
          part.participant, part.kind, "\(part.summary.rowCount)",
          "\(part.summary.columns.count)", "\(part.summary.missing)", "\(part.summary.infinite)",
          "\(part.summary.constantColumns.count)",
          part.labels.map { labels in
            Console.percent(Double(labels.count { $0 }) / Double(max(1, labels.count)))
          } ?? "-",
        ]
      })
    variables(fleet, parts)
    for line in findings(fleet, parts) { Console.print(line) }
    let trains = parts.filter { $0.kind == "train" }
    let defaults = TrainingConfiguration()
    Console.print()
    Console.print(
      trains.isEmpty
        ? "train: nothing to learn from in this file"
        : "train: \(trains.count) participants, windows of \(defaults.window) rows, up to "
          + "\(defaults.rounds) rounds of \(defaults.batchSize) rows each; constant and duplicate "
          + "columns stay in the model, missing values take no part in the likelihood")
  }

  private static func variables(_ fleet: SensorFleet, _ parts: [Part]) {
    guard let first = parts.first(where: { $0.kind == "train" }) ?? parts.first else { return }
    Console.print()
    Console.print("variables of \(first.participant), \(first.kind):")
    Console.table(
      ["variable", "unit", "mean", "deviation", "minimum", "maximum"],
      first.summary.columns.enumerated().map { index, column in
        [
          fleet.variableName(index), fleet.units.map { index < $0.count ? $0[index] : "" } ?? "",
          Console.number(column.count == 0 ? nil : column.mean),
          Console.number(column.standardDeviation),
          Console.number(column.count == 0 ? nil : column.minimum),
          Console.number(column.count == 0 ? nil : column.maximum),
        ]
      })
  }

  /// What somebody should know before training, in words.
  private static func findings(_ fleet: SensorFleet, _ parts: [Part]) -> [String] {
    var lines: [String] = []
    for part in parts {
      let place = "\(part.participant), \(part.kind)"
      func names(_ columns: [Int]) -> String {
        columns.map(fleet.variableName).joined(separator: ", ")
      }
      if !part.summary.constantColumns.isEmpty {
        lines.append("\(place): constant: \(names(part.summary.constantColumns))")
      }
      if !part.summary.emptyColumns.isEmpty {
        lines.append("\(place): without any value: \(names(part.summary.emptyColumns))")
      }
      for (column, twin) in part.summary.duplicates {
        lines.append(
          "\(place): \(fleet.variableName(column)) repeats \(fleet.variableName(twin))")
      }
      for (index, column) in part.summary.columns.enumerated() where column.infinite > 0 {
        lines.append("\(place): \(fleet.variableName(index)): \(column.infinite) infinite values")
      }
    }
    return lines
  }

  private static func json(_ fleet: SensorFleet, _ parts: [Part]) -> JSON {
    .object([
      ("title", fleet.title.map { .text($0) } ?? .null),
      ("variables", .list((fleet.variables ?? []).map { .text($0) })),
      (
        "parts",
        .list(
          parts.map { part in
            .object([
              ("participant", .text(part.participant)), ("part", .text(part.kind)),
              ("rows", .integer(part.summary.rowCount)),
              ("missing", .integer(part.summary.missing)),
              ("infinite", .integer(part.summary.infinite)),
              ("constant", .list(part.summary.constantColumns.map { .integer($0 + 1) })),
              ("duplicates", .list(part.summary.duplicates.map { .integer($0.column + 1) })),
              (
                "anomalous",
                part.labels.map { labels in .integer(labels.count { $0 }) } ?? .null
              ),
              (
                "columns",
                .list(
                  part.summary.columns.map { column in
                    .object([
                      ("mean", .number(column.mean)),
                      ("deviation", .number(column.standardDeviation)),
                      ("minimum", .number(column.minimum)), ("maximum", .number(column.maximum)),
                      ("missing", .integer(column.missing)),
                    ])
                  })
              ),
            ])
          })
      ),
      ("findings", .list(findings(fleet, parts).map { .text($0) })),
    ])
  }
}
