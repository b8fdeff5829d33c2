import Cryptography
import Testing

@testable import Ledger

@Suite struct BlockTests {
  private func chain(_ count: Int) throws -> MemoryBlockStore<Block> {
    var store = MemoryBlockStore<Block>()
    for i in 0..<count {
      try store.append(
        Block(
          height: UInt64(i), previous: store.head?.hash ?? Block.origin, time: UInt64(10 * i),
          payload: [UInt8](repeating: UInt8(i), count: i), seal: [1, UInt8(i)]))
    }
    return store
  }

  @Test func bytesGoThereAndBack() throws {
    for block in try chain(5).blocks {
      let again = try Block(decoding: block.encoded)
      #expect(again == block)
      #expect(again.hash == block.hash)
    }
  }

  /// Every bit of height, link, time and payload is under the hash; those of the seal are not.
  @Test func everyBitButTheSealsIsHashed() throws {
    let block = try #require(try chain(4).head)
    let bytes = block.encoded
    // The bytes of the seal stand last, behind their count.
    for place in 0..<bytes.count - block.seal.count {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[place] ^= 1 << UInt8(bit)
        guard let other = try? Block(decoding: damaged) else { continue }
        #expect(other.hash != block.hash, "byte \(place), bit \(bit)")
      }
    }
    var sealed = block
    sealed.seal = [9]
    #expect(sealed.hash == block.hash)
  }

  @Test func shortAndLongBytesAreRefused() throws {
    let bytes = try #require(try chain(4).head).encoded
    for count in 0..<bytes.count {
      #expect(throws: LedgerCodingError.self) { try Block(decoding: Array(bytes.prefix(count))) }
    }
    #expect(throws: LedgerCodingError.trailingBytes(1)) { try Block(decoding: bytes + [0]) }
    // A count that promises four gibibytes takes no memory.
    var greedy = bytes
    for i in 48..<52 { greedy[i] = 255 }
    #expect(throws: LedgerCodingError.self) { try Block(decoding: greedy) }
  }

  @Test func aStaleHeadIsRefused() throws {
    var store = try chain(3)
    let head = try #require(store.head)
    let one = Block(height: 3, previous: head.hash, time: 20, payload: [1])
    let other = Block(height: 3, previous: head.hash, time: 20, payload: [2])
    try store.append(one)
    #expect(throws: ChainError.wrongHeight(3, expected: 4)) { try store.append(other) }
    #expect(throws: ChainError.wrongLink(4)) {
      try store.append(Block(height: 4, previous: other.hash, time: 20, payload: []))
    }
    #expect(throws: ChainError.backInTime(4)) {
      try store.append(Block(height: 4, previous: one.hash, time: 19, payload: []))
    }
    #expect(store.head == one)
    #expect(store.block(hash: one.hash) == one)
    #expect(store.block(hash: other.hash) == nil)
    #expect(store.block(at: 2) == head)
    #expect(store.block(at: 4) == nil)
  }

  @Test func numbersKeepTheirBits() throws {
    let values = [0.0, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, 1 / 3]
    var writer = LedgerWriter()
    writer.numbers(values)
    writer.text("Größe")
    writer.flag(true)
    var reader = LedgerReader(writer.bytes)
    #expect(try reader.numbers().map(\.bitPattern) == values.map(\.bitPattern))
    #expect(try reader.text() == "Größe")
    #expect(try reader.flag())
    try reader.finish()
  }
}

@Suite struct BranchTests {
  private func block(_ height: Int, behind previous: Digest, _ mark: UInt8) -> Block {
    Block(height: UInt64(height), previous: previous, time: UInt64(height), payload: [mark])
  }

  /// A branch that becomes the chain and gives way again: blocks stay findable, heights follow.
  @Test func theChainMovesToABranchAndBack() throws {
    var store = MemoryBlockStore<Block>()
    let first = block(0, behind: Block.origin, 0)
    let (a1, b1) = (block(1, behind: first.hash, 1), block(1, behind: first.hash, 2))
    let (a2, b2) = (block(2, behind: a1.hash, 1), block(2, behind: b1.hash, 2))
    let b3 = block(3, behind: b2.hash, 2)
    for one in [first, a1, a2] { try store.append(one) }
    for one in [b1, b2, b3] { try store.keep(one) }
    #expect(store.blocks == [first, a1, a2])
    try store.reorganise(to: b3.hash)
    #expect(store.blocks == [first, b1, b2, b3])
    #expect(store.block(hash: a2.hash) == a2)
    try store.reorganise(to: a1.hash)
    #expect(store.blocks == [first, a1])
    try store.reorganise(to: b3.hash)
    #expect(store.head == b3)
  }

  @Test func strangeBranchesAreRefused() throws {
    var store = MemoryBlockStore<Block>()
    let first = block(0, behind: Block.origin, 0)
    try store.append(first)
    let orphan = block(2, behind: block(1, behind: first.hash, 1).hash, 1)
    #expect(throws: ChainError.unknownParent(2)) { try store.keep(orphan) }
    #expect(throws: ChainError.unknownBlock(orphan.hash)) { try store.reorganise(to: orphan.hash) }
    #expect(store.blocks == [first])
  }
}

@Suite struct ContentTests {
  @Test func prunedContentIsNamedAsSuch() {
    var store = MemoryContentStore()
    let digest = store.put([1, 2, 3])
    #expect(store.put([1, 2, 3]) == digest)
    #expect(store.content(digest) == .present([1, 2, 3]))
    store.prune(digest, reason: "older than 100 blocks")
    #expect(store.content(digest) == .pruned(byteCount: 3, reason: "older than 100 blocks"))
    store.put([1, 2, 3])
    #expect(store.content(digest) == .present([1, 2, 3]))
    #expect(store.content(SHA256.hash([])) == .unknown)
  }
}
