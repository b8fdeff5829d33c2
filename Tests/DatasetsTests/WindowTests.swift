import Datasets
import Testing

@Suite struct WindowTests {
  @Test func newestFirstAndTheFirstRowRepeated() {
    let rows = numberedRows(5).values
    func window(_ row: Int, from first: Int = 0) -> [Float] {
      var target = [Float](repeating: -1, count: 8)
      var span = target.mutableSpan
      CausalWindow(3).write(
        endingAt: row, of: rows, columns: 2, into: &span, at: 1, from: first)
      return target
    }
    #expect(window(4) == [-1, 400, 401, 300, 301, 200, 201, -1])
    #expect(window(1) == [-1, 100, 101, 0, 1, 0, 1, -1])
    #expect(window(0) == [-1, 0, 1, 0, 1, 0, 1, -1])
    #expect(window(3, from: 3) == [-1, 300, 301, 300, 301, 300, 301, -1])
    #expect(window(4, from: 3) == [-1, 400, 401, 300, 301, 300, 301, -1])
  }

  /// Windows of a part, whatever the size of the pieces, never reach back beyond its first row.
  @Test(arguments: [1, 2, 3, 10, 100]) func sequencesKeepToTheirPart(size: Int) throws {
    let source = StreamedRows(numberedRows(30))
    var next = 7
    try WindowSequence(
      source, part: 7..<25, standardisation: identity(2), window: CausalWindow(4)
    ).forEachPiece(of: size) { rows, windows in
      #expect(rows.lowerBound == next && rows.count <= size)
      for (i, row) in rows.enumerated() {
        for lag in 0..<4 {
          #expect(windows[i * 8 + 2 * lag] == Float(100 * max(7, row - lag)))
        }
      }
      next = rows.upperBound
    }
    #expect(next == 25)
  }

  @Test func anEmptyPartHasNoPieces() throws {
    try WindowSequence(
      numberedRows(3), part: 2..<2, standardisation: identity(2), window: CausalWindow(1)
    ).forEachPiece(of: 4) { _, _ in #expect(Bool(false)) }
  }
}
