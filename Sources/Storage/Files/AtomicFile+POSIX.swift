#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file that appears at its place whole or not at all.
///
/// The bytes go to a temporary file in the same directory. `commit()` brings them to the disk and
/// renames the temporary file to the destination; a value that goes without a commit removes it
/// and leaves whatever was at the destination as it was.
///
/// ```swift
/// var file = try AtomicFile(replacing: "report.txt")
/// try file.write(Array("all is well\n".utf8).span)
/// try file.commit()
/// ```
public struct AtomicFile: ~Copyable, Sendable {
  /// Where the file will be, as the caller gave it.
  public let destination: String
  /// Where it is until then. Other libraries may write to it by this path before the commit.
  public let temporaryPath: String

  private let resolvedDestination: String
  private let descriptor: Int32
  private var isPending = true

  /// Creates an empty temporary file beside `destination`.
  ///
  /// A symbolic link is followed: the file that it leads to is the one replaced.
  ///
  /// - Parameter isSecret: whether nobody but the owner may read the file (mode 0600), from its
  ///   creation on.
  /// - Throws: ``StorageError`` if `destination` is a directory or a device, or if its directory
  ///   does not exist or may not be written.
  public init(replacing destination: String, isSecret: Bool = false) throws(StorageError) {
    let place = StorageError.Place(file: destination)
    if let status = stat(path: destination) {
      if status.isDirectory { throw .directory(at: place) }
      if !status.isRegularFile {
        throw StorageError(
          .notARegularFile, "this is not a regular file and cannot be replaced", at: place,
          remedy: "name a regular file")
      }
    }
    if destination.isEmpty || destination.hasSuffix("/") { throw .directory(at: place) }

    let resolved = resolvingLinks(destination)
    let slash = resolved.lastIndex(of: "/")
    let directory = slash.map { String(resolved[...$0]) } ?? ""
    let name = slash.map { resolved[resolved.index(after: $0)...] } ?? resolved[...]
    let tag = String(UInt64.random(in: .min ... .max), radix: 36)
    let temporary = "\(directory).\(name.prefix(32)).\(tag).partial"
    let opened = unsafe open(
      temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, isSecret ? 0o600 : 0o666)
    guard opened >= 0 else { throw .system(errno, "create", at: place) }

    self.destination = destination
    resolvedDestination = resolved
    temporaryPath = temporary
    descriptor = opened
  }

  deinit {
    if isPending {
      // A library that failed to close the file may hold it open: give the room back all the same.
      _ = ftruncate(descriptor, 0)
      _ = unsafe unlink(temporaryPath)
    }
    close(descriptor)
  }

  /// Appends bytes.
  public mutating func write(_ bytes: Span<UInt8>) throws(StorageError) {
    var written = 0
    while written < bytes.count {
      let rest = bytes.extracting(written...)
      let count = unsafe rest.withUnsafeBytes { unsafe systemWrite(descriptor, $0) }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw .system(errno, "write", at: .init(file: destination))
      }
    }
  }

  /// Brings the bytes to the disk and the file to its place.
  ///
  /// - Throws: ``StorageError`` if either fails; the destination is then as it was.
  public consuming func commit() throws(StorageError) {
    let place = StorageError.Place(file: destination)
    guard fsync(descriptor) == 0 else { throw .system(errno, "write", at: place) }
    let outcome = unsafe rename(temporaryPath, resolvedDestination)
    guard outcome == 0 else { throw .system(errno, "replace", at: place) }
    isPending = false
    syncDirectory(of: resolvedDestination)
  }

  /// Brings the bytes to the disk and the file to its place, where nothing may be yet.
  ///
  /// - Throws: ``StorageError`` with code `alreadyExists` if something is there, whenever it came;
  ///   it is then as it was.
  public consuming func commitNew() throws(StorageError) {
    let place = StorageError.Place(file: destination)
    guard fsync(descriptor) == 0 else { throw .system(errno, "write", at: place) }
    // A link fails where a rename would replace.
    if unsafe link(temporaryPath, resolvedDestination) == 0 {
      isPending = false
      _ = unsafe unlink(temporaryPath)
      syncDirectory(of: resolvedDestination)
      return
    }
    switch errno {
    case EEXIST: throw .exists(at: place)
    case EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS, EMLINK:
      // File systems without links: to look first is the best there is.
      if stat(path: resolvedDestination) != nil { throw .exists(at: place) }
      try commit()
    default: throw .system(errno, "create", at: place)
    }
  }

  /// Writes bytes that are all there to a file, in place of whatever it was.
  ///
  /// - Throws: ``StorageError``; what was at `path` is then as it was.
  public static func write(_ bytes: [UInt8], to path: String) throws(StorageError) {
    var file = try AtomicFile(replacing: path)
    try file.write(bytes.span)
    try file.commit()
  }

  /// Refuses to go on when no file could be written at `path`, before the work for it is done.
  ///
  /// - Throws: ``StorageError``, as ``init(replacing:isSecret:)``.
  public static func requireWritable(_ path: String) throws(StorageError) {
    // It goes with the value.
    _ = try AtomicFile(replacing: path)
  }

  /// Refuses to go on when there is something at `path`.
  ///
  /// - Throws: ``StorageError`` with code `alreadyExists`.
  public static func refuseExisting(_ path: String) throws(StorageError) {
    if stat(path: path) != nil { throw .exists(at: .init(file: path)) }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  unsafe write(descriptor, bytes.baseAddress, bytes.count)
}

/// The path of the file that symbolic links lead to; `path` itself if nothing is there.
func resolvingLinks(_ path: String) -> String {
  guard let resolved = unsafe realpath(path, nil) else { return path }
  defer { unsafe free(resolved) }
  return unsafe String(cString: resolved)
}

/// Makes a rename, or a new file's name, lasting where the file system can.
func syncDirectory(of path: String) {
  let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
  let descriptor = unsafe open(directory, O_RDONLY | O_CLOEXEC)
  if descriptor >= 0 {
    _ = fsync(descriptor)
    close(descriptor)
  }
}
