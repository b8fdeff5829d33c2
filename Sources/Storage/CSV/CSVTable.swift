/// A whole CSV file in memory.
public struct CSVTable: Hashable, Sendable {
  /// The names of the columns of numbers.
  public var columns: [String]
  /// The numbers, row after row: `[rowCount, columns.count]`; NaN where one is missing.
  public var values: [Double]
  /// The values of the columns of text, by name; `rowCount` each.
  public var texts: [String: [String]]
  /// The number of rows, the header not counted.
  public var rowCount: Int

  /// A table of `values`, row after row.
  ///
  /// - Precondition: `values` has whole rows: a multiple of `columns.count`.
  public init(columns: [String], values: [Double]) {
    precondition(
      columns.isEmpty ? values.isEmpty : values.count.isMultiple(of: columns.count),
      "\(values.count) values do not make whole rows of \(columns.count)")
    self.columns = columns
    self.values = values
    texts = [:]
    rowCount = columns.isEmpty ? 0 : values.count / columns.count
  }

  /// Reads the file at `path`.
  ///
  /// - Throws: ``StorageError`` as ``CSVReader`` does.
  public init(path: String, options: CSVOptions = CSVOptions()) throws(StorageError) {
    try self.init(CSVReader(path: path, options: options))
  }

  /// Reads the rest of `reader`.
  ///
  /// - Throws: ``StorageError`` as ``CSVReader`` does.
  public init(_ reader: consuming CSVReader) throws(StorageError) {
    var reader = reader
    columns = reader.columns
    values = []
    rowCount = 0
    var textColumns = reader.textColumns.map { _ in [String]() }
    var row = CSVRow()
    while try reader.next(&row) {
      values.append(contentsOf: row.numbers)
      for (index, text) in row.texts.enumerated() { textColumns[index].append(text) }
      rowCount += 1
    }
    texts = Dictionary(zip(reader.textColumns, textColumns)) { first, _ in first }
  }

  /// The numbers in single precision.
  public var floats: [Float] { values.map { Float($0) } }

  /// The values of one row, counted from 0.
  public subscript(row row: Int) -> ArraySlice<Double> {
    precondition((0..<rowCount).contains(row), "row \(row) is not among \(rowCount) rows")
    return values[row * columns.count..<(row + 1) * columns.count]
  }
}
