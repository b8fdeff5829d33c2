import Synchronization

/// The first failure while an HDF5 file was written.
///
/// HDF5 keeps what is written in memory for a while, so that a failure may show only when a data set
/// is closed, and after a failed write HDF5 may still close the file without complaint. A commit
/// looks here first.
final class HDF5WriteFailure: Sendable {
  private let first = Mutex<StorageError?>(nil)

  /// Keeps `error`, unless there was one before it.
  func record(_ error: StorageError) {
    first.withLock { $0 = $0 ?? error }
  }

  /// Runs `body` in the HDF5 library, and keeps the error that it throws.
  func recorded<Outcome: ~Copyable>(
    _ body: () throws(StorageError) -> Outcome
  ) throws(StorageError) -> Outcome {
    do {
      return try HDF5Library.locked(body)
    } catch {
      record(error)
      throw error
    }
  }

  /// Throws the error that was kept, if any.
  func check() throws(StorageError) {
    if let error = first.withLock({ $0 }) { throw error }
  }
}
