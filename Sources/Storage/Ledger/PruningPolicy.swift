import Cryptography
import Ledger

/// Which contents of a chain are kept: those of its last blocks, and of every so many-th block.
public struct PruningPolicy: Sendable, Hashable, CustomStringConvertible {
  /// The number of blocks at the end of the chain whose contents are all kept.
  public let last: Int
  /// Contents of the blocks at multiples of this height are kept, too; `nil` for the first block's
  /// only.
  public let every: Int?

  /// - Precondition: at least one block, and a step of at least 1.
  public init(last: Int, every: Int? = nil) {
    precondition(last >= 1, "keeps the contents of \(last) blocks")
    precondition(every ?? 1 >= 1, "keeps the contents of every \(every ?? 0)th block")
    self.last = last
    self.every = every
  }

  /// The reason that is noted for what is pruned.
  public var description: String {
    "kept are the contents of the last \(last) blocks and of "
      + (every.map { "every \($0)th" } ?? "the first")
  }

  /// Whether the contents of a block are kept in a chain of so many blocks.
  public func keeps(height: Int, of count: Int) -> Bool {
    height >= count - last || height == 0 || every.map { height % $0 == 0 } ?? false
  }

  /// The contents that only blocks refer to whose contents are not kept.
  ///
  /// What no block of the chain refers to is not among them: its block may be on its way.
  ///
  /// - Parameter references: the digests of contents to which a block refers.
  public func expendable<Store: BlockStore & ~Copyable>(
    in store: borrowing Store, references: (Store.Stored) -> [Digest]
  ) throws(Store.Failure) -> [Digest] {
    var kept = Set<Digest>()
    var others: [Digest] = []
    let count = store.count
    for height in 0..<count {
      guard let block = try store.block(at: height) else { continue }
      if keeps(height: height, of: count) {
        kept.formUnion(references(block))
      } else {
        others += references(block)
      }
    }
    var seen = kept
    return others.filter { seen.insert($0).inserted }
  }
}

extension SQLiteBlockStore {
  /// Prunes contents by a policy. Those to which blocks beside the chain refer stay, as one of these
  /// may become the chain.
  ///
  /// - Parameter references: the digests of contents to which a block refers.
  /// - Returns: how many were removed, and of how many bytes.
  /// - Throws: ``StorageError``.
  @discardableResult
  public mutating func prune(
    by policy: PruningPolicy, references: (Stored) -> [Digest]
  ) throws(StorageError) -> (count: Int, byteCount: Int) {
    var beside = Set<Digest>()
    for hash in try blocksBeside() {
      guard let block = try block(hash: hash),
        Int(block.height) >= count - policy.last
      else { continue }
      beside.formUnion(references(block))
    }
    let expendable = try policy.expendable(in: self, references: references)
    return try prune(expendable.filter { !beside.contains($0) }, reason: "\(policy)")
  }
}
