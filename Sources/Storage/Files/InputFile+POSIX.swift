#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file or pipe that is open for reading, and closed when the value goes.
struct InputFile: ~Copyable {
  /// The path, or `standard input`: for messages.
  let name: String
  /// The size in bytes when it was opened; `nil` for a pipe.
  let size: Int?
  /// Whether nobody but the owner may read or change it; false for standard input.
  let isPrivate: Bool
  private let descriptor: Int32
  private let isOwned: Bool

  /// Opens the file at `path`.
  init(path: String) throws(StorageError) {
    let place = StorageError.Place(file: path)
    let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw .system(errno, "read", at: place) }
    var status = stat()
    let outcome = unsafe fstat(opened, &status)
    if outcome != 0 || status.isDirectory {
      let number = errno
      close(opened)
      throw status.isDirectory ? .directory(at: place) : .system(number, "read", at: place)
    }
    name = path
    size = status.isRegularFile ? Int(status.st_size) : nil
    isPrivate = status.st_mode & 0o077 == 0
    descriptor = opened
    isOwned = true
  }

  /// Standard input, which stays open afterwards.
  init(standardInputAs name: String) {
    self.name = name
    size = nil
    isPrivate = false
    descriptor = STDIN_FILENO
    isOwned = false
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  /// Reads at most `buffer.count - offset` bytes into `buffer` from `offset` on.
  ///
  /// - Returns: the number of bytes read; zero at the end of the file.
  func read(into buffer: inout [UInt8], from offset: Int) throws(StorageError) -> Int {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        let free = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset...])
        return unsafe systemRead(descriptor, free.baseAddress, free.count)
      }
      if count >= 0 { return count }
      if errno != EINTR { throw .system(errno, "read", at: .init(file: name)) }
    }
  }

  /// Reads bytes until `buffer` is full from `offset` on, or the file ends.
  ///
  /// - Returns: the number of bytes read.
  func fill(_ buffer: inout [UInt8], from offset: Int = 0) throws(StorageError) -> Int {
    var end = offset
    while end < buffer.count {
      let count = try read(into: &buffer, from: end)
      if count == 0 { break }
      end += count
    }
    return end - offset
  }
}

/// `read(2)`, by a name that a method called `read` does not hide.
private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int)
  -> Int
{
  unsafe read(descriptor, bytes, count)
}

extension stat {
  var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
  var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }

  /// What is at `path`, following symbolic links; `nil` if nothing is.
  init?(path: String) {
    self.init()
    let outcome = unsafe systemStat(path, &self)
    if outcome != 0 { return nil }
  }
}

/// `stat(2)`, by a name that the structure does not hide.
private func systemStat(_ path: String, _ status: UnsafeMutablePointer<stat>) -> Int32 {
  unsafe stat(path, status)
}

/// The operating system's own words for an error number.
func systemMessage(_ number: Int32) -> String {
  unsafe String(cString: strerror(number))
}
