import Cryptography
import Foundation
import Ledger
import Storage

/// Adds blocks to a chain and prints the hash of each once it is said to be kept; a soak kills it.
///
///     Benchmarks ledger-append file|sqlite CHAIN [BLOCKS]
enum LedgerAppend {
  static func run(_ words: [String]) throws {
    guard words.count >= 2, let count = words.count > 2 ? Int(words[2]) : Int.max else {
      Program.usage()
    }
    switch words[0] {
    case "file":
      try append(count, to: try FileBlockStore<Block>(opening: words[1])) { _, _ in }
    case "sqlite":
      try append(count, to: try SQLiteBlockStore<Block>(opening: words[1])) { store, block in
        // Every block refers to contents, some of which are pruned again.
        let digest = try store.put(block.payload + [1])
        if block.height % 3 == 0 { try store.prune(digest, reason: "every third") }
      }
    default: Program.usage()
    }
  }

  private static func append<Store: BlockStore & ~Copyable>(
    _ count: Int, to store: consuming Store,
    before: (inout Store, Block) throws -> Void
  ) throws where Store.Stored == Block {
    for _ in 0..<count {
      let height = store.head.map { $0.height + 1 } ?? 0
      let size = Int(height * 7919 % 20_000)
      let next = Block(
        height: height, previous: store.head?.hash ?? Block.origin, time: height,
        payload: [UInt8](repeating: UInt8(height % 256), count: size), seal: [1])
      try before(&store, next)
      try store.append(next)
      // At once: what is not written when the process is killed was never acknowledged.
      try FileHandle.standardOutput.write(contentsOf: Data("\(next.hash)\n".utf8))
    }
  }
}
