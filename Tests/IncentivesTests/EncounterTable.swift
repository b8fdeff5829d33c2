import Cryptography
import Incentives
import Testing

/// A contract with parties at a table, whose moves are made for them unless a test makes them itself.
struct EncounterTable {
  var host: ContractHost<EncounterContract>
  var height: UInt64 = 1
  let parties: [AccountAddress]

  static func party(_ number: Int) -> AccountAddress { AccountAddress(contract: "party \(number)") }
  static func digest(_ text: String) -> Digest { SHA256.hash(Array(text.utf8)) }
  static let before = digest("before")
  /// What the second party makes of the model.
  static let after = after(of: 1)

  static func after(of neighbour: Int) -> Digest { digest("after \(neighbour)") }

  /// Parties with the currency, tokens and stakes of Table I.
  ///
  /// - Parameter stake: of all but the first, who only learns.
  init(
    _ terms: EncounterTerms = EncounterTerms(), parties count: Int = 6, stake: TokenAmount = 200
  ) throws {
    parties = (0..<count).map(Self.party)
    let start = try #require(
      EncounterContract.start(
        terms, currency: Dictionary(uniqueKeysWithValues: parties.map { ($0, 2000) })))
    host = ContractHost(start.contract, start.tokens)
    for (place, party) in parties.enumerated() {
      try perform(.exchange(units: terms.exchangedTokens / terms.exchangeRate), by: party)
      if place > 0 && stake > 0 { try perform(.stake(stake), by: party) }
    }
  }

  var contract: EncounterContract { host.contract }
  var tokens: TokenAccounts { host.tokens }
  var context: CallContext {
    CallContext(height: height, time: 1000 * height, entropy: Self.digest("block \(height - 1)"))
  }
  func balance(_ place: Int) -> TokenAmount { tokens.balance(of: parties[place]) }
  func stake(_ place: Int) -> TokenAmount { tokens.stake(of: parties[place]) }
  /// Balance and stake.
  func wealth(_ place: Int) -> TokenAmount { balance(place) + stake(place) }

  /// - Throws: why the call is refused.
  @discardableResult
  mutating func perform(
    _ call: EncounterCall, by caller: AccountAddress
  ) throws -> [EncounterEvent] {
    let outcomes = host.perform(call, by: caller, in: context)
    try #require(tokens.total == tokens.supply)
    return try outcomes[0].result.get()
  }

  @discardableResult
  mutating func perform(_ call: EncounterCall, by place: Int) throws -> [EncounterEvent] {
    try perform(call, by: parties[place])
  }

  /// Expects a call to be refused for a reason, and to change nothing.
  mutating func refuses(
    _ call: EncounterCall, by place: Int, _ reason: EncounterRefusal,
    _ location: SourceLocation = #_sourceLocation
  ) {
    host.begin(context)
    let (contract, tokens) = (contract, tokens)
    let outcomes = host.perform(call, by: parties[place], in: context)
    guard case .failure(let refusal) = outcomes[0].result else {
      Issue.record("not refused: \(call)", sourceLocation: location)
      return
    }
    #expect(refusal == reason, sourceLocation: location)
    #expect(contract == self.contract && tokens == self.tokens, sourceLocation: location)
  }

  @discardableResult
  mutating func advance(_ blocks: UInt64 = 1) -> [EncounterEvent] {
    height += blocks
    return host.begin(context).events
  }

  mutating func open(
    learner: Int = 0, neighbour: Int = 1, prepayment: TokenAmount = 10, bonus: Bool = false,
    modelBefore: Digest = EncounterTable.before
  ) throws -> UInt64 {
    let number = contract.nextEncounter
    try perform(
      .open(
        EncounterOffer(
          neighbour: parties[neighbour], prepayment: prepayment, modelBefore: modelBefore,
          offersRareDataBonus: bonus)), by: learner)
    return number
  }

  /// Opens an encounter, accepts it, reports, and waits for the validators.
  ///
  /// - Returns: its number, and the places of its validators.
  mutating func upToVotes(
    learner: Int = 0, neighbour: Int = 1, prepayment: TokenAmount = 10, bonus: Bool = false
  ) throws -> (number: UInt64, validators: [Int]) {
    let number = try open(
      learner: learner, neighbour: neighbour, prepayment: prepayment, bonus: bonus)
    try perform(.accept(number, claimsRareData: bonus), by: neighbour)
    for side in [learner, neighbour] {
      try perform(.report(number, result: Self.after(of: neighbour)), by: side)
    }
    advance(2)
    let drawn = try #require(contract.encounter(number)).validators.map(\.account)
    return (number, try drawn.map { try #require(parties.firstIndex(of: $0)) })
  }

  static func salt(_ place: Int) -> Digest { digest("salt \(place)") }

  mutating func commit(_ number: UInt64, _ vote: ValidatorVote, by place: Int) throws {
    try perform(
      .commit(
        number, result: contract.encounter(number)?.result ?? Self.after,
        commitment: vote.commitment(
          encounter: number, validator: parties[place], salt: Self.salt(place))), by: place)
  }

  mutating func reveal(_ number: UInt64, _ vote: ValidatorVote, by place: Int) throws {
    try perform(.reveal(number, vote, salt: Self.salt(place)), by: place)
  }

  /// Lets validators vote, all of them in time.
  mutating func vote(_ number: UInt64, _ votes: [(Int, Bool)], rare: Bool = false) throws {
    let votes = votes.map { ($0, ValidatorVote(contributes: $1, findsRareData: rare)) }
    for (place, vote) in votes { try commit(number, vote, by: place) }
    if let encounter = contract.encounter(number), votes.count < encounter.validators.count {
      advance(contract.terms.commitBlocks + 1)
    }
    for (place, vote) in votes { try reveal(number, vote, by: place) }
  }
}
