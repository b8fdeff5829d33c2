import Datasets

/// Rows whose values tell where they stand: column c of row r is `100 r + c`.
func numberedRows(_ count: Int, columns: Int = 2) -> MemoryRows {
  MemoryRows(
    columnCount: columns,
    values: (0..<count * columns).map { Float(100 * ($0 / columns) + $0 % columns) })
}

/// A source that must be asked, as a file must: it counts how often.
final class StreamedRows: RowSource {
  private let rows: MemoryRows
  var rowCount: Int { rows.rowCount }
  var columnCount: Int { rows.columnCount }

  init(_ rows: MemoryRows) { self.rows = rows }

  func read(_ range: Range<Int>, into values: inout [Float]) throws {
    // Leaves more behind than was asked for, as a buffer that was used before does.
    let piece = Array(
      rows.values[range.lowerBound * columnCount..<range.upperBound * columnCount])
    if values.count < piece.count + 3 {
      values = [Float](repeating: -1, count: piece.count + 3)
    }
    for (i, value) in piece.enumerated() { values[i] = value }
  }
}

/// Leaves values as they are.
func identity(_ columns: Int, bound: Float = .greatestFiniteMagnitude) -> Standardisation {
  Standardisation(
    mean: [Double](repeating: 0, count: columns), scale: [Double](repeating: 1, count: columns),
    bound: bound)
}
