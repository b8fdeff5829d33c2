import Datasets
import Testing

@Suite struct RowSourceTests {
  private func rows(_ source: any RowSource, _ range: Range<Int>) throws -> [Int] {
    var values: [Float] = []
    try source.read(range, into: &values)
    let width = source.columnCount
    return (0..<range.count).map { row in
      #expect(values[row * width + 1] == values[row * width] + 1)
      return Int(values[row * width]) / 100
    }
  }

  @Test func selectedRowsAreTheirPartsJoined() throws {
    let source = SelectedRows(
      StreamedRows(numberedRows(40)), parts: [3..<6, 10..<10, 11..<12, 30..<40])
    let all = [3, 4, 5, 11, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39]
    #expect(source.rowCount == 14 && source.columnCount == 2)
    for start in 0..<14 {
      for end in start...14 {
        #expect(try rows(source, start..<end) == Array(all[start..<end]))
      }
    }
    let nested = SelectedRows(source, parts: [2..<5, 13..<14])
    #expect(try rows(nested, 0..<4) == [5, 11, 30, 39])
  }

  @Test func joinedRowsFollowOneAnother() throws {
    let source = JoinedRows([
      SelectedRows(numberedRows(9), parts: [7..<9]), StreamedRows(numberedRows(3)),
      numberedRows(1),
    ])
    let all = [7, 8, 0, 1, 2, 0]
    #expect(source.rowCount == 6)
    for start in 0..<6 {
      for end in start...6 {
        #expect(try rows(source, start..<end) == Array(all[start..<end]))
      }
    }
  }

  @Test(arguments: [1, 3, 7, 100]) func piecesCoverAllRows(size: Int) throws {
    var seen: [Int] = []
    try StreamedRows(numberedRows(20)).forEachPiece(of: size) { range, values in
      #expect(range.lowerBound == seen.count && range.count <= size)
      for row in 0..<range.count { seen.append(Int(values[2 * row]) / 100) }
    }
    #expect(seen == Array(0..<20))
  }

  @Test func aBufferGrowsButDoesNotShrink() throws {
    var buffer = [Float](repeating: -1, count: 10)
    numberedRows(5).read(1..<3, into: &buffer)
    #expect(buffer[..<4] == [100, 101, 200, 201] && buffer.count == 10)
    numberedRows(9).read(0..<9, into: &buffer)
    #expect(buffer.count >= 18)
  }

  @Test func namesSortNaturally() {
    let names = ["m10", "m9", "a2b10", "a2b9", "m", "m09", "b", "a", "M1", "10", "9", "m9a", ""]
    let sorted = names.sorted(by: SensorFleet.naturally)
    #expect(
      sorted == ["", "9", "10", "M1", "a", "a2b9", "a2b10", "b", "m", "m09", "m9", "m9a", "m10"])
    #expect(names.reversed().sorted(by: SensorFleet.naturally) == sorted)
    for a in names { #expect(!SensorFleet.naturally(a, a)) }
    for a in names {
      for b in names where a != b {
        #expect(SensorFleet.naturally(a, b) != SensorFleet.naturally(b, a), "\(a) \(b)")
      }
    }
  }
}
