import Cryptography

/// What all members of a chain have agreed on. The first block's first record has it, so that the
/// hash of the first block, which names the network, stands for the rules, too.
public struct ChainRules: Sendable, Hashable {
  /// Milliseconds that a block takes on average.
  public var interval: UInt64
  /// The difficulty that the chain starts with.
  public var firstDifficulty: UInt64
  /// Transactions in a block, at most.
  public var transactionLimit = 1000
  /// Bytes of a block's canonical form, at most.
  public var byteLimit = 4 << 20
  /// Milliseconds that a block may be dated ahead of the clock of whoever takes it.
  public var futureLimit: UInt64

  /// Blocks whose median time a new block must be later than.
  public static let medianWindow = 11
  /// The latest time of a first block, milliseconds since 1970.
  public static let latestStart: UInt64 = 1 << 53

  /// - Parameter futureLimit: two intervals, and at least two seconds, unless told otherwise. The
  ///   rule of the difficulty bears lies of a few intervals.
  public init(interval: UInt64, firstDifficulty: UInt64, futureLimit: UInt64? = nil) {
    self.interval = interval
    self.firstDifficulty = firstDifficulty
    self.futureLimit = futureLimit ?? max(2000, 2 * interval)
  }

  private static let domain = Array("collabdict chain 1".utf8)

  public var encoded: [UInt8] {
    var writer = LedgerWriter()
    writer.raw(Self.domain)
    writer.long(interval)
    writer.long(firstDifficulty)
    writer.word(UInt32(clamping: transactionLimit))
    writer.word(UInt32(clamping: byteLimit))
    writer.long(futureLimit)
    return writer.bytes
  }

  /// - Throws: ``LedgerCodingError`` for anything but rules that a chain can have.
  public init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    guard try reader.raw(Self.domain.count) == Self.domain else {
      throw .malformed("chain's rules")
    }
    let (interval, firstDifficulty) = (try reader.long(), try reader.long())
    let (transactions, bytes) = (Int(try reader.word()), Int(try reader.word()))
    let futureLimit = try reader.long()
    try reader.finish()
    self.init(interval: interval, firstDifficulty: firstDifficulty, futureLimit: futureLimit)
    transactionLimit = transactions
    byteLimit = bytes
    guard isSound else { throw .malformed("chain's rules") }
  }

  var isSound: Bool {
    1...(1 << 36) ~= interval && firstDifficulty > 0 && futureLimit <= 1 << 40
      && 1...MinedBlock.largestCount ~= transactionLimit
      && 1024...MinedBlock.largestEncoding ~= byteLimit
  }

  /// A first block with these rules. Its hash names the network.
  ///
  /// - Parameters:
  ///   - founder: who makes it; it needs no work.
  ///   - time: milliseconds since 1 January 1970, UTC.
  ///   - records: the application's, behind the rules.
  /// - Precondition: rules in their ranges: an interval of 1 ms to 2³⁶ ms, a difficulty of at least 1,
  ///   1 to 2²⁰ transactions, 1024 to 2²⁸ bytes, at most 2⁴⁰ ms ahead.
  public func genesis(
    founder: MinerInformation, time: UInt64, records: [[UInt8]] = []
  ) -> MinedBlock {
    precondition(isSound, "rules of a chain out of their ranges: \(self)")
    return MinedBlock(
      height: 0, previous: Block.origin, time: time, difficulty: firstDifficulty, miner: founder,
      records: [encoded] + records)
  }

  /// The rules of a chain, from its first block.
  ///
  /// - Throws: ``LedgerCodingError`` for a block that starts no chain.
  public init(genesis: MinedBlock) throws(LedgerCodingError) {
    guard genesis.height == 0, genesis.previous == Block.origin, genesis.transactions.isEmpty,
      let record = genesis.records.first
    else { throw .malformed("first block") }
    try self.init(decoding: record)
    // Times are added to.
    guard genesis.time <= Self.latestStart else { throw .malformed("time of the first block") }
    guard genesis.difficulty == firstDifficulty else { throw .malformed("first difficulty") }
  }

  public var difficultyRule: DifficultyRule { DifficultyRule(interval: interval) }
}
