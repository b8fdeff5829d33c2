import Foundation
import Storage

/// The record of finished runs: a CSV file that grows by a run at a time, so that a stopped
/// experiment goes on where it was.
public struct CalibrationRecord: Sendable {
  /// `nil` for one in memory only.
  public let path: String?
  private var keys: [String] = []
  private var curves: [String: CalibrationCurve] = [:]

  private static let columns = [
    "iteration", "accuracy", "honest", "bogus", "valid_honest", "valid_bogus", "searched",
    "seconds",
  ]

  /// A record in memory.
  public init() { path = nil }

  /// Goes on with the record at a path, or begins one there.
  ///
  /// - Throws: `StorageError` for a file that is no such record.
  public init(path: String) throws(StorageError) {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else { return }
    let table = try CSVTable(path: path, options: CSVOptions(separator: ",", textColumns: ["run"]))
    guard let runs = table.texts["run"], table.columns == Self.columns else {
      throw StorageError(
        .wrongFormat, "this is not a record of finished runs", at: .init(file: path),
        remedy: "remove it, or name another folder")
    }
    var measurements: [String: [CalibrationCurve.Measurement]] = [:]
    for (row, run) in runs.enumerated() {
      let values = Array(table[row: row])
      guard values.allSatisfy({ $0.isFinite && $0 >= 0 && $0 < 1e15 }) else {
        throw StorageError(
          .malformed, "a number is missing or negative", at: .init(file: path, line: row + 2),
          remedy: "remove the lines of this run; it is run again")
      }
      var measurement = CalibrationCurve.Measurement(
        iteration: Int(values[0]), accuracy: values[1])
      measurement.messages.honest = Int(values[2])
      measurement.messages.bogus = Int(values[3])
      measurement.messages.validHonest = Int(values[4])
      measurement.messages.validBogus = Int(values[5])
      measurement.messages.searched = Int(values[6])
      measurement.seconds = values[7]
      if measurements[run] == nil { keys.append(run) }
      measurements[run, default: []].append(measurement)
    }
    curves = measurements.mapValues { CalibrationCurve($0) }
  }

  private static let imagesKey = "images "

  /// Binds the record to the images of its runs: what others gave is not taken for theirs.
  ///
  /// - Parameter fingerprint: of all images, training and test.
  /// - Throws: `StorageError` if its runs are of other images, or do not say of which.
  public mutating func belong(toImages fingerprint: String) throws(StorageError) {
    let key = Self.imagesKey + fingerprint
    if curves[key] != nil { return }
    guard keys.isEmpty else {
      throw StorageError(
        .wrongFormat, "its finished runs are of other images, or do not say of which",
        at: .init(file: path ?? "record"),
        remedy: "name another folder, or remove it to run them all again")
    }
    // A line like all others, so that the file stays one table.
    try enter(CalibrationCurve([.init(iteration: 0, accuracy: 0)]), for: key)
  }

  public subscript(key: String) -> CalibrationCurve? { curves[key] }

  /// What a cell came to, if it has run.
  public subscript(cell: CalibrationCell) -> CalibrationCurve? { curves[cell.key] }

  /// Enters a finished run; the file appears anew, whole or not at all.
  mutating func enter(_ curve: CalibrationCurve, for key: String) throws(StorageError) {
    if curves.updateValue(curve, forKey: key) == nil { keys.append(key) }
    guard let path else { return }
    var writer = try CSVWriter(replacing: path, textColumns: ["run"], columns: Self.columns)
    for key in keys {
      for point in curves[key]?.measurements ?? [] {
        let messages = point.messages
        try writer.append(
          texts: [key],
          [
            Double(point.iteration), point.accuracy, Double(messages.honest),
            Double(messages.bogus), Double(messages.validHonest), Double(messages.validBogus),
            Double(messages.searched), point.seconds,
          ])
      }
    }
    try writer.commit()
  }
}
