import Cryptography
import Foundation
import Ledger
import Testing

@testable import Storage

@Suite struct SQLiteBlockStoreTests {
  let directory = try! TemporaryDirectory()

  private func write(_ count: Int, to path: String) throws -> [Block] {
    var store = try SQLiteBlockStore<Block>(opening: path)
    var blocks: [Block] = []
    for i in 0..<count {
      let next = block(store.head, [UInt8](repeating: UInt8(i % 251), count: 5 * i % 400))
      try store.append(next)
      blocks.append(next)
    }
    return blocks
  }

  private func read(_ path: String) throws -> [Block] {
    let store = try SQLiteBlockStore<Block>(reading: path)
    try store.check()
    return try (0..<store.count).compactMap { try store.block(at: $0) }
  }

  @Test func aReopenedChainGoesOn() throws {
    let path = directory("chain")
    let blocks = try write(4, to: path)
    // Closed, the chain is one file.
    #expect(try directory.contents == ["chain"])
    do {
      var store = try SQLiteBlockStore<Block>(opening: path)
      #expect(store.count == 4)
      #expect(store.head == blocks[3])
      #expect(try store.block(hash: blocks[2].hash) == blocks[2])
      #expect(try store.block(at: 4) == nil)
      #expect(try store.block(at: -1) == nil)
      try store.append(block(store.head, [9]))
    }
    #expect(try read(path).prefix(4) == blocks[...])
    #expect(try read(path).count == 5)
    #expect(try directory.contents == ["chain"])
    #expect(try ChainFileFormat.detect(path) == .sqlite)
    #expect(try SQLiteChain.kind(ofFile: path) == .ordered)
  }

  @Test func aStaleHeadIsRefused() throws {
    let path = directory("chain")
    let blocks = try write(3, to: path)
    var store = try SQLiteBlockStore<Block>(opening: path)
    func refused(_ block: Block) {
      do {
        try store.append(block)
        Issue.record("block \(block.height) was added")
      } catch {
        #expect(error.code == .staleHead)
      }
    }
    refused(block(blocks[1], [5]))
    refused(Block(height: 4, previous: blocks[2].hash, time: 7, payload: []))
    refused(block(blocks[2], [], time: 6))
    #expect(store.count == 3)
    try store.append(block(blocks[2], [5]))
    #expect(store.count == 4)
  }

  /// Many blocks at once are the same chain as one after the other, and come all or not at all.
  @Test func blocksAreAddedTogether() throws {
    let blocks = try write(7, to: directory("chain"))
    do {
      var store = try SQLiteBlockStore<Block>(opening: directory("other"))
      try store.append(contentsOf: [])
      #expect(store.head == nil && store.count == 0)
      try store.append(contentsOf: Array(blocks[..<3]))
      let gap = Array(blocks[3..<5]) + [blocks[6]]
      let error = #expect(throws: StorageError.self) { try store.append(contentsOf: gap) }
      #expect(error?.code == .staleHead)
      #expect(store.count == 3 && store.head == blocks[2])
      #expect(try store.block(hash: blocks[3].hash) == nil)
      try store.append(contentsOf: Array(blocks[3...]))
      #expect(store.count == 7 && store.head == blocks[6])
    }
    #expect(try read(directory("other")) == blocks)
  }

  /// Whatever is added and reorganised, it is the same chain as in memory, and stays it.
  @Test func branchesAreThoseOfTheMemory() throws {
    let path = directory("chain")
    var memory = MemoryBlockStore<Block>()
    var random = Numbers(seed: 5)
    var blocks: [Block] = []
    for _ in 0..<20 {
      // Opened anew each time: nothing may hang on what a value remembers.
      var store = try SQLiteBlockStore<Block>(opening: path)
      for _ in 0..<10 {
        let isGrowing = blocks.isEmpty || random.next(3) == 0
        let parent =
          isGrowing ? memory.head : blocks[blocks.count - 1 - random.next(min(9, blocks.count))]
        let next = block(parent, [UInt8(random.next(256)), UInt8(blocks.count % 256)])
        if isGrowing {
          try memory.append(next)
          try store.append(next)
        } else {
          try memory.keep(next)
          try store.keep(next)
          try store.keep(next)
          if random.next(2) == 0 {
            try memory.reorganise(to: next.hash)
            try store.reorganise(to: next.hash)
          }
        }
        blocks.append(next)
        #expect(store.head == memory.head)
        #expect(store.count == memory.count)
      }
      for height in 0..<memory.count {
        #expect(try store.block(at: height) == memory.block(at: height))
      }
      for block in blocks { #expect(try store.block(hash: block.hash) == block) }
      let beside = Set(blocks.map(\.hash)).subtracting(memory.blocks.map(\.hash))
      #expect(try Set(store.blocksBeside()) == beside)
      try store.check()
    }
  }

  @Test func whatNoChainHasCannotBecomeIt() throws {
    let path = directory("chain")
    let blocks = try write(3, to: path)
    var store = try SQLiteBlockStore<Block>(opening: path)
    let lost = Block(height: 5, previous: SHA256.hash([1]), time: 7, payload: [])
    do {
      try store.keep(lost)
      Issue.record("a block without its parent was kept")
    } catch { #expect(error.code == .staleHead) }
    do {
      try store.reorganise(to: lost.hash)
      Issue.record("the chain leads to a block that is not there")
    } catch { #expect(error.code == .staleHead) }
    #expect(store.head == blocks[2])
    try store.check()
  }

  @Test func aReaderFollowsWhileAWriterWrites() throws {
    let path = directory("chain")
    let blocks = try write(2, to: path)
    var reader = try SQLiteBlockStore<Block>(reading: path)
    var writer = try SQLiteBlockStore<Block>(opening: path)
    for i in 0..<5 {
      #expect(try !reader.refresh())
      let next = block(writer.head, [UInt8(i)])
      try writer.append(next)
      #expect(try reader.refresh())
      #expect(reader.head == next)
      #expect(try reader.block(at: reader.count - 1) == next)
    }
    // A branch that is shorter than what the reader has seen.
    let other = block(blocks[1], [77])
    try writer.keep(other)
    try writer.reorganise(to: other.hash)
    #expect(storageError { _ = try reader.block(at: 5) }?.code == .staleHead)
    #expect(try reader.refresh())
    #expect(reader.count == 3)
    #expect(storageError { try reader.append(block(reader.head, [])) }?.code == .notPermitted)
  }

  /// What others add while a reader checks is no damage; what does not fit together is.
  @Test func theChainOfOneMomentIsChecked() throws {
    let path = directory("chain")
    let blocks = try write(3, to: path)
    let reader = try SQLiteBlockStore<Block>(reading: path)
    var writer = try SQLiteBlockStore<Block>(opening: path)
    try writer.append(block(writer.head, [1]))
    try reader.check()
    let other = block(blocks[1], [2])
    try writer.keep(other)
    try writer.reorganise(to: other.hash)
    try reader.check()
    try writer.append(contentsOf: [block(other, [3])])
    try reader.check()
    #expect(reader.count == 3)
    try writer.chain.setHash(other.hash, at: 9)
    let more = storageError { try reader.check() }
    #expect(more?.problem.contains("other blocks") == true)
    try writer.chain.cut(from: 9)
    try reader.check()
    try writer.chain.cut(from: 3)
    let less = storageError { try reader.check() }
    #expect(less?.code == .malformed && less?.place.object == "block 3")
  }

  @Test func oneAtATimeAdds() throws {
    let path = directory("chain")
    _ = try write(2, to: path)
    do {
      let store = try SQLiteBlockStore<Block>(opening: path)
      let error = storageError { _ = try SQLiteBlockStore<Block>(opening: path).count }
      #expect(error?.code == .notPermitted)
      #expect(error?.problem.contains("another process") == true)
      #expect(try read(path).count == store.count)
    }
    #expect(try SQLiteBlockStore<Block>(opening: path).count == 2)
  }

  @Test func aFullDiskLosesNothing() throws {
    let path = directory("chain")
    let blocks = try write(5, to: path)
    do {
      var store = try SQLiteBlockStore<Block>(opening: path)
      let pages = try store.chain.database.value("PRAGMA page_count").integer ?? 0
      _ = try store.chain.database.value("PRAGMA max_page_count = \(pages)")
      let large = block(store.head, [UInt8](repeating: 3, count: 100_000))
      #expect(storageError { try store.append(large) }?.code == .diskFull)
      #expect(store.head == blocks[4])
      #expect(storageError { try store.put(large.payload) }?.code == .diskFull)
      _ = try store.chain.database.value("PRAGMA max_page_count = 100000")
      try store.append(large)
    }
    #expect(try read(path).count == 6)
  }

  @Test func otherFilesAreNoChains() throws {
    func code(_ path: String) -> [StorageError.Code?] {
      let before = FileManager.default.contents(atPath: path)
      let codes = [
        storageError { _ = try SQLiteBlockStore<Block>(reading: path).count }?.code,
        storageError { _ = try SQLiteBlockStore<Block>(opening: path).count }?.code,
      ]
      #expect(FileManager.default.contents(atPath: path) == before)
      return codes
    }
    let text = try directory.file("text", String(repeating: "time,value\n1,2\n", count: 400))
    #expect(code(text) == [.wrongFormat, .wrongFormat])
    #expect(code(directory.path) == [.notARegularFile, .notARegularFile])
    #expect(code(directory("missing/chain")) == [.noSuchFile, .noSuchFile])
    #expect(
      storageError { _ = try SQLiteBlockStore<Block>(reading: directory("missing")).count }?.code
        == .noSuchFile)
    #expect(
      storageError {
        _ = try SQLiteBlockStore<Block>(reading: directory.file("empty", "")).count
      }?.code == .truncated)
    #expect(try directory.contents == ["empty", "text"])

    let path = directory("chain")
    let first = try write(2, to: path)[0]
    _ = try SQLiteBlockStore<Block>(opening: path, first: first.hash).count
    let other = storageError {
      _ = try SQLiteBlockStore<Block>(reading: path, first: SHA256.hash([])).count
    }
    #expect(other?.problem.contains("another network") == true)
    let kind = storageError { _ = try SQLiteBlockStore<OtherBlock>(opening: path).count }
    #expect(kind?.problem.contains("ordered") == true)

    let database = try SQLiteDatabase(path: path, access: .writing)
    try database.run("PRAGMA user_version = 2")
    #expect(code(path) == [.wrongFormat, .wrongFormat])
    try database.run("PRAGMA user_version = 1; PRAGMA application_id = 7")
    #expect(code(path) == [.wrongFormat, .wrongFormat])
  }

  @Test func contentsArePrunedWithANote() throws {
    let path = directory("chain")
    let bytes = (0..<3).map { i in [UInt8](repeating: UInt8(i), count: 10_000 * i) }
    let digests = bytes.map(SHA256.hash)
    do {
      var store = try SQLiteBlockStore<Block>(opening: path)
      for bytes in bytes { try store.put(bytes) }
      try store.put(bytes[1])
      try store.prune(digests[2], reason: "too old")
      try store.prune(digests[2], reason: "again")
      try store.prune(SHA256.hash([9]), reason: "never there")
    }
    var store = try SQLiteBlockStore<Block>(opening: path)
    #expect(try store.content(digests[0]) == .present([]))
    #expect(try store.content(digests[1]) == .present(bytes[1]))
    #expect(try store.content(digests[2]) == .pruned(byteCount: 20_000, reason: "too old"))
    #expect(try store.content(SHA256.hash([9])) == .unknown)
    try store.put(bytes[2])
    #expect(try store.content(digests[2]) == .present(bytes[2]))
    try store.check()
    // Neither bytes nor a note may change unseen.
    for change in [
      "UPDATE contents SET bytes = zeroblob(10000) WHERE count = 10000",
      "UPDATE contents SET bytes = NULL, reason = 'nobody' WHERE count = 10000",
    ] {
      try store.chain.database.run(change)
      #expect(storageError { _ = try store.content(digests[1]) }?.code == .malformed)
    }
  }

  /// A block's payload is here the number of the contents that it refers to.
  @Test func aPolicyKeepsTheLastAndEverySoManyth() throws {
    var store = try SQLiteBlockStore<Block>(opening: directory("chain"))
    func content(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 1000) }
    func references(_ block: Block) -> [Digest] { block.payload.map { SHA256.hash(content($0)) } }
    // Block 3 refers to a content of block 9, too.
    for i in 0..<10 as Range<UInt8> {
      let next = block(store.head, i == 3 ? [3, 9] : [i])
      try store.append(next, contents: next.payload.map(content))
    }
    let waiting = try store.put([1, 2, 3])
    let beside = block(try store.block(at: 6), [77])
    try store.put(content(77))
    try store.keep(beside)
    let removed = try store.prune(by: PruningPolicy(last: 3, every: 4), references: references)
    #expect(removed == (count: 5, byteCount: 5000))
    for i in 0..<10 as Range<UInt8> {
      let isKept = [0, 4, 7, 8, 9].contains(i)
      let found = try store.content(SHA256.hash(content(i)))
      #expect((found == .present(content(i))) == isKept, "content \(i)")
      if !isKept {
        #expect(
          found
            == .pruned(
              byteCount: 1000,
              reason: "kept are the contents of the last 3 blocks and of every 4th"))
      }
    }
    #expect(try store.content(waiting) == .present([1, 2, 3]))
    #expect(try store.content(SHA256.hash(content(77))) == .present(content(77)))
    try store.check()
  }
}

/// A block behind a head.
func block(_ head: Block?, _ payload: [UInt8], time: UInt64 = 7) -> Block {
  Block(
    height: head.map { $0.height + 1 } ?? 0, previous: head?.hash ?? Block.origin, time: time,
    payload: payload, seal: [3, 1])
}

/// Numbers for choices of tests, the same in each run (SplitMix64).
struct Numbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(_ count: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ mixed >> 31) % UInt64(count))
  }
}
