import Cryptography
import Ledger

/// A chain with its contents in one SQLite file, as an object: who wants a store of blocks and a store
/// of contents is given it twice, and both are one file with one lock.
///
/// It stays with one thread at a time, like ``SQLiteBlockStore``, which says everything else.
public final class SharedBlockStore<Stored: StorableBlock>: ForkingBlockStore, ContentStore {
  public typealias Failure = StorageError

  private var store: SQLiteBlockStore<Stored>

  /// Opens a chain to add to, and makes it if there is none.
  ///
  /// - Parameter first: the hash that its first block must have, where the network is known.
  /// - Throws: ``StorageError``.
  public init(opening path: String, first: Digest? = nil) throws(StorageError) {
    store = try SQLiteBlockStore(opening: path, first: first)
  }

  public var count: Int { store.count }
  public var head: Stored? { store.head }

  public func block(at height: Int) throws(StorageError) -> Stored? {
    try store.block(at: height)
  }

  public func block(hash: Digest) throws(StorageError) -> Stored? { try store.block(hash: hash) }

  public func append(_ block: Stored) throws(StorageError) { try store.append(block) }

  /// Adds blocks that follow one another, all of them or none: the disk is waited for once.
  ///
  /// - Throws: ``StorageError``.
  public func append(contentsOf blocks: [Stored]) throws(StorageError) {
    try store.append(contentsOf: blocks)
  }

  public func keep(_ block: Stored) throws(StorageError) { try store.keep(block) }

  public func reorganise(to hash: Digest) throws(StorageError) {
    try store.reorganise(to: hash)
  }

  @discardableResult
  public func put(_ bytes: [UInt8]) throws(StorageError) -> Digest { try store.put(bytes) }

  public func content(_ digest: Digest) throws(StorageError) -> StoredContent {
    try store.content(digest)
  }

  public func prune(_ digest: Digest, reason: String) throws(StorageError) {
    try store.prune(digest, reason: reason)
  }

  /// Prunes contents by a policy.
  ///
  /// - Parameter references: the digests of contents to which a block refers.
  /// - Returns: how many were removed, and of how many bytes.
  /// - Throws: ``StorageError``.
  @discardableResult
  public func prune(
    by policy: PruningPolicy, references: (Stored) -> [Digest]
  ) throws(StorageError) -> (count: Int, byteCount: Int) {
    try store.prune(by: policy, references: references)
  }
}
