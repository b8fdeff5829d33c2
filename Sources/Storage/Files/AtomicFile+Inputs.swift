#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension AtomicFile {
  /// Refuses an output that is the same file as one of the inputs, by whatever path.
  ///
  /// Files are the same if device and inode agree, so hard and symbolic links do not deceive.
  /// Paths that name nothing yet are never the same as anything.
  ///
  /// - Throws: ``StorageError`` with code `wouldOverwriteInput`.
  public static func refuseOverwriting(
    output: String, inputs: [String]
  ) throws(StorageError) {
    guard let target = stat(path: output) else { return }
    for input in inputs {
      guard let source = stat(path: input) else { continue }
      if source.st_dev == target.st_dev && source.st_ino == target.st_ino {
        throw StorageError(
          .wouldOverwriteInput, "the output is the same file as the input \(input)",
          at: .init(file: output), remedy: "name another output")
      }
    }
  }
}
