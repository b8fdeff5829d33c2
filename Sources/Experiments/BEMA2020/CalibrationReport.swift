import Foundation
import Storage

/// What a group of runs came to: a table for people, a sheet with a line for each run, and charts.
/// Runs that are not in the record yet are left out.
public protocol CalibrationReport: Sendable {
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

/// One line for each run, for CSV and JSON.
public struct ReportSheet: Sendable {
  public struct Line: Sendable {
    public var texts: [String]
    /// NaN where there is none.
    public var numbers: [Double]
    public var curve: CalibrationCurve?

    init(_ texts: [String], _ numbers: [Double], _ curve: CalibrationCurve? = nil) {
      self.texts = texts
      self.numbers = numbers
      self.curve = curve
    }
  }

  public let textColumns: [String]
  public let columns: [String]
  public var lines: [Line] = []

  /// Columns of every run of parties, behind those of its own.
  static let runColumns = [
    "before", "after", "honest", "valid_honest", "bogus", "valid_bogus", "seconds",
  ]

  static func runNumbers(_ curve: CalibrationCurve) -> [Double] {
    let messages = curve.last.messages
    return [
      curve.before, curve.after, Double(messages.honest), Double(messages.validHonest),
      Double(messages.bogus), Double(messages.validBogus), curve.last.seconds,
    ]
  }

  init(texts: [String], columns: [String]) {
    textColumns = texts
    self.columns = columns
  }

  /// Writes the sheet as CSV.
  public func write(to path: String) throws(StorageError) {
    var writer = try CSVWriter(replacing: path, textColumns: textColumns, columns: columns)
    for line in lines { try writer.append(texts: line.texts, line.numbers) }
    try writer.commit()
  }
}

extension CalibrationReport {
  /// Writes CSV, JSON, and each chart as SVG and PNG into a folder.
  ///
  /// - Returns: the paths of the files.
  /// - Throws: `StorageError` or ``PlotError``.
  public func write(into folder: String) throws -> [String] {
    let base = "\(folder)/\(name)"
    try sheet.write(to: base + ".csv")
    let bytes = try json()
    var file = try AtomicFile(replacing: base + ".json")
    try file.write(bytes.span)
    try file.commit()
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

/// How values of several seeds are shown.
enum ReportNumber {
  /// The mean, with the standard deviation if there is more than one; a dash of none.
  static func text(_ values: [Double], decimals: Int = 4) -> String {
    guard !values.isEmpty else { return "-" }
    let mean = String(format: "%.\(decimals)f", values.mean)
    if values.count == 1 { return mean }
    return mean + " ± " + String(format: "%.\(decimals)f", values.deviation)
  }

  static func percent(_ share: Double) -> String {
    let text = String(format: "%.1f", 100 * share)
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + " %"
  }
}

extension LineChart.Series {
  /// Accuracy over the iterations: the mean of several seeds, with a band of their standard
  /// deviation; of the iterations at which all were measured.
  static func accuracy(_ name: String, _ curves: [CalibrationCurve]) -> LineChart.Series? {
    guard let first = curves.first else { return nil }
    let places = first.measurements.map(\.iteration).compactMap {
      iteration -> (Int, [Double])? in
      let values = curves.compactMap { $0.accuracy(after: iteration) }
      return values.count == curves.count ? (iteration, values) : nil
    }
    return LineChart.Series(
      name, places.map { Point(Double($0.0), $0.1.mean) },
      lower: curves.count < 2 ? [] : places.map { $0.1.mean - $0.1.deviation },
      upper: curves.count < 2 ? [] : places.map { $0.1.mean + $0.1.deviation }, hasMarkers: true)
  }
}
