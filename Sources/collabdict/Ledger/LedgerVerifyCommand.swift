import CollaborativeLearning
import Cryptography
import Ledger
import Storage

/// `collabdict ledger verify`: everything about a chain, from its bytes alone.
enum LedgerVerifyCommand: Command {
  static let name = "ledger verify"
  static let summary = "check a chain: links, votes or work, signatures, and what was computed"
  static let synopsis = "CHAIN|etcd://host:port[,…]/prefix [--first HASH] [--links] [--json]"
  static let options =
    [
      OptionSpecification("first", "HASH", "the hash that its first block must have"),
      OptionSpecification("links", nil, "check bytes and links only, not what the blocks say"),
      SharedOptions.json,
    ] + LedgerArguments.clusterOptions

  static func run(_ arguments: Arguments) throws {
    let location = try LedgerArguments.location(arguments)
    let first = try arguments["first"].map { text in
      guard let bytes = Hexadecimal.bytes(text, count: Digest.byteCount) else {
        throw UsageError("--first cannot be \(text); it is 64 hexadecimal digits")
      }
      return Digest(bytes: bytes)
    }
    let facts: [(String, JSON)]
    if try LedgerArguments.kind(of: location) == .mined {
      let chain = try open(location, MinedBlock.self, first: first)
      facts = try arguments.has("links") ? links(chain) : mined(chain, network: first)
      try chain.checkStructure()
    } else {
      let chain = try open(location, Block.self, first: first)
      facts = try arguments.has("links") ? links(chain) : OrderedChainReport.verify(chain)
      try chain.checkStructure()
    }
    try SimulateCommand.tell(arguments, facts)
  }

  private static func open<Stored: StorableBlock>(
    _ location: ChainLocation, _ kind: Stored.Type, first: Digest?
  ) throws -> OpenChain<Stored> {
    let chain = try OpenChain<Stored>(reading: location)
    guard let there = try chain.block(at: 0) else { throw LedgerArguments.empty(location) }
    if let first, there.hash != first {
      throw FileError(
        path: "\(location)",
        cause: ParticipantFailure("its first block has the hash \(there.hash)"))
    }
    return chain
  }

  private static func links<Stored: StorableBlock>(
    _ chain: OpenChain<Stored>
  ) throws -> [(String, JSON)] {
    var last: Stored?
    var first: Stored?
    try LedgerArguments.walk(chain, 0..<chain.count) { _, block in
      do {
        try block.check(follows: last)
      } catch {
        throw FileError(path: "\(chain.location)", cause: error)
      }
      first = first ?? block
      last = block
    }
    return [
      ("linked", .bool(true)), ("kind", .text(Stored.kind.name)), ("blocks", .integer(chain.count)),
      ("first_block", .text(first.map { "\($0.hash)" } ?? "")),
      ("last_block", .text(last.map { "\($0.hash)" } ?? "")),
      ("unfinished_bytes", .integer(chain.unfinishedBytes)),
    ]
  }

  private static func mined(
    _ chain: OpenChain<MinedBlock>, network: Digest?
  ) throws -> [(String, JSON)] {
    var checker: (any MinedChainChecker)?
    var (transactions, records) = (0, 0)
    var name = ""
    var last: MinedBlock?
    try LedgerArguments.walk(chain, 0..<chain.count) { height, block in
      do {
        if height == 0 {
          name = MinedChains.application(of: block)
          checker = try MinedChains.checker(genesis: block, network: network)
        } else {
          try checker?.append(block)
        }
      } catch {
        throw FileError(path: "\(chain.location)", cause: error)
      }
      transactions += block.transactions.count
      records += block.records.count
      last = block
    }
    return [
      ("sound", .bool(true)), ("application", .text(name)), ("blocks", .integer(chain.count)),
      ("first_block", .text(try chain.block(at: 0).map { "\($0.hash)" } ?? "")),
      ("last_block", .text(last.map { "\($0.hash)" } ?? "")),
      ("work", .text("\(checker?.totalWork ?? 0)")), ("transactions", .integer(transactions)),
      ("records", .integer(records)),
    ] + (checker?.facts ?? []) + [("unfinished_bytes", .integer(chain.unfinishedBytes))]
  }
}
