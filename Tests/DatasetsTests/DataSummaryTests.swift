import Datasets
import Testing

@Suite struct DataSummaryTests {
  private func summary(_ columns: [[Float]]) throws -> DataSummary {
    let rows = columns[0].count
    return try DataSummary(
      MemoryRows(
        columnCount: columns.count,
        values: (0..<rows).flatMap { row in columns.map { $0[row] } }))
  }

  @Test func momentsOfAColumn() throws {
    let column = try summary([[2, 4, 4, 4, 5, 5, 7, 9]]).columns[0]
    #expect(column.count == 8 && column.missing == 0 && column.infinite == 0)
    #expect(column.mean == 5 && column.standardDeviation == 2)
    #expect(column.minimum == 2 && column.maximum == 9 && !column.isConstant)
  }

  @Test func missingAndInfiniteReadingsTakeNoPart() throws {
    let column = try summary([[.nan, 1, .infinity, 3, -.infinity, .nan]]).columns[0]
    #expect(column.count == 2 && column.missing == 2 && column.infinite == 2)
    #expect(column.mean == 2 && column.standardDeviation == 1)
    #expect(column.minimum == 1 && column.maximum == 3)
  }

  @Test func constantAndEmptyColumns() throws {
    let summary = try summary([
      [7, 7, 7], [.nan, 7, .nan], [.nan, .nan, .nan], [.infinity, .nan, .nan], [7, 7, 8],
    ])
    #expect(summary.constantColumns == [0, 1])
    #expect(summary.emptyColumns == [2, 3])
    #expect(summary.missing == 2 + 3 + 2 && summary.infinite == 1)
    #expect(summary.columns[0].standardDeviation == 0)
    #expect(summary.columns[2].standardDeviation == 0)
  }

  @Test func duplicatesAreNamedWithTheirFirstTwin() throws {
    let a: [Float] = [1, 2, .nan, 4]
    let summary = try summary([
      a, [1, 2, 3, 4], a, [4, 2, .nan, 1], a, [1, 1, 1, 1], [1, 1, 1, 1],
    ])
    #expect(summary.duplicates.map(\.column) == [2, 4])
    #expect(summary.duplicates.map(\.of) == [0, 0])
  }

  /// More rows than a piece has: pieces merge to what one pass over all gives.
  @Test func piecesMerge() throws {
    let count = 10_000
    let values = (0..<count).map { Float(1e6) + Float(($0 * 7919) % 1000) / 10 }
    let source = MemoryRows(columnCount: 1, values: values)
    let column = try DataSummary(source).columns[0]
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(count)
    let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    #expect((column.mean / mean - 1).magnitude < 1e-14)
    let deviation = (squares / Double(count)).squareRoot()
    #expect((column.standardDeviation / deviation - 1).magnitude < 1e-10)
    #expect(column.count == count)
    #expect(try DataSummary(StreamedRows(source)) == DataSummary(source))
  }

  @Test func noRows() throws {
    let summary = try DataSummary(SelectedRows(numberedRows(5), parts: []))
    #expect(summary.rowCount == 0 && summary.emptyColumns == [0, 1])
    #expect(summary.duplicates.isEmpty && summary.constantColumns.isEmpty)
  }
}
