import Cryptography

/// Keeps a chain. Blocks are added at its head and never changed.
///
/// A store looks at links, heights and times. Whether a payload is sound and a seal proves anything
/// is for the protocol to say before it adds a block.
public protocol BlockStore: ~Copyable {
  associatedtype Failure: Error

  /// The number of blocks, and the height of the next.
  var count: Int { get }
  /// The last block; `nil` in an empty store.
  var head: Block? { get }

  /// The block at a height; `nil` where there is none.
  borrowing func block(at height: Int) throws(Failure) -> Block?
  /// The block with a hash; `nil` where there is none.
  borrowing func block(hash: Digest) throws(Failure) -> Block?

  /// Adds a block behind the head that it names. If the head is another one meanwhile, or the height
  /// is not the next, nothing is added.
  mutating func append(_ block: Block) throws(Failure)
}

/// A chain in memory.
public struct MemoryBlockStore: BlockStore, Sendable {
  public typealias Failure = ChainError

  public private(set) var blocks: [Block] = []
  private var heights: [Digest: Int] = [:]

  public init() {}

  public var count: Int { blocks.count }
  public var head: Block? { blocks.last }

  public func block(at height: Int) -> Block? {
    blocks.indices.contains(height) ? blocks[height] : nil
  }

  public func block(hash: Digest) -> Block? { heights[hash].map { blocks[$0] } }

  public mutating func append(_ block: Block) throws(ChainError) {
    try block.check(follows: head)
    heights[block.hash] = blocks.count
    blocks.append(block)
  }
}
