import Cryptography
import Foundation
import Ledger
import Testing

@testable import Storage

/// Bits that turn over in the file of a chain of a thousand blocks.
@Suite struct SQLiteDamageTests {
  private let directory: TemporaryDirectory
  private let path: String
  private let blocks: [Block]
  private let whole: [UInt8]

  init() throws {
    directory = try TemporaryDirectory()
    path = directory("chain")
    var random = Numbers(seed: 8)
    var blocks: [Block] = []
    var store = try SQLiteBlockStore<Block>(opening: path)
    // One transaction for all: how blocks come in is not what is looked at.
    for _ in 0..<1000 {
      // Some are longer than a page.
      let size = random.next(20) == 0 ? 6000 : 100
      blocks.append(block(blocks.last, (0..<size).map { _ in UInt8(random.next(256)) }))
    }
    try store.chain.database.run("PRAGMA synchronous = OFF")
    for block in blocks { try store.append(block) }
    _ = consume store
    self.blocks = blocks
    whole = try bytes(of: path)
  }

  private func turn(_ bit: Int, at place: Int) throws {
    let file = try FileHandle(forUpdating: URL(filePath: path))
    try file.seek(toOffset: UInt64(place))
    try file.write(contentsOf: [whole[place] ^ 1 << UInt8(bit)])
  }

  private func restore(_ place: Int) throws {
    let file = try FileHandle(forUpdating: URL(filePath: path))
    try file.seek(toOffset: UInt64(place))
    try file.write(contentsOf: [whole[place]])
  }

  /// Where the bytes of small blocks are in the file.
  @Test func aTurnedBitInABlockIsFoundAtTheRightBlock() throws {
    let data = Data(whole)
    let places = blocks.indices.compactMap { i in
      data.range(of: Data(blocks[i].encoded)).map { (height: i, bytes: $0) }
    }
    try #require(places.count > 900)
    var random = Numbers(seed: 9)
    for trial in 0..<1000 {
      let (height, range) = places[random.next(places.count)]
      let place = range.lowerBound + random.next(range.count)
      try turn(random.next(8), at: place)
      let error = storageError {
        let store = try SQLiteBlockStore<Block>(reading: path)
        // Reading everything finds it, too, and calls no other block damaged.
        if trial % 50 == 0 { try store.check() } else { _ = try store.block(at: height) }
      }
      #expect(error?.code == .malformed)
      #expect(error?.place.object == "block \(height)")
      try restore(place)
    }
    #expect(try bytes(of: path) == whole)
  }

  /// Anywhere in the file: it is found, or it changes nothing.
  @Test func aTurnedBitInTheStructureIsNeverSilentlyWrong() throws {
    var random = Numbers(seed: 10)
    var found = 0
    for trial in 0..<150 {
      // The header and the first pages more often than their share.
      let place = random.next(trial % 3 == 0 ? 8192 : whole.count)
      try turn(random.next(8), at: place)
      do {
        let store = try SQLiteBlockStore<Block>(reading: path)
        try store.check()
        #expect(store.count == blocks.count)
        #expect(store.head == blocks.last)
        for i in stride(from: trial % 37, to: blocks.count, by: 37) {
          #expect(try store.block(at: i) == blocks[i])
          #expect(try store.block(hash: blocks[i].hash) == blocks[i])
        }
      } catch {
        found += 1
      }
      try restore(place)
    }
    #expect(found > 75)
    #expect(try bytes(of: path) == whole)
  }
}
