import CollaborativeLearning
import Cryptography
import Ledger
import Storage

/// `collabdict ledger show`: what stands in the blocks of a chain.
enum LedgerShowCommand: Command {
  static let name = "ledger show"
  static let summary = "show what stands in the blocks of a chain"
  static let synopsis =
    "CHAIN|etcd://host:port[,…]/prefix [--block N | --proof TRANSACTION] [--links] [--json]"
  static let options =
    [
      OptionSpecification("block", "N", "one block with everything in it"),
      OptionSpecification("proof", "ID", "show that a transaction is in the chain (Merkle proof)"),
      OptionSpecification("links", nil, "heights, hashes and sizes only, whatever the blocks say"),
      SharedOptions.json,
    ] + LedgerArguments.clusterOptions

  static func run(_ arguments: Arguments) throws {
    if arguments.has("block"), arguments.has("proof") {
      throw UsageError("--block and --proof do not go together")
    }
    let location = try LedgerArguments.location(arguments)
    if try LedgerArguments.kind(of: location) == .mined {
      let chain = try OpenChain<MinedBlock>(reading: location)
      if let id = arguments["proof"] { return try prove(id, chain, arguments) }
      try show(chain, arguments)
    } else {
      let chain = try OpenChain<Block>(reading: location)
      guard !arguments.has("proof") else {
        throw UsageError("--proof goes with chains of mined blocks; this one has ordered blocks")
      }
      if !arguments.has("block"), !arguments.has("links") {
        return try OrderedChainReport.show(chain, inJSON: arguments.has("json"))
      }
      try show(chain, arguments)
    }
  }

  private static func show<Stored: ShownBlock>(
    _ chain: OpenChain<Stored>, _ arguments: Arguments
  ) throws {
    if chain.count == 0 { throw LedgerArguments.empty(chain.location) }
    if let number = try arguments.integer("block", 0...Int.max) {
      guard let block = try chain.block(at: number) else {
        throw ParticipantFailure(
          "\(chain.location): there is no block \(number); the last is block \(chain.count - 1)")
      }
      return try show(block, arguments)
    }
    var rows: [[String]] = []
    var facts: [JSON] = []
    var last: Stored?
    let inJSON = arguments.has("json")
    try LedgerArguments.walk(chain, 0..<chain.count) { height, block in
      do {
        try block.check(follows: last)
      } catch {
        throw FileError(path: "\(chain.location)", cause: error)
      }
      if inJSON { facts.append(.object(block.facts)) } else { rows.append(block.cells) }
      last = block
    }
    let first = try chain.block(at: 0).map { "\($0.hash)" } ?? ""
    if inJSON {
      return try JSON.object([
        ("kind", .text(Stored.kind.name)), ("first_block", .text(first)), ("blocks", .list(facts)),
      ]).print()
    }
    Console.print("\(chain.count) \(Stored.kind), first block \(first)\n")
    Console.table(Stored.columns, rows)
  }

  private static func show(_ block: some ShownBlock, _ arguments: Arguments) throws {
    if arguments.has("json") {
      return try JSON.object(block.facts + block.detailFacts).print()
    }
    try SimulateCommand.tell(arguments, block.facts)
    for (title, columns, rows) in block.details where !rows.isEmpty {
      Console.print("\n\(title)")
      Console.table(columns, rows)
    }
  }

  /// The way from a transaction up to the Merkle root in its block's header.
  private static func prove(
    _ text: String, _ chain: OpenChain<MinedBlock>, _ arguments: Arguments
  ) throws {
    guard let bytes = Hexadecimal.bytes(text, count: Digest.byteCount) else {
      throw UsageError("--proof cannot be \(text); it is a transaction's id of 64 digits")
    }
    let id = Digest(bytes: bytes)
    for height in 0..<chain.count {
      guard let block = try chain.block(at: height),
        let place = block.transactions.firstIndex(where: { $0.id == id })
      else { continue }
      let proof = block.proof(ofTransaction: place)
      let leaf = MerkleTree.Leaf.transaction.digest(id.bytes)
      let facts: [(String, JSON)] = [
        ("transaction", .text("\(id)")), ("block", .integer(height)),
        ("block_hash", .text("\(block.hash)")),
        ("merkle_root", .text("\(block.header.merkleRoot)")),
        ("index", .integer(proof.index)), ("leaves", .integer(proof.leafCount)),
        ("shown", .bool(proof.shows(leaf, under: block.header.merkleRoot))),
        ("header", .text(Hexadecimal.text(block.header.encoded))),
        ("proof", .text(Hexadecimal.text(proof.encoded))),
      ]
      if arguments.has("json") {
        return try JSON.object(facts + [("path", .list(proof.path.map { .text("\($0)") }))]).print()
      }
      try SimulateCommand.tell(arguments, facts)
      Console.print("\nneighbours on the way up")
      for digest in proof.path { Console.print("\(digest)") }
      return
    }
    throw ParticipantFailure(
      "\(chain.location): no block of the chain has the transaction \(id)")
  }
}
