import Cryptography
import Ledger

extension SQLiteBlockStore {
  /// Reads everything and checks it: each block of the chain and its link, each block beside it, all
  /// contents, and the structure of the database. It says nothing of what the blocks mean.
  ///
  /// - Throws: ``StorageError`` for the first thing that is wrong; a damaged block is named.
  public borrowing func check() throws(StorageError) {
    var last: Stored?
    for height in 0..<count {
      let next = try block(at: height)
      do {
        try next?.check(follows: last)
      } catch {
        throw chain.damaged("\(error)", "block \(height)")
      }
      last = next
    }
    guard last == head else {
      throw chain.damaged("the last block is not the head", "block \(count - 1)")
    }
    for hash in try blocksBeside() { _ = try block(hash: hash) }
    for digest in try digests("SELECT digest FROM contents") { _ = try content(digest) }
    guard try chain.database.value("SELECT count(*) FROM chain").integer == count else {
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
