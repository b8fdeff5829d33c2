import Cryptography

/// Verifies a chain of mined blocks from its first block, one block at a time: links, heights, times,
/// difficulties, work, Merkle roots, signatures, sequence numbers, and the application's execution.
/// Nothing is kept but the last state.
///
/// A changed block is found at its place, unless the change makes another block with valid work, for
/// which there is a chance of 1 / difficulty: that one is found by the link of the next block, and at
/// the end of a chain by a head that is known from elsewhere (``headHash``).
public struct ChainVerifier<Application: LedgerApplication>: Sendable {
  public let application: Application
  /// The hash of the first block.
  public let network: Digest
  /// From the first block.
  public let rules: ChainRules
  /// The last block's header and hash.
  public private(set) var head: BlockHeader
  public private(set) var headHash: Digest
  /// The sum of the difficulties of all blocks behind the first.
  public private(set) var totalWork: UInt128 = 0
  public private(set) var state: ChainState<Application>
  private var window: HeaderWindow

  /// The number of blocks that were verified, the first among them.
  public var count: UInt64 { head.height + 1 }

  /// - Parameters:
  ///   - genesis: the first block.
  ///   - network: the hash that the first block must have; `nil` to take it as it is.
  public init(
    _ application: Application, genesis: MinedBlock, network: Digest? = nil
  ) throws(ChainFault) {
    func fault(_ fault: BlockFault) -> ChainFault {
      ChainFault(height: 0, hash: genesis.hash, fault: fault)
    }
    if let network, genesis.hash != network {
      throw fault(.otherNetwork(genesis.hash, expected: network))
    }
    do {
      rules = try ChainRules(genesis: genesis)
    } catch {
      throw fault(.malformed(error))
    }
    do {
      state = try ChainState(genesis: genesis, application)
    } catch {
      throw fault(error)
    }
    self.application = application
    self.network = genesis.hash
    head = genesis.header
    headHash = genesis.hash
    window = HeaderWindow(genesis: genesis.header, hash: genesis.hash)
  }

  /// The same, from the first block's bytes.
  public init(
    _ application: Application, genesisBytes bytes: [UInt8], network: Digest? = nil
  ) throws(ChainFault) {
    try self.init(application, genesis: Self.block(bytes, at: 0), network: network)
  }

  /// Verifies the next block.
  ///
  /// - Parameter now: milliseconds since 1970 by this clock, for blocks that are news; `nil` for
  ///   stored ones.
  /// - Throws: ``ChainFault``; what was verified before stays.
  public mutating func append(_ block: MinedBlock, now: UInt64? = nil) throws(ChainFault) {
    do {
      try window.check(block.header, hash: block.hash, rules: rules, now: now)
      state = try state.applying(block, rules, network: network, application)
    } catch {
      throw ChainFault(height: block.height, hash: block.hash, fault: error)
    }
    window.append(block.header, hash: block.hash)
    head = block.header
    headHash = block.hash
    totalWork += UInt128(block.difficulty)
  }

  /// Verifies the next block from its bytes.
  public mutating func append(
    encoded bytes: [UInt8], now: UInt64? = nil
  ) throws(ChainFault) {
    try append(Self.block(bytes, at: head.height + 1), now: now)
  }

  private static func block(_ bytes: [UInt8], at height: UInt64) throws(ChainFault) -> MinedBlock {
    do {
      return try MinedBlock(decoding: bytes)
    } catch {
      throw ChainFault(height: height, hash: nil, fault: .malformed(error))
    }
  }

  /// A block for somebody to mine behind the head.
  ///
  /// - Parameters:
  ///   - transactions: candidates; the application may leave some out.
  ///   - now: milliseconds since 1970; the block is dated later if the rules ask for it.
  public func template(
    miner: MinerInformation, transactions: [SignedTransaction] = [], now: UInt64
  ) -> MinedBlock {
    let time = max(now, window.medianTime + 1)
    let context = BlockContext(
      height: head.height + 1, previous: headHash, time: time, miner: miner)
    let execution = state.execution(of: transactions, in: context, application)
    return MinedBlock(
      height: context.height, previous: headHash, time: time,
      difficulty: window.nextDifficulty(rules), miner: miner,
      transactions: execution.accepted, records: execution.records)
  }
}
