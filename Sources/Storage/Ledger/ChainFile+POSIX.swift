#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// An open file that is read and added to at given places, and closed when the value goes.
final class ChainFile: Sendable {
  private let descriptor: Int32
  private let place: StorageError.Place

  /// Opens a file for reading, or, with `isWriting`, for both by this process alone.
  init(path: String, isWriting: Bool) throws(StorageError) {
    place = StorageError.Place(file: path)
    let flags = isWriting ? O_RDWR | O_CREAT : O_RDONLY
    let opened = unsafe open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard opened >= 0 else { throw .system(errno, isWriting ? "write" : "read", at: place) }
    do throws(StorageError) {
      var status = stat()
      guard unsafe fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw StorageError(
          .notARegularFile, "this is no regular file", at: place, remedy: "name a file")
      }
      guard !isWriting || flock(opened, LOCK_EX | LOCK_NB) == 0 else {
        throw StorageError(
          .notPermitted, "another process is adding to this chain", at: place,
          remedy: "wait until it has ended")
      }
      // A file without bytes may be new: its name outlives a crash before anything in it has to.
      if isWriting, status.st_size == 0 { syncDirectory(of: resolvingLinks(path)) }
    } catch {
      close(opened)
      throw error
    }
    descriptor = opened
  }

  deinit {
    // A child that is on the way to its own program has the descriptor, and the lock with it.
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// The number of bytes.
  var size: Int {
    get throws(StorageError) {
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0 else {
        throw .system(errno, "read", at: place)
      }
      return Int(status.st_size)
    }
  }

  /// So many bytes from a place on; fewer where the file ends.
  func bytes(from start: Int, count: Int) throws(StorageError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let outcome = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(
          descriptor, buffer.baseAddress.map { unsafe $0 + done }, count - done,
          off_t(start + done))
      }
      if outcome == 0 { break }
      if outcome > 0 {
        done += outcome
      } else if errno != EINTR {
        throw .system(errno, "read", at: place)
      }
    }
    bytes.removeLast(count - done)
    return bytes
  }

  /// Writes bytes at a place, and waits until they are on the device.
  func write(_ bytes: [UInt8], at start: Int) throws(StorageError) {
    var done = 0
    while done < bytes.count {
      let outcome = unsafe bytes.withUnsafeBytes { buffer in
        unsafe pwrite(
          descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done,
          off_t(start + done))
      }
      if outcome >= 0 {
        done += outcome
      } else if errno != EINTR {
        throw .system(errno, "write", at: place)
      }
    }
    guard fsync(descriptor) == 0 else { throw .system(errno, "write", at: place) }
  }

  func truncate(to count: Int) throws(StorageError) {
    guard ftruncate(descriptor, off_t(count)) == 0 else {
      throw .system(errno, "write", at: place)
    }
  }
}
