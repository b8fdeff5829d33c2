#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension StorageError {
  /// The error for a failed call to the operating system.
  ///
  /// - Parameters:
  ///   - number: the value of `errno` right after the call.
  ///   - action: what failed, as an infinitive: `read`, `write`, `create a file beside`.
  static func system(_ number: Int32, _ action: String, at place: Place) -> StorageError {
    switch number {
    case ENOENT, ENOTDIR:
      StorageError(
        .noSuchFile, "there is no such file or directory", at: place,
        remedy: "check the path for a mistake")
    case EISDIR:
      .directory(at: place)
    case EACCES, EPERM, EROFS:
      StorageError(
        .notPermitted, "not permitted to \(action) this file", at: place,
        remedy: "change its permissions, or use another place")
    case ENOSPC, EDQUOT, EFBIG:
      StorageError(
        .diskFull, "cannot \(action) this file: \(text(of: number))", at: place,
        remedy: "make room, or use another place; a former file is untouched")
    default:
      StorageError(
        .inputOutput, "cannot \(action) this file: \(text(of: number))", at: place,
        remedy: "check the device and the path")
    }
  }

  /// The error for a directory where a file is wanted.
  static func directory(at place: Place) -> StorageError {
    StorageError(
      .notARegularFile, "this is a directory", at: place,
      remedy: "name a file, not a directory")
  }

  /// The error for an output that is there already and must not be lost.
  static func exists(at place: Place) -> StorageError {
    StorageError(
      .alreadyExists, "this file is there already", at: place,
      remedy: "name another output, or replace it with --force")
  }

  private static func text(of number: Int32) -> String {
    switch number {
    case ENOSPC: "no space is left on the device"
    case EDQUOT: "the disk quota is used up"
    case EFBIG: "the limit on the size of a file is reached"
    default: systemMessage(number)
    }
  }
}
