import Foundation
import Storage
import Testing

@Suite struct HDF5WritingTests {
  let directory = try! TemporaryDirectory()

  /// A process that is started while a file is written inherits what is open: a lock would outlive the
  /// writing, and nobody could read the finished file until that process ends.
  @Test func whatIsWrittenHasNoLock() throws {
    let output = try HDF5Writer(replacing: directory("new.h5"))
    try output.write([1, 2], shape: [2], to: "d")
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: directory.path)
        .first { $0.hasSuffix(".partial") })
    let descriptor = open(directory(name), O_RDWR)
    defer { close(descriptor) }
    #expect(descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    #expect(flock(descriptor, LOCK_UN) == 0)
    try output.commit()
    #expect(try HDF5File(reading: directory("new.h5")).read("d", as: Double.self) == [1, 2])
  }

  @Test(arguments: [
    HDF5Layout.contiguous, .chunked(), .chunked(rows: 7, gzipLevel: 9), .chunked(gzipLevel: 0),
  ])
  func everyTypeComesBack(layout: HDF5Layout) throws {
    let path = directory("all.h5")
    let output = try HDF5Writer(replacing: path)
    try output.write([-1.5, .pi, .nan] as [Float], shape: [3], to: "f", layout: layout)
    try output.write([-1.5, .pi, 1e300], shape: [3, 1], to: "/g/d", layout: layout)
    try output.write([.min, 0, .max] as [Int64], shape: [1, 3], to: "/g/h/i", layout: layout)
    try output.write([0, .max] as [UInt64], shape: [2], to: "u", layout: layout)
    try output.write([0, 255] as [UInt8], shape: [2, 1, 1], to: "b", layout: layout)
    try output.write([2.5], shape: [], to: "scalar", layout: layout)
    try output.write([] as [Float], shape: [0, 3], to: "empty", layout: layout)
    try output.write(strings: ["a", "", "ü"], to: "s/names")
    try output.write(strings: [], to: "s/none")
    try output.commit()

    let file = try HDF5File(reading: path)
    let floats = try file.read("f", as: Float.self)
    #expect(floats[..<2] == [-1.5, .pi] && floats[2].isNaN)
    #expect(try file.read("g/d", as: Double.self) == [-1.5, .pi, 1e300])
    #expect(try file.read("g/h/i", as: Int64.self) == [.min, 0, .max])
    #expect(try file.read("u", as: UInt64.self) == [0, .max])
    #expect(try file.read("b", as: UInt8.self) == [0, 255])
    #expect(try file.read("scalar", as: Double.self) == [2.5])
    #expect(try file.dataSet("scalar").shape == [])
    #expect(try file.dataSet("empty").shape == [0, 3])
    #expect(try file.dataSet("g/h/i").shape == [1, 3])
    #expect(try file.dataSet("b").elementType == .unsignedInteger(bits: 8))
    #expect(try file.readStrings("s/names") == ["a", "", "ü"])
    #expect(try file.readStrings("s/none") == [])
    #expect(try directory.contents == ["all.h5"])
  }

  @Test func rowsArriveInAnyOrder() throws {
    let path = directory("rows.h5")
    let output = try HDF5Writer(replacing: path)
    let dataSet = try output.createDataSet(
      "x", shape: [100, 2, 3], of: Float.self, layout: .chunked(rows: 8))
    let values = (0..<600).map { Float($0) }
    for start in [60, 0, 30] {
      try dataSet.write(Array(values[start * 6..<(start + 30) * 6]), rows: start..<start + 30)
    }
    try output.commit()
    let written = try HDF5File(reading: path).read("x", as: Float.self)
    #expect(written == values[..<540] + Array(repeating: 0, count: 60))
    let error = storageError { try dataSet.write(Array(values[..<6]), rows: 0..<1) }
    #expect(error != nil, "nothing can be written after the commit")
  }

  @Test func compressionMakesItSmaller() throws {
    let values = [Double](repeating: 1, count: 100_000)
    for (name, layout) in [("a", HDF5Layout.contiguous), ("b", .chunked())] {
      let output = try HDF5Writer(replacing: directory(name))
      try output.write(values, shape: [1000, 100], to: "x", layout: layout)
      try output.commit()
      #expect(try HDF5File(reading: directory(name)).read("x") == values)
    }
    #expect(try bytes(of: directory("b")).count * 20 < bytes(of: directory("a")).count)
  }

  @Test func withoutCommitNothingChanges() throws {
    let path = try directory.file("kept.h5", "old")
    do {
      let output = try HDF5Writer(replacing: path)
      try output.write([1.0], shape: [1], to: "x")
    }
    #expect(try bytes(of: path) == Array("old".utf8))
    #expect(try directory.contents == ["kept.h5"])
  }

  @Test func aTakenPathIsRefused() throws {
    let output = try HDF5Writer(replacing: directory("twice.h5"))
    try output.write([1.0], shape: [1], to: "/a")
    let again = storageError { try output.write([2.0], shape: [1], to: "a") }
    #expect(again?.place.object == "data set /a")
    #expect(again?.problem.contains("exists") == true)
    #expect(storageError { try output.write([2.0], shape: [1], to: "a/b") } != nil)
    #expect(storageError { try output.setAttribute("x", of: "/no", to: .integer(1)) } != nil)
    try output.createGroup("g")
    try output.createGroup("g")
  }

  @Test func anUnheededErrorPreventsTheCommit() throws {
    let output = try HDF5Writer(replacing: directory("a.h5"))
    try output.write([1.0], shape: [1], to: "a")
    try? output.write([1.0], shape: [1], to: "a")
    do {
      try output.commit()
      Issue.record("the commit succeeded")
    } catch {
      #expect(error.place.object == "data set /a")
    }
    #expect(try directory.contents == [])
  }
}
