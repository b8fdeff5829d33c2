import Foundation
import Storage

/// What a group of runs came to: a table for people, a sheet with a line for each run, and charts.
/// Runs that have not been made yet are left out.
public protocol ExperimentReport: Sendable {
  /// The stem of all files.
  var name: String { get }
  /// Means over the seeds, and what was published.
  var table: (header: [String], rows: [[String]]) { get }
  /// What is said below the table.
  var remarks: [String] { get }
  var sheet: ReportSheet { get }
  /// By the end of their files' names.
  var charts: [(name: String, chart: any Drawing)] { get }
}

extension ExperimentReport {
  /// Writes CSV, JSON, and each chart as SVG and PNG into a folder.
  ///
  /// - Returns: the paths of the files.
  /// - Throws: `StorageError` or ``PlotError``.
  public func write(into folder: String) throws -> [String] {
    let base = "\(folder)/\(name)"
    try sheet.write(to: base + ".csv")
    try AtomicFile.write(try json(), to: base + ".json")
    var paths = [base + ".csv", base + ".json"]
    for (name, chart) in charts { paths += try chart.write(to: "\(base)-\(name)") }
    return paths
  }

  /// The table, the remarks and every run with its curve, as one JSON object.
  public func json() throws -> [UInt8] {
    let sheet = sheet
    let runs = sheet.lines.map { line in
      ReportDocument.Run(
        texts: Dictionary(uniqueKeysWithValues: zip(sheet.textColumns, line.texts)),
        numbers: Dictionary(uniqueKeysWithValues: zip(sheet.columns, line.numbers)).filter {
          $0.value.isFinite
        },
        curve: line.curve?.measurements.map {
          ReportDocument.Place(
            iteration: $0.iteration, accuracy: $0.accuracy, validHonest: $0.messages.validHonest,
            validBogus: $0.messages.validBogus)
        })
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let document = ReportDocument(
      experiment: name, header: table.header, table: table.rows, remarks: remarks, runs: runs)
    return Array(try encoder.encode(document))
  }
}

private struct ReportDocument: Encodable {
  struct Place: Encodable {
    let iteration: Int
    let accuracy: Double
    let validHonest: Int
    let validBogus: Int
  }

  struct Run: Encodable {
    let texts: [String: String]
    let numbers: [String: Double]
    let curve: [Place]?
  }

  let experiment: String
  let header: [String]
  let table: [[String]]
  let remarks: [String]
  let runs: [Run]
}
