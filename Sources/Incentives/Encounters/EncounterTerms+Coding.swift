import Ledger

extension EncounterTerms: LedgerValue {
  private static let version: UInt8 = 2

  public func write(to writer: inout LedgerWriter) {
    writer.byte(Self.version)
    for amount in [supply, exchangeRate, exchangedTokens, initialStake, stakeThreshold] {
      writer.long(amount)
    }
    switch price {
    case .negotiated: writer.flag(false)
    case .global(let amount):
      writer.flag(true)
      writer.long(amount)
    }
    writer.long(neighbourShare)
    writer.long(partPaymentShare)
    writer.byte(rewardDestination.rawValue)
    writer.flag(requiresCover)
    writer.word(UInt32(clamping: validators))
    writer.word(UInt32(clamping: votesRequired))
    writer.long(toleranceMillionths)
    for blocks in [acceptanceBlocks, reportBlocks, commitBlocks, waitingBlocks] {
      writer.long(blocks)
    }
    writer.flag(diversity != nil)
    if let diversity {
      writer.long(diversity.window)
      writer.word(UInt32(clamping: diversity.limit))
      writer.long(diversity.discount)
    }
    writer.long(rareDataBonus)
    writer.flag(learnersNeedStake)
  }

  /// - Throws: `LedgerCodingError` for terms with a ``problem`` as well.
  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    guard try reader.byte() == Self.version else { throw .malformed("version of the terms") }
    supply = try reader.long()
    exchangeRate = try reader.long()
    exchangedTokens = try reader.long()
    initialStake = try reader.long()
    stakeThreshold = try reader.long()
    price = try reader.flag() ? .global(try reader.long()) : .negotiated
    neighbourShare = try reader.long()
    partPaymentShare = try reader.long()
    guard let destination = RewardDestination(rawValue: try reader.byte()) else {
      throw .malformed("destination of rewards")
    }
    rewardDestination = destination
    requiresCover = try reader.flag()
    validators = Int(try reader.word())
    votesRequired = Int(try reader.word())
    toleranceMillionths = try reader.long()
    acceptanceBlocks = try reader.long()
    reportBlocks = try reader.long()
    commitBlocks = try reader.long()
    waitingBlocks = try reader.long()
    if try reader.flag() {
      let window = try reader.long()
      let limit = Int(try reader.word())
      diversity = DiversityRule(window: window, limit: limit, discount: try reader.long())
    }
    rareDataBonus = try reader.long()
    learnersNeedStake = try reader.flag()
    if let problem { throw .malformed("set of terms: \(problem)") }
  }
}
