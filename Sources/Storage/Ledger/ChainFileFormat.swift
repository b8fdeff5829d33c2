/// How a file keeps a chain, found out from its first bytes.
public enum ChainFileFormat: Sendable, Hashable {
  /// A file that only grows: ``FileBlockStore``.
  case file(ChainKind)
  /// A database: ``SQLiteBlockStore``, which knows the kind of its blocks.
  case sqlite

  private static let word = Array("collabdict-chain ".utf8)
  private static let sqliteMagic = Array("SQLite format 3\0".utf8)

  /// The line that a file of blocks starts with.
  static func magic(of kind: ChainKind) -> [UInt8] {
    // The first kind of chain had a file before there were others.
    word + Array((kind == .ordered ? "1\n" : "\(kind.name) 1\n").utf8)
  }

  /// The kind that the line at the start of a file tells; `nil` where there is no such line.
  static func kind(of file: ChainFile) throws(StorageError) -> ChainKind? {
    let start = try file.bytes(from: 0, count: word.count + 20)
    guard start.starts(with: word), let end = start.firstIndex(of: UInt8(ascii: "\n")) else {
      return nil
    }
    let line = String(decoding: start[word.count..<end], as: UTF8.self)
    if line == "1" { return .ordered }
    let parts = line.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1] == "1", (1...16).contains(parts[0].utf8.count),
      parts[0].utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
    else { return nil }
    return ChainKind(String(parts[0]))
  }

  /// The format of the file at a path.
  ///
  /// - Throws: ``StorageError`` where there is none, or one that holds no chain.
  public static func detect(_ path: String) throws(StorageError) -> ChainFileFormat {
    let place = StorageError.Place(file: path)
    let file = try ChainFile(path: path, isWriting: false)
    if try file.bytes(from: 0, count: sqliteMagic.count) == sqliteMagic { return .sqlite }
    if let kind = try kind(of: file) { return .file(kind) }
    if try file.size == 0 {
      throw StorageError(
        .truncated, "this file is empty", at: place, remedy: "name the file of a chain")
    }
    throw StorageError(
      .wrongFormat, "this is no chain of blocks", at: place, remedy: "name the file of a chain")
  }

  /// Refuses a path where there is no file that can be read.
  ///
  /// - Throws: ``StorageError``.
  public static func requireFile(_ path: String) throws(StorageError) {
    _ = try ChainFile(path: path, isWriting: false).size
  }
}
