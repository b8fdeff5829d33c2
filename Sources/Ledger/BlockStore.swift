import Cryptography

/// Keeps a chain. Blocks are added at its head and never changed.
///
/// A store looks at links, heights and times. Whether what stands in a block is sound is for the
/// protocol to say before it adds a block.
public protocol BlockStore<Stored>: ~Copyable {
  associatedtype Stored: ChainedBlock
  associatedtype Failure: Error

  /// The number of blocks of the chain, and the height of the next.
  var count: Int { get }
  /// The last block of the chain; `nil` in an empty store.
  var head: Stored? { get }

  /// The chain's block at a height; `nil` where there is none.
  borrowing func block(at height: Int) throws(Failure) -> Stored?
  /// The block with a hash, on the chain or beside it; `nil` where there is none.
  borrowing func block(hash: Digest) throws(Failure) -> Stored?

  /// Adds a block behind the head that it names. If the head is another one meanwhile, or the height
  /// is not the next, nothing is added. When this returns, the block outlives a crash of the process
  /// and of the machine.
  mutating func append(_ block: Stored) throws(Failure)
}

/// Keeps a chain and the branches beside it, one of which may become the chain.
public protocol ForkingBlockStore<Stored>: BlockStore, ~Copyable {
  /// Keeps a block beside the chain, behind a block that is stored already. A block that is there
  /// already stays as it is.
  mutating func keep(_ block: Stored) throws(Failure)

  /// Makes a stored block the head: the chain is then the path from the first block to it. All of
  /// this or nothing happens. The first block stays.
  mutating func reorganise(to hash: Digest) throws(Failure)
}

/// A chain in memory, with the branches beside it.
public struct MemoryBlockStore<Stored: ChainedBlock>: ForkingBlockStore, Sendable {
  public typealias Failure = ChainError

  /// The chain, from its first block to its head.
  public private(set) var blocks: [Stored] = []
  private var all: [Digest: Stored] = [:]

  public init() {}

  public var count: Int { blocks.count }
  public var head: Stored? { blocks.last }

  public func block(at height: Int) -> Stored? {
    blocks.indices.contains(height) ? blocks[height] : nil
  }

  public func block(hash: Digest) -> Stored? { all[hash] }

  public mutating func append(_ block: Stored) throws(ChainError) {
    try block.check(follows: head)
    all[block.hash] = block
    blocks.append(block)
  }

  public mutating func keep(_ block: Stored) throws(ChainError) {
    guard let parent = all[block.previous] else { throw .unknownParent(block.height) }
    try block.check(follows: parent)
    all[block.hash] = block
  }

  public mutating func reorganise(to hash: Digest) throws(ChainError) {
    guard let end = all[hash] else { throw .unknownBlock(hash) }
    var path = [end]
    // Back to where the new branch leaves the chain.
    while let first = path.last, block(at: Int(first.height)) != first {
      guard let parent = all[first.previous] else { throw .unknownParent(first.height) }
      path.append(parent)
    }
    blocks.removeSubrange(Int(path[path.count - 1].height)...)
    blocks.append(contentsOf: path.reversed())
  }
}
