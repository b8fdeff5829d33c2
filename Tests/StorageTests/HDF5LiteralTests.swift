import Storage
import Testing

/// Arrays that stand as literals in the call must arrive whole; see CONTRIBUTING.md on spans.
@Suite struct HDF5LiteralTests {
  let directory = try! TemporaryDirectory()

  @Test(arguments: [2.0, -1.5]) func literalsArriveWhole(last: Double) throws {
    let writer = try HDF5Writer(replacing: directory("literals.h5"))
    try writer.write([0, 1, last], shape: [3], to: "/literal")
    let bound = [last, 3, Double(7)]
    try writer.write(bound, shape: [3], to: "/bound")
    let rows = try writer.createDataSet("/rows", shape: [2, 2], of: Double.self)
    try rows.write([last, 4], rows: 1..<2)
    try writer.commit()
    let file = try HDF5File(reading: directory("literals.h5"))
    #expect(try file.read("/literal", as: Double.self) == [0, 1, last])
    #expect(try file.read("/bound", as: Double.self) == [last, 3, 7])
    #expect(try file.read("/rows", as: Double.self) == [0, 0, last, 4])
  }
}
