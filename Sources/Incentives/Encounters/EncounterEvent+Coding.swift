import Ledger

extension EncounterEvent: LedgerValue {
  public func write(to writer: inout LedgerWriter) {
    switch self {
    case .exchanged(let account, let units, let tokens):
      writer.byte(0)
      writer.address(account)
      writer.long(units)
      writer.long(tokens)
    case .redeemed(let account, let units, let tokens):
      writer.byte(1)
      writer.address(account)
      writer.long(units)
      writer.long(tokens)
    case .staked(let account, let stake):
      writer.byte(2)
      writer.address(account)
      writer.long(stake)
    case .opened(let number, let learner, let neighbour, let prepayment, let bonus, let before):
      writer.byte(3)
      writer.long(number)
      writer.address(learner)
      writer.address(neighbour)
      writer.long(prepayment)
      writer.long(bonus)
      writer.digest(before)
    case .agreed(let number, let locked, let claimsRareData, let isRepeated):
      writer.byte(4)
      writer.long(number)
      writer.long(locked)
      writer.flag(claimsRareData)
      writer.flag(isRepeated)
    case .reported(let number, let party, let result):
      writer.byte(5)
      writer.long(number)
      writer.address(party)
      writer.digest(result)
    case .drawn(let number, let validators):
      writer.byte(6)
      writer.long(number)
      writer.word(UInt32(validators.count))
      for validator in validators { writer.address(validator) }
    case .committed(let number, let validator, let result, let commitment):
      writer.byte(7)
      writer.long(number)
      writer.address(validator)
      writer.digest(result)
      writer.digest(commitment)
    case .revealed(let number, let validator, let vote):
      writer.byte(8)
      writer.long(number)
      writer.address(validator)
      writer.byte(vote.code)
    case .finalised(let number, let votes, let tally):
      writer.byte(9)
      writer.long(number)
      writer.byte(votes.rawValue)
      tally.write(to: &writer)
    case .closed(let number, let outcome):
      writer.byte(10)
      writer.long(number)
      writer.byte(outcome.rawValue)
    }
  }

  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    let kind = try reader.byte()
    if kind < 3 {
      let account = try reader.address()
      let number = try reader.long()
      switch kind {
      case 0: self = .exchanged(account, units: number, tokens: try reader.long())
      case 1: self = .redeemed(account, units: number, tokens: try reader.long())
      default: self = .staked(account, stake: number)
      }
      return
    }
    guard kind <= 10 else { throw .malformed("event of a contract of encounters") }
    let number = try reader.long()
    switch kind {
    case 3:
      let learner = try reader.address()
      let neighbour = try reader.address()
      let prepayment = try reader.long()
      let bonus = try reader.long()
      self = .opened(
        number, learner: learner, neighbour: neighbour, prepayment: prepayment, bonus: bonus,
        modelBefore: try reader.digest())
    case 4:
      let locked = try reader.long()
      let claimsRareData = try reader.flag()
      self = .agreed(
        number, locked: locked, claimsRareData: claimsRareData, isRepeated: try reader.flag())
    case 5:
      let party = try reader.address()
      self = .reported(number, by: party, result: try reader.digest())
    case 6:
      let count = try reader.count(
        of: "validators", size: AccountAddress.byteCount, limit: EncounterTerms.validatorLimit)
      var validators: [AccountAddress] = []
      for _ in 0..<count { validators.append(try reader.address()) }
      self = .drawn(number, validators: validators)
    case 7:
      let validator = try reader.address()
      let result = try reader.digest()
      self = .committed(number, by: validator, result: result, commitment: try reader.digest())
    case 8:
      let validator = try reader.address()
      self = .revealed(number, by: validator, try ValidatorVote(code: try reader.byte()))
    case 9:
      guard let votes = EncounterAward.Case(rawValue: try reader.byte()) else {
        throw .malformed("case of a finalisation")
      }
      self = .finalised(number, votes, try EncounterTally(from: &reader))
    default:
      guard let outcome = EncounterOutcome(rawValue: try reader.byte()) else {
        throw .malformed("outcome of an encounter")
      }
      self = .closed(number, outcome)
    }
  }
}

extension EncounterTally: LedgerValue {
  public func write(to writer: inout LedgerWriter) {
    for count in [yes, no, unrevealed, rare] { writer.word(count) }
    for amount in [
      neighbourReward, learnerReturn, validatorReward, neighbourPenalty, validatorPenalties,
    ] { writer.long(amount) }
  }

  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    yes = try reader.word()
    no = try reader.word()
    unrevealed = try reader.word()
    rare = try reader.word()
    neighbourReward = try reader.long()
    learnerReturn = try reader.long()
    validatorReward = try reader.long()
    neighbourPenalty = try reader.long()
    validatorPenalties = try reader.long()
  }
}
