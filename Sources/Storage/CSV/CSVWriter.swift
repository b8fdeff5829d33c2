/// Writes a CSV file row by row; it appears at its place whole or not at all.
///
/// Numbers have as many digits as it takes to read back the same Double; a NaN is an empty field.
/// Lines end as on Unix.
///
/// ```swift
/// var writer = try CSVWriter(replacing: "scores.csv", textColumns: ["time"], columns: ["score"])
/// try writer.append(texts: ["2024-05-01"], [0.25])
/// try writer.commit()
/// ```
public struct CSVWriter: ~Copyable, Sendable {
  private var output: AtomicFile
  private var buffer: [UInt8] = []
  private let separator: UInt8
  private let textCount: Int
  private let numberCount: Int

  /// Begins a file with a header; the columns of text come first.
  ///
  /// - Precondition: there is a column, and `separator` is ASCII.
  /// - Throws: ``StorageError`` as ``AtomicFile/init(replacing:)`` does.
  public init(
    replacing path: String, textColumns: [String] = [], columns: [String],
    separator: Character = ","
  ) throws(StorageError) {
    precondition(!(textColumns + columns).isEmpty, "a CSV file has at least one column")
    guard let separator = separator.asciiValue else {
      preconditionFailure("the separator \(separator) is not ASCII")
    }
    output = try AtomicFile(replacing: path)
    self.separator = separator
    textCount = textColumns.count
    numberCount = columns.count
    for name in textColumns + columns { append(field: name) }
    endLine()
  }

  /// Appends a row.
  ///
  /// - Precondition: as many texts and numbers as columns of text and of numbers.
  /// - Throws: ``StorageError``, such as `diskFull`.
  public mutating func append(
    texts: [String] = [], _ numbers: [Double]
  ) throws(StorageError) {
    precondition(
      texts.count == textCount && numbers.count == numberCount,
      "\(texts.count) texts and \(numbers.count) numbers for \(textCount) and \(numberCount) columns"
    )
    for text in texts { append(field: text) }
    for number in numbers {
      if !number.isNaN { buffer.append(contentsOf: number.description.utf8) }
      buffer.append(separator)
    }
    endLine()
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Brings the file to its place.
  ///
  /// - Throws: ``StorageError``, such as `diskFull`; the destination is then as it was.
  public consuming func commit() throws(StorageError) {
    try flush()
    try output.commit()
  }

  private mutating func append(field: String) {
    let quote = UInt8(ascii: "\"")
    let needsQuotes =
      field.utf8.contains { $0 == separator || $0 == quote || $0 == 0x0A || $0 == 0x0D }
      || field.first?.isWhitespace == true || field.last?.isWhitespace == true
    if needsQuotes { buffer.append(quote) }
    for byte in field.utf8 {
      if byte == quote { buffer.append(quote) }
      buffer.append(byte)
    }
    if needsQuotes { buffer.append(quote) }
    buffer.append(separator)
  }

  /// Ends the line: the last separator becomes a newline. A row of one empty field is quoted, lest
  /// it be a blank line.
  private mutating func endLine() {
    let last = buffer.count - 1
    if textCount + numberCount == 1 && (last == 0 || buffer[last - 1] == 0x0A) {
      buffer.insert(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: "\"")], at: last)
    }
    buffer[buffer.count - 1] = 0x0A
  }

  private mutating func flush() throws(StorageError) {
    // Taken out, because a span of the buffer keeps the rest of `self` from changing.
    var bytes: [UInt8] = []
    swap(&bytes, &buffer)
    try output.write(bytes.span)
    bytes.removeAll(keepingCapacity: true)
    swap(&bytes, &buffer)
  }
}

extension CSVTable {
  /// Writes the columns of text, in the order of their names, and the numbers to `path`.
  ///
  /// - Throws: ``StorageError``, such as `diskFull`; what was at `path` is then as it was.
  public func write(to path: String, separator: Character = ",") throws(StorageError) {
    let names = texts.keys.sorted()
    let columnsOfText = names.map { texts[$0] ?? [] }
    var writer = try CSVWriter(
      replacing: path, textColumns: names, columns: columns, separator: separator)
    for row in 0..<rowCount {
      try writer.append(texts: columnsOfText.map { $0[row] }, Array(self[row: row]))
    }
    try writer.commit()
  }
}
