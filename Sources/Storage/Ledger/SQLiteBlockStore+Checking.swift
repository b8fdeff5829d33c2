import Cryptography
import Ledger

extension SQLiteBlockStore {
  /// Reads everything and checks it: each block of the chain and its link, each block beside it, all
  /// contents, and the structure of the database. It says nothing of what the blocks mean.
  ///
  /// The chain of one moment is checked, with what others have added since it was opened.
  ///
  /// - Throws: ``StorageError`` for the first thing that is wrong; a damaged block is named.
  public borrowing func check() throws(StorageError) {
    try chain.database.snapshot { () throws(StorageError) in try checkEverything() }
  }

  private borrowing func checkEverything() throws(StorageError) {
    let state = try chain.state()
    var last: Stored?
    for height in 0..<state.count {
      guard let hash = try chain.hash(at: height),
        let next = try Self.read(hash, at: height, from: chain)
      else { throw chain.damaged("the block is missing", "block \(height)") }
      do {
        try next.check(follows: last)
      } catch {
        throw chain.damaged("\(error)", "block \(height)")
      }
      last = next
    }
    guard last?.hash == state.head else {
      throw chain.damaged("the last block is not the head", "block \(state.count - 1)")
    }
    for hash in try blocksBeside() { _ = try block(hash: hash) }
    for digest in try digests("SELECT digest FROM contents") { _ = try content(digest) }
    guard try chain.database.value("SELECT count(*) FROM chain").integer == state.count else {
      throw chain.damaged("the chain has notes of other blocks")
    }
    guard try chain.database.value("PRAGMA integrity_check").text == "ok" else {
      throw chain.damaged("the structure of the database is damaged")
    }
  }

  /// The hashes of the blocks that are beside the chain, lower ones first.
  ///
  /// - Throws: ``StorageError``.
  public borrowing func blocksBeside() throws(StorageError) -> [Digest] {
    try digests(
      "SELECT hash FROM blocks WHERE hash NOT IN (SELECT hash FROM chain) ORDER BY height, id")
  }

  private borrowing func digests(_ query: String) throws(StorageError) -> [Digest] {
    var digests: [Digest] = []
    try chain.database.statement(query).rows([]) { row throws(StorageError) in
      guard let bytes = row[0].bytes, bytes.count == Digest.byteCount else {
        throw chain.damaged("a key is damaged")
      }
      digests.append(Digest(bytes: bytes))
      return true
    }
    return digests
  }
}
