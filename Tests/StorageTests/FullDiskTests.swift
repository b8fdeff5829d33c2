import Foundation
import Storage
import Testing

@Suite struct FullDiskTests {
  /// A limit on the size of files stands for a full disk: writes fail alike, with another number.
  @Test func aFullDiskLeavesTheOldFile() async {
    await #expect(processExitsWith: .success) {
      limitFileSize(to: 64 << 10)
      try fillDisk(in: TemporaryDirectory())
    }
  }

  /// The same on a real disk of a few hundred kilobytes, such as a small tmpfs.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["STORAGE_SMALL_DISK"] != nil))
  func aReallyFullDiskLeavesTheOldFile() async {
    await #expect(processExitsWith: .success) {
      let disk = try #require(ProcessInfo.processInfo.environment["STORAGE_SMALL_DISK"])
      try fillDisk(in: TemporaryDirectory(in: disk))
    }
  }
}

/// Tries to write more than there is room for, in all ways.
private func fillDisk(in directory: TemporaryDirectory) throws {
  let random = (0..<200_000).map { _ in Double.random(in: 0..<1) }
  for layout in [HDF5Layout.contiguous, .chunked(rows: 50)] {
    for isChecked in [true, false] {
      let path = try directory.file("kept.h5", "old")
      do {
        let output = try HDF5Writer(replacing: path)
        do {
          try output.write(random, shape: [2000, 100], to: "x", layout: layout)
        } catch {
          try require(error.code == .diskFull, "\(error)")
          if isChecked { throw error }
        }
        try output.commit()
        try require(false, "the commit of half a file succeeded")
      } catch let error as StorageError {
        try require(error.code == .diskFull, "\(error)")
      }
      try require(bytes(of: path) == Array("old".utf8), "the old file changed")
      try require(directory.contents == ["kept.h5"], "\(try directory.contents)")
    }
  }

  // Data sets that stay in HDF5's memory until they are closed, by a caller who heeds no error.
  let path = directory("kept.h5")
  do {
    let output = try HDF5Writer(replacing: path)
    for index in 0..<40 {
      let values = Array(random[index * 5000..<(index + 1) * 5000])
      try? output.write(values, shape: [50, 100], to: "\(index)", layout: .chunked(rows: 50))
    }
    try output.commit()
    try require(false, "the commit of half a file succeeded")
  } catch let error as StorageError {
    try require(error.code == .diskFull, "\(error)")
  }

  // Many small things that stay there until the file is closed.
  do {
    let output = try HDF5Writer(replacing: path)
    for index in 0..<4000 { try output.createGroup("/group \(index)/inside") }
    try output.commit()
    try require(false, "the commit of half a file succeeded")
  } catch let error as StorageError {
    try require(error.code == .diskFull, "\(error)")
  }
  try require(bytes(of: path) == Array("old".utf8), "the old file changed")

  // The room is free again, and the library still works.
  let output = try HDF5Writer(replacing: path)
  try output.write([1.0], shape: [1], to: "x")
  try output.commit()
  try require(HDF5File(reading: path).read("x", as: Double.self) == [1], "cannot read it back")
  let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
  }
  try require(!open.contains { $0.contains("partial") }, "left open: \(open)")
}

/// Throws if a condition does not hold: for processes whose issues nobody sees.
private func require(_ condition: Bool, _ message: String) throws {
  struct Failure: Error { let message: String }
  if !condition {
    FileHandle.standardError.write(Data("\(message)\n".utf8))
    throw Failure(message: message)
  }
}

/// Makes writes beyond `size` bytes of a file fail in this process.
private func limitFileSize(to size: UInt) {
  signal(SIGXFSZ, SIG_IGN)
  #if canImport(Darwin)
    let resource = RLIMIT_FSIZE
  #else
    let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
  #endif
  var limit = rlimit()
  getrlimit(resource, &limit)
  limit.rlim_cur = rlim_t(size)
  setrlimit(resource, &limit)
}
