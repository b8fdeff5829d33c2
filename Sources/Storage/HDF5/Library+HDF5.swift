internal import CHDF5
import Foundation

/// The one door to the HDF5 library: one thread at a time, no printing, errors as values.
enum HDF5Library {
  /// Recursive, because a handle that goes inside a locked body closes itself under the lock.
  private static let lock = NSRecursiveLock()

  /// Set up once. HDF5's own clean-up at exit would write to files that were given up on.
  private static let isPrepared: Bool = {
    H5dont_atexit()
    return H5open() >= 0
  }()

  /// Runs `body` while no other thread is inside HDF5.
  static func locked<Outcome: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Outcome
  ) throws(Failure) -> Outcome {
    lock.lock()
    defer { lock.unlock() }
    precondition(isPrepared, "the HDF5 library does not start")
    chdf5_silence()
    chdf5_clear_errors()
    return try body()
  }

  /// The innermost message of the error stack of the last call: the most exact one.
  static var lastMessage: String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { text in
      unsafe chdf5_innermost_error(text.baseAddress, text.count)
      return unsafe text.baseAddress.map { unsafe String(cString: $0) } ?? ""
    }
  }
}

extension StorageError {
  /// The error for a call to HDF5 that failed just now, with HDF5's reason.
  static func hdf5(_ action: String, at place: Place) -> StorageError {
    let message = HDF5Library.lastMessage
    // The file driver reports a failed system call as "…, errno = 28, error message = '…', …".
    if let range = message.range(of: "errno = "),
      let number = Int32(message[range.upperBound...].prefix { $0.isNumber })
    {
      return .system(number, action, at: place)
    }
    let reason = message.isEmpty ? "no reason given" : message
    return StorageError(
      .malformed, "cannot \(action): HDF5 says \"\(reason)\"", at: place,
      remedy: "check the file with h5dump, or get it again")
  }
}

/// An HDF5 identifier of any kind, closed when the value goes.
struct HDF5Handle: ~Copyable, Sendable {
  let id: hid_t

  /// Owns `id`.
  ///
  /// - Throws: the innermost HDF5 error if `id` is negative, which is how HDF5 says failure.
  init(
    _ id: hid_t, _ action: @autoclosure () -> String, at place: StorageError.Place
  ) throws(StorageError) {
    guard id >= 0 else { throw .hdf5(action(), at: place) }
    self.id = id
  }

  deinit {
    HDF5Library.locked { _ = H5Idec_ref(id) }
  }
}

/// Throws the innermost HDF5 error if a status is negative.
func check(
  _ status: herr_t, _ action: @autoclosure () -> String, at place: StorageError.Place
) throws(StorageError) {
  guard status >= 0 else { throw .hdf5(action(), at: place) }
}
