import Consensus

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file to which a member adds what happens in a run, entry by entry.
///
/// Each entry is a length, a check sum and bytes. What a killed process left half-written at the end
/// is cut off when the file is opened again; whatever was added before is there.
public struct RunRecord: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private static let magic: [UInt8] = Array("collabdict-run 1\n".utf8)
  /// No entry is longer: a length beyond it is no length.
  private static let longestEntry = 1 << 28

  /// The entries that were there when the record was opened.
  public let entries: [RunEntry]

  /// Opens the record at `path` for adding, and makes it if there is none.
  ///
  /// - Throws: ``StorageError``.
  public init(opening path: String) throws(StorageError) {
    let place = StorageError.Place(file: path)
    let (entries, end) = try Self.contents(of: path)
    let opened = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard opened >= 0 else { throw .system(errno, "write", at: place) }
    do throws(StorageError) {
      guard ftruncate(opened, off_t(end)) == 0, lseek(opened, 0, SEEK_END) >= 0 else {
        throw .system(errno, "write", at: place)
      }
      if end == 0 { try Self.write(Self.magic, to: opened, place) }
    } catch {
      close(opened)
      throw error
    }
    descriptor = opened
    self.path = path
    self.entries = entries
  }

  /// The entries of a record.
  ///
  /// - Throws: ``StorageError`` if there is no record at `path`.
  public static func entries(of path: String) throws(StorageError) -> [RunEntry] {
    let (entries, end) = try contents(of: path)
    guard end > 0 else {
      throw StorageError(
        .noSuchFile, "there is no record of a run", at: .init(file: path),
        remedy: "name the .run file beside a node's model")
    }
    return entries
  }

  deinit { close(descriptor) }

  /// Adds an entry. It outlives the process; `isLasting` makes it outlive the machine's power, too.
  public func add(_ entry: RunEntry, isLasting: Bool = false) throws(StorageError) {
    let bytes = entry.encoded
    let head = [UInt32(bytes.count), Self.checkSum(bytes)].flatMap { word in
      [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) }
    }
    try Self.write(head + bytes, to: descriptor, .init(file: path))
    if isLasting && fsync(descriptor) != 0 {
      throw .system(errno, "write", at: .init(file: path))
    }
  }

  /// Forgets all entries.
  public func clear() throws(StorageError) {
    guard ftruncate(descriptor, off_t(Self.magic.count)) == 0,
      lseek(descriptor, 0, SEEK_END) >= 0
    else { throw .system(errno, "write", at: .init(file: path)) }
  }

  private static func write(
    _ bytes: [UInt8], to descriptor: Int32, _ place: StorageError.Place
  ) throws(StorageError) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe systemWrite(descriptor, buffer.baseAddress, written, buffer.count)
      }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw .system(errno, "write", at: place)
      }
    }
  }

  /// The whole entries of a file, and where they end; 0 where there is no file.
  private static func contents(
    of path: String
  ) throws(StorageError) -> (entries: [RunEntry], end: Int) {
    guard FileStatus.exists(path) else { return ([], 0) }
    let bytes = try SmallFile.bytes(of: path, limit: 1 << 32, what: "a record of a run")
    if bytes.isEmpty { return ([], 0) }
    guard bytes.starts(with: magic) else {
      throw StorageError(
        .wrongFormat, "this is no record of a run", at: .init(file: path),
        remedy: "move it away, or name another output")
    }
    var entries: [RunEntry] = []
    var position = magic.count
    func word(_ at: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) }
    }
    while bytes.count - position >= 8 {
      let count = Int(word(position))
      guard count <= longestEntry, bytes.count - position - 8 >= count else { break }
      let body = Array(bytes[position + 8..<position + 8 + count])
      guard checkSum(body) == word(position + 4), let entry = try? RunEntry(decoding: body) else {
        break
      }
      entries.append(entry)
      position += 8 + count
    }
    return (entries, position)
  }

  /// Tells a page that never reached the disk from one that did (Fletcher's check sum).
  private static func checkSum(_ bytes: [UInt8]) -> UInt32 {
    var first: UInt32 = 1
    var second: UInt32 = 0
    for byte in bytes {
      first &+= UInt32(byte)
      second &+= first
    }
    return second << 16 ^ second >> 16 ^ first
  }
}

private func systemWrite(
  _ descriptor: Int32, _ start: UnsafeRawPointer?, _ from: Int, _ to: Int
) -> Int {
  unsafe write(descriptor, start.map { unsafe $0 + from }, to - from)
}

enum FileStatus {
  /// Whether something is at a path.
  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
