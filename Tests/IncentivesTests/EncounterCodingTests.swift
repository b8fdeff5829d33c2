import Cryptography
import Incentives
import Ledger
import Testing

/// One encoding for each value; anything else is refused with a typed error.
@Suite struct EncounterCodingTests {
  static let (alice, bob) = (AccountAddress(contract: "alice"), AccountAddress(contract: "bob"))
  static let (one, two) = (SHA256.hash([1]), SHA256.hash([2]))

  static let calls: [EncounterCall] = [
    .exchange(units: 1), .redeem(tokens: .max), .transfer(to: alice, amount: 2),
    .approve(spender: bob, amount: 3), .transferFrom(owner: alice, to: bob, amount: 4), .stake(5),
    .withdraw(6),
    .open(
      EncounterOffer(
        neighbour: bob, prepayment: 7, modelBefore: one, offersRareDataBonus: true)),
    .accept(8, claimsRareData: true), .reject(9), .report(10, result: two),
    .commit(11, result: one, commitment: two),
    .reveal(12, ValidatorVote(contributes: true, findsRareData: true), salt: one), .settle(13),
  ]

  static let events: [EncounterEvent] = [
    .exchanged(alice, units: 1, tokens: 2), .redeemed(bob, units: 3, tokens: 4),
    .staked(alice, stake: 5),
    .opened(6, learner: alice, neighbour: bob, prepayment: 7, bonus: 8, modelBefore: one),
    .agreed(9, locked: 10, claimsRareData: true, isRepeated: false),
    .reported(11, by: alice, result: two), .drawn(12, validators: [bob, alice]),
    .committed(13, by: bob, result: one, commitment: two),
    .revealed(14, by: bob, ValidatorVote(contributes: false, findsRareData: true)),
    .finalised(
      15, .mostlyNo,
      EncounterTally(
        yes: 1, no: 2, unrevealed: 3, rare: 4, neighbourReward: 5, learnerReturn: 6,
        validatorReward: 7, neighbourPenalty: 8, validatorPenalties: 9)), .closed(16, .oneReport),
  ]

  static let records: [ContractRecord<EncounterEvent>] = [
    .begun(Array(events[..<4]), []), .refused(7),
    .performed(
      3, Array(events[4...]),
      [
        .transfer(from: alice, to: bob, amount: 1),
        .approval(owner: bob, spender: alice, amount: 2),
        .moved(from: .escrow(3), to: .stake(alice), amount: 4),
      ]),
  ]

  static func terms() -> EncounterTerms {
    var terms = EncounterTerms()
    terms.price = .global(11)
    terms.rewardDestination = .balance
    terms.requiresCover = false
    terms.diversity = EncounterTerms.DiversityRule(window: 5, limit: 6, discount: 7)
    terms.learnersNeedStake = true
    terms.rareDataBonus = 8
    return terms
  }

  /// Every byte that is changed gives another value or none; every start and any longer text gives none.
  func check<Value: LedgerValue & Equatable>(_ value: Value) throws {
    let bytes = value.encoded
    #expect(try Value(decoding: bytes) == value)
    for count in 0..<bytes.count {
      #expect(throws: LedgerCodingError.self) { try Value(decoding: Array(bytes[..<count])) }
    }
    #expect(throws: LedgerCodingError.self) { try Value(decoding: bytes + [0]) }
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 0x81
      guard let other = try? Value(decoding: changed) else { continue }
      #expect(other != value && other.encoded == changed)
    }
  }

  @Test func callsHaveOneEncoding() throws {
    for call in Self.calls { try check(call) }
    #expect(Set(Self.calls.map { $0.encoded[0] }).count == Self.calls.count)
  }

  @Test func eventsHaveOneEncoding() throws { for event in Self.events { try check(event) } }

  @Test func recordsHaveOneEncoding() throws { for record in Self.records { try check(record) } }

  @Test func termsHaveOneEncoding() throws {
    try check(EncounterTerms())
    try check(Self.terms())
  }

  /// Rubbish: whatever is taken for a value has just these bytes.
  @Test func rubbishIsRefused() {
    var random = CallRandom(seed: 5)
    var taken = 0
    for trial in 0..<50_000 {
      var bytes: [UInt8]
      switch trial % 3 {
      case 0: bytes = (0..<random.below(120)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      case 1: bytes = random.pick(Self.calls).encoded
      default: bytes = random.pick(Self.events).encoded
      }
      if trial % 3 > 0 {
        for _ in 0...random.below(3) {
          bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
        }
        if random.chance(30) { bytes.removeLast(random.below(bytes.count)) }
      }
      if let call = try? EncounterCall(decoding: bytes) {
        taken += 1
        if call.encoded != bytes { Issue.record("\(bytes) decodes to \(call)") }
      }
      if let event = try? EncounterEvent(decoding: bytes) {
        taken += 1
        if event.encoded != bytes { Issue.record("\(bytes) decodes to \(event)") }
      }
      if let record = try? ContractRecord<EncounterEvent>(decoding: bytes) {
        if record.encoded != bytes { Issue.record("\(bytes) decodes to \(record)") }
      }
    }
    #expect(taken > 1000 && taken < 50_000)
  }

  @Test func unsoundTermsAreRefused() {
    var terms = EncounterTerms()
    terms.votesRequired = 4
    #expect(
      throws: LedgerCodingError.malformed(
        "set of terms: votesRequired is 4, and has to be 1 to 3")
    ) { try EncounterTerms(decoding: terms.encoded) }
    terms = EncounterTerms()
    terms.waitingBlocks = 0
    #expect(
      throws: LedgerCodingError.malformed(
        "set of terms: waitingBlocks is 0, and has to be 2 to 1099511627776")
    ) { try EncounterTerms(decoding: terms.encoded) }
  }

  /// Enough currency for a sum beyond 64 bits, accounts out of order, records that are missing.
  @Test func unsoundStartsAreRefused() throws {
    let good = EncounterContract.records(
      EncounterTerms(), currency: [Self.alice: 5, Self.bob: .max - 5])
    #expect(try EncounterContract.start(records: good).contract.exchange.currency.supply == .max)
    let rich = EncounterContract.records(
      EncounterTerms(), currency: [Self.alice: 6, Self.bob: .max - 5])
    #expect(throws: LedgerCodingError.self) { try EncounterContract.start(records: rich) }
    #expect(throws: LedgerCodingError.self) { try EncounterContract.start(records: [good[0]]) }
    #expect(throws: LedgerCodingError.self) {
      try EncounterContract.start(records: [good[1], good[0]])
    }
    var disordered = good[1]
    disordered.replaceSubrange(4..<44, with: good[1][44..<84])
    #expect(throws: LedgerCodingError.self) {
      try EncounterContract.start(records: [good[0], disordered])
    }
  }
}
