/// Files that are read into memory as a whole and are never large.
enum SmallFile {
  /// All bytes of the file at `path`.
  ///
  /// - Parameters:
  ///   - limit: the most bytes that it may have.
  ///   - what: what it should be, for people: `a network file`.
  ///   - isSecret: whether the file must be readable by nobody but its owner.
  static func bytes(
    of path: String, limit: Int, what: String, isSecret: Bool = false
  ) throws(StorageError) -> [UInt8] {
    let place = StorageError.Place(file: path)
    let file = try InputFile(path: path)
    if isSecret && !file.isPrivate {
      throw StorageError(
        .notPermitted, "others may read or change this private key", at: place,
        remedy: "do `chmod 600 \(path)`, and make new keys if somebody may have read it")
    }
    let tooLarge = StorageError(
      .tooLarge, "this is larger than \(what) can be (\(limit >> 10) KiB)", at: place,
      remedy: "name \(what)")
    guard file.size ?? 0 <= limit else { throw tooLarge }
    var bytes = [UInt8](repeating: 0, count: (file.size ?? limit) + 1)
    let count = try file.fill(&bytes)
    // A file that grows while it is read is read up to the limit and refused.
    guard count <= limit, count < bytes.count else { throw tooLarge }
    bytes.removeLast(bytes.count - count)
    return bytes
  }
}
