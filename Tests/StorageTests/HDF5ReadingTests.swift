import Foundation
import Storage
import Testing

@Suite struct HDF5ReadingTests {
  static let orders = ["little", "big"]
  /// What the fixture holds: exact even in half precision.
  static let grid = (0..<12).map { Double($0) * 0.5 - 2 }

  @Test(arguments: orders, ["f2", "f4", "f8"])
  func floatingPointOfEveryWidthAndByteOrder(order: String, type: String) throws {
    let file = try HDF5File(reading: fixture("numbers.h5"))
    let dataSet = try file.dataSet("/\(order)/\(type)")
    #expect(dataSet.shape == [4, 3])
    #expect(dataSet.elementType == .float(bits: 8 * Int(type.dropFirst())!))
    #expect(try dataSet.read(as: Double.self) == Self.grid)
    #expect(try dataSet.read(as: Float.self) == Self.grid.map { Float($0) })
    #expect(try dataSet.read(rows: 1..<3, as: Float.self) == Self.grid[3..<9].map { Float($0) })
  }

  @Test(arguments: orders, ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
  func integersOfEveryWidthAndByteOrder(order: String, type: String) throws {
    let file = try HDF5File(reading: fixture("numbers.h5"))
    let dataSet = try file.dataSet("\(order)/\(type)")
    let bits = 8 * Int(type.dropFirst())!
    #expect(
      dataSet.elementType
        == (type.hasPrefix("u") ? .unsignedInteger(bits: bits) : .integer(bits: bits)))
    let expected = (0..<12).map { $0 * 10 }
    #expect(try dataSet.read(as: Int64.self) == expected.map { Int64($0) })
    #expect(try dataSet.read(as: UInt8.self) == expected.map { UInt8($0) })
    #expect(try dataSet.read(as: UInt64.self) == expected.map { UInt64($0) })
    #expect(try dataSet.read(as: Float.self) == expected.map { Float($0) })
    #expect(try dataSet.read(as: Double.self) == expected.map { Double($0) })
  }

  @Test func halfPrecisionKeepsItsSpecialValues() throws {
    let file = try HDF5File(reading: fixture("numbers.h5"))
    let values = try file.read("half/special", as: Float.self)
    #expect(values.dropLast() == [0, -0.0, 65504, 0x1p-24, .infinity, -.infinity])
    #expect(values[1].sign == .minus)
    #expect(values[6].isNaN)
  }

  @Test func booleansAreZeroAndOne() throws {
    let file = try HDF5File(reading: fixture("numbers.h5"))
    let dataSet = try file.dataSet("bool")
    #expect(dataSet.elementType == .boolean)
    #expect(try dataSet.read(as: UInt8.self) == [1, 0, 1])
    #expect(try dataSet.read(as: Int64.self) == [1, 0, 1])
    #expect(try dataSet.read(as: Float.self) == [1, 0, 1])
    #expect(try file.read("labels", as: UInt8.self) == [0, 1, 1, 0])
  }

  @Test(arguments: ["extremes/u8", "extremes/fraction", "extremes/nan"])
  func integersAreReadExactlyOrNotAtAll(path: String) throws {
    let file = try HDF5File(reading: fixture("numbers.h5"))
    let error = storageError { _ = try file.read(path, as: Int64.self) }
    #expect(error?.code == .wrongType)
    #expect(storageError { _ = try file.read(path, as: UInt8.self) }?.code == .wrongType)
    #expect(try file.read(path, as: Double.self).count == 2)
  }

  @Test func unsignedIntegersKeepTheirLastBit() throws {
    let file = try HDF5File(reading: fixture("numbers.h5"))
    #expect(try file.read("extremes/u8", as: UInt64.self) == [0, .max])
    #expect(storageError { _ = try file.read("extremes/i2", as: UInt8.self) }?.code == .wrongType)
  }

  @Test(arguments: ["gzip", "checksum"])
  func chunkedLayouts(path: String) throws {
    let dataSet = try HDF5File(reading: fixture("layouts.h5")).dataSet(path)
    let expected = (0..<600).map { Float($0) }
    #expect(dataSet.shape == [200, 3])
    #expect(try dataSet.read() == expected)
    for rows in [0..<0, 0..<1, 15..<17, 100..<200, 200..<200] {
      let part = expected[rows.lowerBound * 3..<rows.upperBound * 3]
      #expect(try dataSet.read(rows: rows) == Array(part))
    }
  }

  @Test func aDataSetOutlivesItsFile() throws {
    let dataSet = try HDF5File(reading: fixture("layouts.h5")).dataSet("half")
    #expect(try dataSet.read(as: Float.self) == (0..<150).map { Float($0) })
  }

  @Test func readingIntoAnArrayUsesItsMemoryAgain() throws {
    let dataSet = try HDF5File(reading: fixture("layouts.h5")).dataSet("gzip")
    var values: [Float] = []
    try dataSet.read(rows: 0..<50, into: &values)
    let address = values.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    try dataSet.read(rows: 50..<100, into: &values)
    #expect(values == (150..<300).map { Float($0) })
    try dataSet.read(rows: 199..<200, into: &values)
    #expect(values == [597, 598, 599])
    #expect(values.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } == address)

    var span = values.mutableSpan
    try dataSet.read(rows: 2..<3, into: &span)
    #expect(values == [6, 7, 8])
  }

  @Test(arguments: zip(0...4, [[], [5], [2, 3], [2, 3, 4], [2, 3, 4, 1]]))
  func everyRank(rank: Int, shape: [Int]) throws {
    let dataSet = try HDF5File(reading: fixture("layouts.h5")).dataSet("rank/\(rank)")
    #expect(dataSet.shape == shape)
    let values = try dataSet.read(as: Double.self)
    #expect(values == (rank == 0 ? [2.5] : (0..<shape.reduce(1, *)).map { Double($0) }))
    if rank == 0 {
      let error = storageError { _ = try dataSet.read(rows: 0..<1, as: Float.self) }
      #expect(error?.code == .wrongShape)
    } else {
      let stride = shape.dropFirst().reduce(1, *)
      #expect(try dataSet.read(rows: 1..<2, as: Double.self) == Array(values[stride..<2 * stride]))
    }
  }

  @Test(arguments: zip(["rows", "columns", "null"], [[0, 3], [3, 0], [0]]))
  func emptyDataSets(name: String, shape: [Int]) throws {
    let dataSet = try HDF5File(reading: fixture("layouts.h5")).dataSet("empty/\(name)")
    #expect(dataSet.shape == shape)
    #expect(try dataSet.read(as: Float.self).isEmpty)
    #expect(try dataSet.read(rows: 0..<shape[0], as: Float.self).isEmpty)
  }

  @Test func contentsAreListedWithPaths() throws {
    let file = try HDF5File(reading: fixture("layouts.h5"))
    let objects = try file.objects()
    let groups = objects.filter { $0.kind == .group }.map(\.path)
    #expect(groups == ["/empty", "/link", "/link/cycle", "/lonely", "/rank"])
    #expect(objects.contains(HDF5Object(path: "/link/soft", kind: .dataSet)))
    #expect(objects.contains(HDF5Object(path: "/rank/4", kind: .dataSet)))
    #expect(!objects.contains { $0.path == "/link/dangling" })
  }

  @Test func existence() throws {
    let file = try HDF5File(reading: fixture("layouts.h5"))
    for path in ["/", "gzip", "/rank/0", "rank", "/link/hard", "/link/soft", "/link/cycle/hard"] {
      #expect(file.exists(path), "\(path)")
    }
    for path in ["", "/nowhere", "/nowhere/else", "/link/dangling", "/gzip/inside"] {
      #expect(file.exists(path) == path.isEmpty, "\(path)")
    }
  }

  @Test func theLatestFormat() throws {
    let file = try HDF5File(reading: fixture("latest.h5"))
    #expect(try file.read("x", as: Double.self) == (0..<100).map { Double($0) })
    #expect(try file.attributeNames() == (0..<20).map { String(format: "a%02d", $0) })
    #expect(try file.attribute("a17") == .integer(17))
  }

  @Test func anyThreadMayRead() async throws {
    let file = try HDF5File(reading: fixture("layouts.h5"))
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<16 {
        group.addTask {
          for row in 0..<50 {
            let start = (row * 7 + task) % 200
            let values: [Double] = try file.read("gzip", rows: start..<start + 1)
            if values != (0..<3).map({ Double(start * 3 + $0) }) { return false }
            if file.exists("nowhere") { return false }
          }
          return true
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }
}
