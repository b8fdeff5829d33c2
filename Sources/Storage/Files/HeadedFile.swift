import Cryptography

/// A kind of small binary file: a line that says what it is, and bytes behind it.
public struct HeadedFile: Sendable, Hashable {
  /// Without its line break.
  private let line: String
  /// What such a file is, for people: `the first block of a chain`.
  public let what: String
  /// Where one comes from, as an imperative.
  private let remedy: String
  /// Whether the SHA-256 of the bytes stands before them: where nothing in them tells damage.
  private let isSealed: Bool

  /// The canonical bytes of a chain's first block, which all members must have.
  public static let firstBlock = HeadedFile(
    line: "collabdict-genesis 1", what: "the first block of a chain",
    remedy: "name what `collabdict ledger init` wrote")
  /// A party's entry for a chain of calibrations: its key, its model, and who approved it.
  public static let partyModel = HeadedFile(
    line: "collabdict-party 2", what: "a party's model",
    remedy: "name what `collabdict bema train` wrote", isSealed: true)

  /// The most bytes of a file, those of the largest block.
  static let limit = 1 << 28

  private init(line: String, what: String, remedy: String, isSealed: Bool = false) {
    (self.line, self.what, self.remedy, self.isSealed) = (line, what, remedy, isSealed)
  }

  private var head: [UInt8] { Array((line + "\n").utf8) }

  /// Reads the bytes behind the line.
  ///
  /// - Throws: ``StorageError``: `wrongFormat` for a file of another kind, `malformed` for a damaged
  ///   one if the kind tells.
  public func read(_ path: String) throws(StorageError) -> [UInt8] {
    let bytes = try SmallFile.bytes(of: path, limit: Self.limit, what: what)
    guard bytes.starts(with: head) else {
      throw StorageError(
        .wrongFormat, "this is not \(what)", at: .init(file: path), remedy: remedy)
    }
    let rest = Array(bytes.dropFirst(head.count))
    guard isSealed else { return rest }
    let content = Array(rest.dropFirst(Digest.byteCount))
    guard Array(rest.prefix(Digest.byteCount)) == SHA256.hash(content).bytes else {
      throw StorageError(
        .malformed, "the file is damaged: its bytes have another SHA-256 than it says",
        at: .init(file: path), remedy: "copy it again from where it was made")
    }
    return content
  }

  /// Writes a file, whole or not at all.
  ///
  /// - Parameter replacing: whether a file that is there is replaced.
  /// - Throws: ``StorageError``: `alreadyExists` if there is one that is not.
  public func write(
    _ bytes: [UInt8], to path: String, replacing: Bool = false
  ) throws(StorageError) {
    if !replacing { try AtomicFile.refuseExisting(path) }
    var file = try AtomicFile(replacing: path)
    let all = head + (isSealed ? SHA256.hash(bytes).bytes : []) + bytes
    try file.write(all.span)
    if replacing { try file.commit() } else { try file.commitNew() }
  }

  /// The error of a file of this kind whose bytes say something else.
  public func malformed(_ problem: String, _ path: String) -> StorageError {
    StorageError(.malformed, problem, at: .init(file: path), remedy: remedy)
  }
}
