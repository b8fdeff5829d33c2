import Cryptography
import Ledger

/// The tables of a chain in a database, and the statements over them. Knows bytes and hashes only.
///
/// - `state`: one row with the kind, the number of blocks and the head, under a check sum.
/// - `blocks`: every block by its hash, on the chain or beside it, with the digest of its bytes (a
///   block's own hash need not cover all of them).
/// - `chain`: the hash at each height, under a check sum.
/// - `contents`: bytes by digest, or what is known of those that were pruned, under a check sum.
///
/// The journal is a write-ahead log that is brought to the device at each commit, so that a commit
/// costs one wait, and readers see the last commit while a writer writes. The log lies beside the
/// file while it is open, and goes into it when the last one closes it.
struct SQLiteChain: ~Copyable {
  /// `CDbl`, in the header of the file.
  static let application = 0x4344_626C
  static let version = 1

  let kind: ChainKind
  private let readState: SQLiteStatement
  private let writeState: SQLiteStatement
  private let readBlock: SQLiteStatement
  private let writeBlock: SQLiteStatement
  private let readHeight: SQLiteStatement
  private let writeHeight: SQLiteStatement
  private let cutHeights: SQLiteStatement
  private let readContent: SQLiteStatement
  private let writeContent: SQLiteStatement
  let database: SQLiteDatabase

  struct State: Equatable {
    var count: Int
    /// `nil` in an empty chain.
    var head: Digest?
  }

}

extension SQLiteChain {
  init(_ database: consuming SQLiteDatabase, kind: ChainKind) throws(StorageError) {
    // Nothing may be half made when one of them fails.
    self.init(
      kind: kind,
      readState: try database.statement("SELECT kind, count, head, sum FROM state WHERE id = 1"),
      writeState: try database.statement(
        "INSERT OR REPLACE INTO state(id, kind, count, head, sum) VALUES (1, ?, ?, ?, ?)"),
      readBlock: try database.statement("SELECT height, digest, bytes FROM blocks WHERE hash = ?"),
      writeBlock: try database.statement(
        "INSERT INTO blocks(hash, height, digest, bytes) VALUES (?, ?, ?, ?)"),
      readHeight: try database.statement("SELECT hash, sum FROM chain WHERE height = ?"),
      writeHeight: try database.statement("INSERT INTO chain(height, hash, sum) VALUES (?, ?, ?)"),
      cutHeights: try database.statement("DELETE FROM chain WHERE height >= ?"),
      readContent: try database.statement(
        "SELECT count, bytes, reason, sum FROM contents WHERE digest = ?"),
      writeContent: try database.statement(
        "INSERT OR REPLACE INTO contents(digest, count, bytes, reason, sum) VALUES (?, ?, ?, ?, ?)"),
      database: database)
  }

  var place: StorageError.Place { database.place }

  func damaged(_ what: String, _ object: String? = nil) -> StorageError {
    StorageError(
      .malformed, what, at: .init(file: place.file, object: object),
      remedy: "copy the chain again from somebody else who has it")
  }

  /// The first bytes of the digest of some values that must not change apart from one another.
  static func sum(_ what: String, _ write: (inout LedgerWriter) -> Void) -> [UInt8] {
    var writer = LedgerWriter()
    writer.text(what)
    write(&writer)
    return Array(SHA256.hash(writer.bytes).bytes.prefix(8))
  }

  // MARK: State

  private func stateSum(_ state: State) -> [UInt8] {
    Self.sum("state") {
      $0.text(kind.name)
      $0.long(UInt64(state.count))
      $0.blob(state.head?.bytes ?? [])
    }
  }

  func state() throws(StorageError) -> State {
    guard let row = try readState.row([]) else {
      throw damaged("the note of its head is missing")
    }
    guard row[0].text == kind.name else {
      throw StorageError(
        .wrongFormat, "this is a chain of \(shown(row[0].text ?? "?")) blocks, not of \(kind)",
        at: place, remedy: "name the file of another chain")
    }
    guard let count = row[1].integer, let head = row[2].bytes, count >= 0,
      head.count == (count == 0 ? 0 : Digest.byteCount)
    else { throw damaged("the note of its head is damaged") }
    let state = State(count: count, head: count == 0 ? nil : Digest(bytes: head))
    guard row[3].bytes == stateSum(state) else { throw damaged("the note of its head is damaged") }
    return state
  }

  func set(_ state: State) throws(StorageError) {
    try writeState.run([
      .text(kind.name), .integer(state.count), .bytes(state.head?.bytes ?? []),
      .bytes(stateSum(state)),
    ])
  }

  // MARK: Blocks

  /// The bytes of a block, which have the digest that was written with them.
  func block(_ hash: Digest) throws(StorageError) -> (height: Int, bytes: [UInt8])? {
    guard let row = try readBlock.row([.bytes(hash.bytes)]) else { return nil }
    guard let height = row[0].integer, let digest = row[1].bytes, let bytes = row[2].bytes,
      SHA256.hash(bytes).bytes == digest
    else { throw damaged("the bytes of the block are damaged", "block \(hash)") }
    return (height, bytes)
  }

  func add(_ hash: Digest, height: UInt64, bytes: [UInt8]) throws(StorageError) {
    try writeBlock.run([
      .bytes(hash.bytes), .integer(Int(height)), .bytes(SHA256.hash(bytes).bytes), .bytes(bytes),
    ])
  }

  private static func heightSum(_ height: Int, _ hash: [UInt8]) -> [UInt8] {
    sum("height") {
      $0.long(UInt64(height))
      $0.blob(hash)
    }
  }

  /// The hash of the chain's block at a height.
  func hash(at height: Int) throws(StorageError) -> Digest? {
    guard let row = try readHeight.row([.integer(height)]) else { return nil }
    guard let hash = row[0].bytes, hash.count == Digest.byteCount,
      row[1].bytes == Self.heightSum(height, hash)
    else { throw damaged("the note of its hash is damaged", "block \(height)") }
    return Digest(bytes: hash)
  }

  func setHash(_ hash: Digest, at height: UInt64) throws(StorageError) {
    try writeHeight.run([
      .integer(Int(height)), .bytes(hash.bytes),
      .bytes(Self.heightSum(Int(height), hash.bytes)),
    ])
  }

  /// Takes the blocks from a height on off the chain. They are kept beside it.
  func cut(from height: UInt64) throws(StorageError) {
    try cutHeights.run([.integer(Int(height))])
  }

  // MARK: Contents

  private static func contentSum(
    _ digest: Digest, _ count: Int, _ reason: String?
  ) -> [UInt8] {
    sum("content") {
      $0.digest(digest)
      $0.long(UInt64(count))
      $0.flag(reason != nil)
      $0.text(reason ?? "")
    }
  }

  func content(_ digest: Digest) throws(StorageError) -> StoredContent {
    guard let row = try readContent.row([.bytes(digest.bytes)]) else { return .unknown }
    let object = "content \(digest)"
    guard let count = row[0].integer, count >= 0,
      row[3].bytes == Self.contentSum(digest, count, row[2].text)
    else { throw damaged("the note of these bytes is damaged", object) }
    if let reason = row[2].text { return .pruned(byteCount: count, reason: reason) }
    guard let bytes = row[1].bytes, bytes.count == count, SHA256.hash(bytes) == digest else {
      throw damaged("these bytes are damaged", object)
    }
    return .present(bytes)
  }

  func setContent(_ digest: Digest, _ content: StoredContent) throws(StorageError) {
    switch content {
    case .present(let bytes):
      try writeContent.run([
        .bytes(digest.bytes), .integer(bytes.count), .bytes(bytes), .null,
        .bytes(Self.contentSum(digest, bytes.count, nil)),
      ])
    case .pruned(let count, let reason):
      try writeContent.run([
        .bytes(digest.bytes), .integer(count), .null, .text(reason),
        .bytes(Self.contentSum(digest, count, reason)),
      ])
    case .unknown: preconditionFailure("nothing is not kept")
    }
  }
}
