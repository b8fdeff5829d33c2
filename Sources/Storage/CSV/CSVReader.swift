/// One row of a CSV file.
public struct CSVRow: Hashable, Sendable {
  /// The values of the columns of numbers, in the order of the file; NaN where one is missing.
  public internal(set) var numbers: [Double] = []
  /// The values of the columns of text, in the order of the file.
  public internal(set) var texts: [String] = []
  /// The line of the file on which the row begins, counted from 1.
  public internal(set) var line = 0

  /// An empty row, to be filled by ``CSVReader/next(_:)``.
  public init() {}
}

/// Reads the rows of a CSV file one by one, in the memory of one row.
///
/// ```swift
/// var reader = try CSVReader(path: "press.csv", options: CSVOptions(textColumns: ["time"]))
/// var row = CSVRow()
/// while try reader.next(&row) { sum += row.numbers[0] }
/// ```
public struct CSVReader: ~Copyable {
  /// The names of the columns of numbers. Columns without a name are `column1`, `column2`, ….
  public let columns: [String]
  /// The names of the columns of text, in the order of the file.
  public let textColumns: [String]
  /// What stands between fields.
  public let separator: Character
  /// Whether the first line names the columns.
  public let hasHeader: Bool

  private var scanner: CSVScanner
  private var parser: NumberParser
  private let missingValues: Set<String>
  private let names: [String]
  private let isText: [Bool]
  /// Whether the scanner holds a row that has not been handed on.
  private var isHoldingRow: Bool

  /// Opens the file at `path`.
  ///
  /// - Throws: ``StorageError`` if it cannot be read, is no CSV file, is empty, or lacks one of the
  ///   columns of text.
  public init(path: String, options: CSVOptions = CSVOptions()) throws(StorageError) {
    try self.init(InputFile(path: path), options)
  }

  /// Reads from standard input.
  ///
  /// - Throws: ``StorageError`` as ``init(path:options:)`` does.
  public init(readingStandardInput options: CSVOptions = CSVOptions()) throws(StorageError) {
    try self.init(InputFile(standardInputAs: "standard input"), options)
  }

  private init(_ file: consuming InputFile, _ options: CSVOptions) throws(StorageError) {
    let start = try CSVStart(file, options)
    let names = start.names
    if let absent = options.textColumns.sorted().first(where: { !names.contains($0) }) {
      throw StorageError(
        .noSuchObject, "there is no such column", at: .init(file: start.file, column: absent),
        remedy: "name one of \(names.prefix(8).joined(separator: ", "))")
    }
    isText = names.map(options.textColumns.contains)
    columns = zip(names, isText).filter { !$0.1 }.map(\.0)
    textColumns = zip(names, isText).filter(\.1).map(\.0)
    self.names = names
    separator = start.separator
    hasHeader = start.hasHeader
    missingValues = options.missingValues
    parser = start.parser
    isHoldingRow = !start.hasHeader
    scanner = start.scanner()
  }

  /// Reads the next row into the memory of `row`.
  ///
  /// - Returns: false at the end of the file.
  /// - Throws: ``StorageError`` with code `malformed` and the line if the row has more or fewer
  ///   fields than the first, or a field that is no number.
  public mutating func next(_ row: inout CSVRow) throws(StorageError) -> Bool {
    if isHoldingRow {
      isHoldingRow = false
    } else if try !scanner.next() {
      return false
    }
    guard scanner.fields.count == names.count else {
      throw StorageError(
        .malformed, "\(scanner.fields.count) fields, but the first line has \(names.count)",
        at: .init(file: scanner.name, line: scanner.line),
        remedy: "correct the line, or state the separator if it is not \(shownSeparator)")
    }
    row.line = scanner.line
    row.numbers.removeAll(keepingCapacity: true)
    row.texts.removeAll(keepingCapacity: true)
    // Taken out, because a span of the scanner's bytes keeps the rest of `self` from changing.
    var parser = parser
    defer { self.parser = parser }
    for column in names.indices {
      let field = scanner.fields[column]
      if isText[column] {
        row.texts.append(scanner.text(of: field))
      } else if field.range.isEmpty {
        row.numbers.append(.nan)
      } else if let number = parser.parse(scanner.bytes.span, field.range) {
        row.numbers.append(number)
      } else if scanner.isMissing(field, missingValues) {
        row.numbers.append(.nan)
      } else {
        throw notANumber(field, names[column], decimalMark: parser.decimalMark)
      }
    }
    return true
  }

  private var shownSeparator: String { separator == "\t" ? "the tab" : "\"\(separator)\"" }

  private func notANumber(
    _ field: CSVScanner.Field, _ column: String, decimalMark: UInt8
  ) -> StorageError {
    let text = scanner.text(of: field)
    let shown = text.count > 40 ? text.prefix(40) + "…" : text[...]
    let mark = decimalMark == UInt8(ascii: ",") ? "," : "."
    let remedy =
      text.contains { $0 == "." || $0 == "," }
      ? "correct the value (the decimal mark here is \"\(mark)\")"
      : "correct the value, add it to the missing values, or declare the column as text"
    return StorageError(
      .malformed, "\"\(shown)\" is not a number",
      at: .init(file: scanner.name, line: scanner.line, column: column), remedy: remedy)
  }
}

extension CSVScanner {
  /// Whether a field is blank or one of `spellings`.
  func isMissing(_ field: Field, _ spellings: Set<String>) -> Bool {
    var range = field.range
    while let first = range.first, bytes[first] == 0x20 || bytes[first] == 0x09 {
      range = range.dropFirst()
    }
    while let last = range.last, bytes[last] == 0x20 || bytes[last] == 0x09 {
      range = range.dropLast()
    }
    return range.isEmpty || spellings.contains(String(decoding: bytes[range], as: UTF8.self))
  }
}
