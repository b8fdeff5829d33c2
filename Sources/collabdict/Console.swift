import Foundation
import Synchronization

/// What people read: tables on standard output, everything else on standard error.
enum Console {
  private static let failed = Atomic(false)

  /// Whether something could not be written to standard output.
  static var outputFailed: Bool { failed.load(ordering: .relaxed) }

  /// A line on standard output, at once: whoever reads the other end of a pipe need not wait.
  static func print(_ line: String = "") {
    if outputFailed { return }
    do {
      try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    } catch {
      failed.store(true, ordering: .relaxed)
    }
  }

  /// A line on standard error. Nobody need listen.
  static func note(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
  }

  /// An error in one line, on standard error.
  static func error(_ error: any Error) { note(oneLine("collabdict: \(error)")) }

  /// A text without line breaks, wherever it got them from.
  static func oneLine(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }

  /// Whether somebody watches standard error.
  static let isWatched = isatty(STDERR_FILENO) == 1

  /// Replaces the last line on a watched standard error.
  static func progress(_ line: String) {
    guard isWatched else { return }
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K\(line)".utf8))
  }

  /// Removes the progress line.
  static func endProgress() {
    guard isWatched else { return }
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K".utf8))
  }

  /// A table with right-aligned numbers: the first column is text.
  static func table(_ header: [String], _ rows: [[String]]) {
    let widths = header.indices.map { column in
      rows.reduce(header[column].count) { max($0, $1[column].count) }
    }
    func line(_ cells: [String]) -> String {
      cells.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : padding + cell
      }.joined(separator: "  ")
    }
    print(line(header))
    print(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "))
    for row in rows { print(line(row)) }
  }

  /// A number with three decimals, or a dash.
  static func number(_ value: Double?, _ decimals: Int = 3) -> String {
    guard let value, !value.isNaN else { return "-" }
    if value.isInfinite { return value > 0 ? "inf" : "-inf" }
    return String(format: "%.\(decimals)f", value)
  }

  /// A share as a percentage, or a dash.
  static func percent(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "-" }
    return String(format: "%.1f %%", 100 * value)
  }

  /// A span of time for people.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}

/// A JSON value. Numbers that JSON has no word for become null.
enum JSON {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double?)
  case text(String)
  case list([JSON])
  case object([(String, JSON)])

  private var foundation: Any {
    switch self {
    case .null: NSNull()
    case .bool(let value): value
    case .integer(let value): value
    case .number(let value): value.flatMap { $0.isFinite ? $0 as Any : nil } ?? NSNull()
    case .text(let value): value
    case .list(let values): values.map(\.foundation)
    case .object(let members):
      Dictionary(members.map { ($0.0, $0.1.foundation) }, uniquingKeysWith: { $1 })
    }
  }

  /// The value as it is written, without a line break at its end.
  var text: String {
    get throws {
      let data = try JSONSerialization.data(
        withJSONObject: foundation,
        options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
      return String(decoding: data, as: UTF8.self)
    }
  }

  /// The value in one line, for output that goes on.
  var line: String {
    get throws {
      let data = try JSONSerialization.data(
        withJSONObject: foundation, options: [.sortedKeys, .withoutEscapingSlashes])
      return String(decoding: data, as: UTF8.self)
    }
  }

  /// Prints the value on standard output.
  func print() throws { Console.print(try text) }
}
