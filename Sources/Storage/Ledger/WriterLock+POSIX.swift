#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Makes this process the only one that adds to a chain, as long as the value lives.
///
/// The lock is on an empty file beside the chain, which goes with the value. Where the process was
/// killed it stays, and locks nobody out. (A lock on the database itself would have to be opened and
/// closed beside SQLite, which takes away SQLite's own locks.)
struct WriterLock: ~Copyable {
  private let path: String
  private let descriptor: Int32

  /// - Parameter chain: the path of the chain.
  init(of chain: String) throws(StorageError) {
    let place = StorageError.Place(file: chain)
    path = chain + "-lock"
    while true {
      let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o644)
      guard opened >= 0 else { throw .system(errno, "write beside", at: place) }
      guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
        close(opened)
        throw StorageError(
          .notPermitted, "another process is adding to this chain", at: place,
          remedy: "wait until it has ended")
      }
      // Whoever had it before may have removed it in between.
      var mine = stat()
      if unsafe fstat(opened, &mine) == 0, let there = stat(path: path),
        there.st_ino == mine.st_ino, there.st_dev == mine.st_dev
      {
        descriptor = opened
        return
      }
      close(opened)
    }
  }

  deinit {
    _ = unsafe unlink(path)
    close(descriptor)
  }
}
