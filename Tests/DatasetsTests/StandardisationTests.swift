import Datasets
import Testing

@Suite struct StandardisationTests {
  @Test func trainingRowsGetMeanZeroAndDeviationOne() throws {
    let rows = numberedRows(50, columns: 3)
    let units = Standardisation(try DataSummary(rows))
    var z: [Float] = []
    units.apply(rows.values, count: 50, into: &z)
    let column = try DataSummary(MemoryRows(columnCount: 3, values: z)).columns[1]
    #expect(column.mean.magnitude < 1e-7)
    #expect((column.standardDeviation - 1).magnitude < 1e-7)
    for c in 0..<3 {
      let back = units.restore(Double(z[3 * 20 + c]), column: c)
      #expect((back - Double(rows.values[3 * 20 + c])).magnitude < 1e-3)
    }
  }

  @Test func constantColumnsGetAShareOfTheirMagnitude() throws {
    let rows = MemoryRows(columnCount: 3, values: [500, 0.5, .nan, 500, 0.5, .nan])
    let units = Standardisation(try DataSummary(rows), constantScale: 0.1)
    #expect(units.scale == [50, 0.1, 0.1])
    #expect(units.mean == [500, 0.5, 0])
  }

  /// A large value that moves by its last bit only is as good as constant.
  @Test func roundingIsNoSpread() throws {
    let rows = MemoryRows(
      columnCount: 1, values: (0..<10_000).map { $0 == 0 ? Float(1e9).nextUp : 1e9 })
    let summary = try DataSummary(rows)
    #expect(!summary.columns[0].isConstant)
    #expect(Standardisation(summary, constantScale: 0.01).scale[0] > 1e6)
  }

  @Test func valuesStayWithinTheBound() {
    let units = Standardisation(mean: [10, 0], scale: [2, 1], bound: 3)
    var z: [Float] = []
    units.apply(
      [12, 1e30, 0, -.infinity, .infinity, .nan, 10, -3.5], count: 4, into: &z)
    #expect(Array(z[..<5]) == [1, 3, -3, -3, 3])
    #expect(z[5].isNaN)
    #expect(Array(z[6...]) == [0, -3])
  }

  @Test func onlyWholeRowsThatWereAskedFor() {
    var z: [Float] = [9, 9, 9, 9]
    identity(1).apply([1, 2, 3], count: 2, into: &z)
    #expect(z == [1, 2, 9, 9])
  }
}
