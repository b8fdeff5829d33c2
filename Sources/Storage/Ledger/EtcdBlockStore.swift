import Cryptography
import Ledger

/// A chain in an etcd cluster, to which several organisations add.
///
/// Blocks are stored by their hash. Adding one is a compare-and-swap on the head, so that the chain
/// has no branches: of two who add behind the same head, one is told ``StorageError/Code/staleHead``.
/// What a method that adds has returned from is on a majority of the members. A block whose answer was
/// lost is neither lost nor added twice.
///
/// Nothing of the chain is ever deleted but contents that are pruned; etcd keeps the history of its
/// keys until it is compacted, which is for who runs it to set (`--auto-compaction-retention`).
public final class EtcdBlockStore<Stored: StorableBlock>: BlockStore, ContentStore {
  public typealias Failure = StorageError

  private var chain: EtcdChain
  private var state: EtcdChain.Head?
  public private(set) var head: Stored?

  /// Opens a chain, which may be empty.
  ///
  /// - Parameter first: the hash that its first block must have, where the network is known.
  /// - Throws: ``StorageError``.
  public init(_ cluster: EtcdCluster, first: Digest? = nil) throws(StorageError) {
    chain = EtcdChain(cluster, kind: Stored.kind)
    try refresh()
    if let first, let there = try chain.hash(at: 0), there != first {
      throw StorageError(
        .wrongFormat, "this is the chain of another network; its first block is \(there)",
        at: chain.place, remedy: "name another prefix")
    }
  }

  public var count: Int { state?.count ?? 0 }

  // MARK: Reading

  /// Takes in what others have added since.
  ///
  /// - Returns: whether there is another head.
  /// - Throws: ``StorageError``.
  @discardableResult
  public func refresh() throws(StorageError) -> Bool {
    let now = try chain.head()
    guard now != state else { return false }
    guard let now, now.count >= count else {
      throw StorageError(
        .malformed, "the chain has become shorter", at: chain.place,
        remedy: "look who deleted or restored its keys")
    }
    head = try read(now.hash, at: now.count - 1)
    state = now
    return true
  }

  private func read(_ hash: Digest, at height: Int?) throws(StorageError) -> Stored {
    guard let block = try readIfThere(hash, at: height) else {
      throw chain.damaged("the block is missing", "block \(height.map(String.init) ?? "\(hash)")")
    }
    return block
  }

  private func readIfThere(_ hash: Digest, at height: Int?) throws(StorageError) -> Stored? {
    let object = "block \(height.map(String.init) ?? "\(hash)")"
    guard case .present(let bytes) = try chain.bytes(chain.keys.block(hash), object) else {
      return nil
    }
    do {
      let block = try Stored(decoding: bytes)
      guard block.hash == hash, height == nil || Int(exactly: block.height) == height else {
        throw LedgerCodingError.malformed("place: another block stands there")
      }
      return block
    } catch {
      throw chain.damaged("\(error)", object)
    }
  }

  public func block(at height: Int) throws(StorageError) -> Stored? {
    guard height >= 0, height < count else { return nil }
    guard let hash = try chain.hash(at: height) else {
      throw chain.damaged("the note of its hash is missing", "block \(height)")
    }
    return try read(hash, at: height)
  }

  public func block(hash: Digest) throws(StorageError) -> Stored? {
    try readIfThere(hash, at: nil)
  }

  // MARK: Adding

  /// Adds a block behind the head that it names. Where there is another head meanwhile, it is
  /// ``head`` when this throws.
  ///
  /// - Throws: ``StorageError``. After `unreachable` it is not known whether the block was added; to
  ///   try again with the same block is right in either case.
  public func append(_ block: Stored) throws(StorageError) {
    if state?.hash == block.hash { return }
    let stale: (any Error) -> StorageError = { [place = chain.place] in
      StorageError(
        .staleHead, "\($0)", at: place, remedy: "take what has been added meanwhile first")
    }
    do {
      try block.check(follows: head)
    } catch {
      // An earlier try of the same block may have done it.
      try refresh()
      if try self.block(at: Int(clamping: block.height))?.hash == block.hash { return }
      throw stale(error)
    }
    switch try chain.append(block.hash, block.encoded, behind: state) {
    case .added(let head):
      state = head
      self.head = block
    case .stale:
      try refresh()
      throw stale(ChainError.wrongLink(block.height))
    }
  }

  // MARK: Contents

  @discardableResult
  public func put(_ bytes: [UInt8]) throws(StorageError) -> Digest {
    let digest = SHA256.hash(bytes)
    try chain.put(digest, bytes)
    return digest
  }

  public func content(_ digest: Digest) throws(StorageError) -> StoredContent {
    let found = try chain.bytes(chain.keys.content(digest), "content \(digest)")
    if case .present(let bytes) = found, SHA256.hash(bytes) != digest {
      throw chain.damaged("these bytes are damaged", "content \(digest)")
    }
    return found
  }

  public func prune(_ digest: Digest, reason: String) throws(StorageError) {
    try chain.prune(digest, reason: String(reason.prefix(1000)))
  }

  /// Prunes contents by a policy.
  ///
  /// - Parameter references: the digests of contents to which a block refers.
  /// - Returns: how many were removed.
  /// - Throws: ``StorageError``.
  @discardableResult
  public func prune(
    by policy: PruningPolicy, references: (Stored) -> [Digest]
  ) throws(StorageError) -> Int {
    var count = 0
    for digest in try policy.expendable(in: self, references: references) {
      if try chain.prune(digest, reason: "\(policy)") { count += 1 }
    }
    return count
  }
}
