import Cryptography
import Foundation
import Ledger
import Testing

@testable import Storage

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct FileBlockStoreTests {
  let directory = try! TemporaryDirectory()

  private func write(_ count: Int, to path: String) throws -> [Block] {
    let store = try FileBlockStore<Block>(opening: path)
    var blocks: [Block] = []
    for i in 0..<count {
      let next = block(store.head, [UInt8](repeating: UInt8(i), count: 5 * i))
      try store.append(next)
      blocks.append(next)
    }
    return blocks
  }

  private func read(_ path: String) throws -> (blocks: [Block], unfinished: Int) {
    let store = try FileBlockStore<Block>(reading: path)
    var blocks: [Block] = []
    for height in 0..<store.count {
      if let block = try store.block(at: height) { blocks.append(block) }
    }
    return (blocks, store.unfinishedBytes)
  }

  @Test func aReopenedChainGoesOn() throws {
    let path = directory("chain")
    let blocks = try write(4, to: path)
    do {
      let store = try FileBlockStore<Block>(opening: path)
      #expect(store.count == 4)
      #expect(store.head == blocks[3])
      #expect(try store.block(hash: blocks[2].hash) == blocks[2])
      #expect(try store.block(at: 4) == nil)
      try store.append(block(store.head, [9]))
    }
    #expect(try read(path).blocks.count == 5)
  }

  @Test func aStaleHeadIsRefused() throws {
    let path = directory("chain")
    let blocks = try write(3, to: path)
    let store = try FileBlockStore<Block>(opening: path)
    let stale = block(blocks[1], [5])
    #expect(throws: StorageError.self) { try store.append(stale) }
    let gap = Block(height: 4, previous: blocks[2].hash, time: 7, payload: [])
    #expect(throws: StorageError.self) { try store.append(gap) }
    let early = block(blocks[2], [], time: 6)
    #expect(throws: StorageError.self) { try store.append(early) }
    #expect(store.count == 3)
    try store.append(block(blocks[2], [5]))
    #expect(store.count == 4)
  }

  /// Wherever the last write was cut short, the blocks before it are there, and the chain goes on.
  @Test func aTornTailIsCutOff() throws {
    let path = directory("chain")
    let blocks = try write(3, to: path)
    let whole = try [UInt8](Data(contentsOf: URL(filePath: path)))
    let last = 8 + blocks[2].encoded.count + 8
    for missing in 1..<last {
      try Data(whole.dropLast(missing)).write(to: URL(filePath: path))
      let seen = try read(path)
      #expect(seen.blocks == Array(blocks.prefix(2)))
      #expect(seen.unfinished == last - missing)
      let store = try FileBlockStore<Block>(opening: path)
      #expect(store.count == 2)
      #expect(store.unfinishedBytes == 0)
      try store.append(blocks[2])
    }
    #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == whole)
    // The file grew, and its bytes were never written.
    try Data(whole.dropLast(last) + [UInt8](repeating: 0, count: last)).write(
      to: URL(filePath: path))
    #expect(try FileBlockStore<Block>(opening: path).count == 2)
  }

  /// A bit that turned over is found, wherever it is, and nothing is cut off because of it.
  @Test func everyTurnedBitIsFound() throws {
    let path = directory("chain")
    _ = try write(3, to: path)
    let whole = try [UInt8](Data(contentsOf: URL(filePath: path)))
    for place in whole.indices {
      var damaged = whole
      damaged[place] ^= 1 << UInt8(place % 8)
      try Data(damaged).write(to: URL(filePath: path))
      #expect(throws: StorageError.self, "byte \(place)") { try read(path) }
      #expect(throws: StorageError.self, "byte \(place)") {
        _ = try FileBlockStore<Block>(opening: path).count
      }
      #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == damaged)
    }
  }

  /// Blocks that are whole, each for itself, but in another order.
  @Test func anotherOrderIsFound() throws {
    let path = directory("chain")
    let blocks = try write(4, to: path)
    let whole = try [UInt8](Data(contentsOf: URL(filePath: path)))
    let sizes = blocks.map { 16 + $0.encoded.count }
    let first = whole.count - sizes.reduce(0, +)
    var parts: [[UInt8]] = []
    var start = first
    for size in sizes {
      parts.append(Array(whole[start..<start + size]))
      start += size
    }
    let swapped = Array(whole[..<first]) + parts[0] + parts[2] + parts[1] + parts[3]
    try Data(swapped).write(to: URL(filePath: path))
    #expect(throws: StorageError.self) { try read(path) }
    let without = Array(whole[..<first]) + parts[0] + parts[1] + parts[3]
    try Data(without).write(to: URL(filePath: path))
    #expect(throws: StorageError.self) { try read(path) }
  }

  @Test func oneProcessAtATimeAdds() throws {
    let path = directory("chain")
    _ = try write(2, to: path)
    do {
      let store = try FileBlockStore<Block>(opening: path)
      #expect(throws: StorageError.self) { _ = try FileBlockStore<Block>(opening: path).count }
      // Reading is not in the way.
      #expect(try read(path).blocks.count == store.count)
    }
    #expect(try FileBlockStore<Block>(opening: path).count == 2)
  }

  /// A child of this process has its descriptors until it runs its own program. It keeps nobody
  /// from a chain that this process has left.
  @Test func aLeftChainIsFreeAtOnce() throws {
    let path = directory("chain")
    var copies: [Int32] = []
    defer { for copy in copies { close(copy) } }
    do {
      let store = try FileBlockStore<Block>(opening: path)
      try store.append(block(nil, [1]))
      var (sought, status) = (stat(), stat())
      #expect(unsafe stat(path, &sought) == 0)
      for descriptor in 3..<1024 as Range<Int32> where copies.isEmpty {
        if unsafe fstat(descriptor, &status) == 0, status.st_ino == sought.st_ino,
          status.st_dev == sought.st_dev
        {
          copies.append(dup(descriptor))
        }
      }
    }
    #expect(copies.count == 1)
    #expect(try FileBlockStore<Block>(opening: path).count == 1)
  }

  @Test func aReaderFollows() throws {
    let path = directory("chain")
    var blocks = try write(2, to: path)
    let reader = try FileBlockStore<Block>(reading: path)
    let writer = try FileBlockStore<Block>(opening: path)
    for _ in 0..<3 {
      #expect(try reader.refresh() == 0)
      blocks.append(block(writer.head, [7]))
      try writer.append(blocks[blocks.count - 1])
      #expect(try reader.refresh() == 1)
      #expect(reader.head == blocks.last)
    }
    // Half a block is not there yet.
    let whole = try [UInt8](Data(contentsOf: URL(filePath: path)))
    try writer.append(block(writer.head, [8, 9]))
    let longer = try [UInt8](Data(contentsOf: URL(filePath: path)))
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.truncate(atOffset: UInt64(longer.count - 3))
    #expect(try reader.refresh() == 0)
    #expect(reader.unfinishedBytes == longer.count - 3 - whole.count)
    // A chain that lost settled blocks is no shorter chain.
    try handle.truncate(atOffset: UInt64(whole.count - 1))
    #expect(throws: StorageError.self) { try reader.refresh() }
  }

  /// A chain of another kind of blocks is told from what is no chain at all.
  @Test func theKindIsKept() throws {
    let path = directory("chain")
    _ = try write(2, to: path)
    #expect(try ChainFileFormat.detect(path) == .file(.ordered))
    let other = directory("other")
    _ = try FileBlockStore<OtherBlock>(opening: other)
    #expect(try ChainFileFormat.detect(other) == .file(OtherBlock.kind))
    let error = storageError { _ = try FileBlockStore<OtherBlock>(reading: path) }
    #expect(error?.code == .wrongFormat)
    #expect(error?.problem.contains("ordered") == true)
    #expect(storageError { _ = try FileBlockStore<Block>(reading: other) }?.code == .wrongFormat)
  }

  @Test func otherFilesAreNoChains() throws {
    let path = directory("other")
    try Data("time,value\n1,2\n".utf8).write(to: URL(filePath: path))
    #expect(throws: StorageError.self) { try read(path) }
    #expect(throws: StorageError.self) { _ = try FileBlockStore<Block>(opening: path).count }
    #expect(throws: StorageError.self) { try read(directory("missing")) }
    try Data().write(to: URL(filePath: path))
    #expect(throws: StorageError.self) { try read(path) }
  }
}

/// A block of a chain of another kind.
struct OtherBlock: StorableBlock {
  static let kind = ChainKind("other")

  let block: Block

  var height: UInt64 { block.height }
  var previous: Digest { block.previous }
  var hash: Digest { block.hash }
  var encoded: [UInt8] { block.encoded }

  init(decoding bytes: [UInt8]) throws(LedgerCodingError) { block = try Block(decoding: bytes) }

  func check(follows head: OtherBlock?) throws(ChainError) {
    try block.check(follows: head?.block)
  }
}
