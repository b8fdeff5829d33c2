import Foundation
import Storage
import Testing

@Suite struct HDF5BadInputTests {
  let directory = try! TemporaryDirectory()

  func error(opening path: String) -> StorageError? {
    storageError { _ = try HDF5File(reading: path) }
  }

  @Test func whatIsNoFile() throws {
    #expect(error(opening: directory("none.h5"))?.code == .noSuchFile)
    #expect(error(opening: "")?.code == .noSuchFile)
    #expect(error(opening: directory.path)?.code == .notARegularFile)
    #expect(error(opening: "/dev/null")?.code == .notARegularFile)
    #expect(error(opening: fixture("numbers.h5") + "/x")?.code == .noSuchFile)
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func whatMayNotBeRead() throws {
    let path = try directory.file("secret.h5", "x")
    chmod(path, 0)
    #expect(error(opening: path)?.code == .notPermitted)
  }

  /// HDF5 programs lock what they write to in its place.
  @Test func whatIsBeingWritten() throws {
    let path = try directory.file("busy.h5", try bytes(of: fixture("numbers.h5")))
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX) == 0)
    let refusal = try #require(error(opening: path))
    #expect(refusal.description.contains("another program is writing"), "\(refusal)")
    #expect(flock(descriptor, LOCK_UN) == 0)
    _ = try HDF5File(reading: path)
  }

  @Test func whatIsNotHDF5() throws {
    #expect(error(opening: try directory.file("text.h5", "a,b\n1,2\n"))?.code == .wrongFormat)
    #expect(error(opening: try directory.file("empty.h5", ""))?.code == .truncated)
    let zeros = [UInt8](repeating: 0, count: 5000)
    #expect(error(opening: try directory.file("zeros.h5", zeros))?.code == .wrongFormat)
  }

  @Test(arguments: ["numbers.h5", "layouts.h5", "attributes.h5", "latest.h5"])
  func truncatedAnywhere(name: String) throws {
    let whole = try bytes(of: fixture(name))
    for count in Array(1..<120) + Array(stride(from: 120, to: whole.count, by: 61)) {
      let error = error(opening: try directory.file("part.h5", whole[..<count]))
      let expected: StorageError.Code = count < 8 ? .wrongFormat : .truncated
      #expect(error?.code == expected, "after \(count) bytes: \(error.debugDescription)")
    }
    #expect(try HDF5File(reading: directory.file("whole.h5", whole)).objects().isEmpty == false)
  }

  @Test func damagedChunksAreNoticed() throws {
    let whole = try bytes(of: fixture("latest.h5"))
    let undamaged = try HDF5File(reading: fixture("latest.h5")).read("x", as: Double.self)
    var refusals = 0
    for index in stride(from: 64, to: whole.count, by: 37) {
      var damaged = whole
      damaged[index] ^= 0xFF
      let path = try directory.file("damaged.h5", damaged)
      let values = try? HDF5File(reading: path).read("x", as: Double.self)
      if values == nil { refusals += 1 }
      if let values { #expect(values.count == undamaged.count) }
    }
    #expect(refusals > 10)
  }

  @Test func whatIsNotThere() throws {
    let file = try HDF5File(reading: fixture("layouts.h5"))
    let missing = storageError { _ = try file.dataSet("/press/train") }
    #expect(missing?.code == .noSuchObject)
    #expect(missing?.place.object == "data set /press/train")
    #expect(missing?.remedy.contains("/checksum") == true)
    #expect(storageError { _ = try file.dataSet("link/dangling") }?.code == .noSuchObject)
    #expect(storageError { _ = try file.dataSet("/rank") }?.code == .wrongType)
    #expect(storageError { _ = try file.dataSet("/") }?.code == .wrongType)
  }

  @Test func whatComesFromANewerLibraryIsNotCalledMissing() throws {
    let file = try HDF5File(reading: fixture("future.h5"))
    #expect(file.exists("x"))
    let x = HDF5Object(path: "/x", kind: .unreadable)
    if try file.objects() == [x] {
      let error = storageError { _ = try file.dataSet("x") }
      #expect(error?.code == .malformed)
      #expect(error?.problem.contains("version") == true)
    } else {
      #expect(try file.read("x", as: Double.self) == (0..<10).map { Double($0) })
    }
  }

  @Test func rowsThatAreNotThere() throws {
    let dataSet = try HDF5File(reading: fixture("layouts.h5")).dataSet("gzip")
    for rows in [199..<201, -1..<1, 201..<201] {
      let error = storageError { _ = try dataSet.read(rows: rows, as: Float.self) }
      #expect(error?.code == .wrongShape)
    }
  }

  @Test func complexNumbersAreNotNumbersHere() throws {
    let file = try HDF5File(reading: fixture("layouts.h5"))
    #expect(try file.dataSet("complex").elementType == .other)
    #expect(storageError { _ = try file.read("complex", as: Double.self) }?.code == .wrongType)
  }

  @Test func moreThanMemoryHoldsIsRefusedWholeButNotInParts() throws {
    let dataSet = try HDF5File(reading: fixture("layouts.h5")).dataSet("huge")
    #expect(dataSet.shape == [1 << 50, 4])
    #expect(storageError { _ = try dataSet.read(as: Float.self) }?.code == .tooLarge)
    let last = try dataSet.read(rows: (1 << 50) - 2..<1 << 50, as: Float.self)
    #expect(last == [Float](repeating: 0, count: 8))
  }

  @Test func errorsAreOneLine() throws {
    let error = error(opening: directory("no\nsuch.h5"))
    #expect(error?.description.contains("\n") == false)
    #expect(
      error?.description
        == "\(directory.path)/no such.h5: there is no such file or directory; "
        + "check the path for a mistake")
  }
}
