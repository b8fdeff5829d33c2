import Cryptography
import Incentives
import Ledger
import Testing

/// One encoding for each value, starts from bytes, and what is refused of both.
@Suite struct SharingCodingTests {
  typealias Contract = SharingContract<IntegerPerceptron>
  static let (alice, bob) = (AccountAddress(contract: "alice"), AccountAddress(contract: "bob"))
  private let coding = EncounterCodingTests()

  static let calls: [Contract.Call] = [
    .add(FeatureList([0, 7, 300]), true, deposit: 1), .add(FeatureList([]), false, deposit: .max),
    .refund(2), .report(3), .takeRest(4),
  ]

  static let events: [SharingEvent] = [
    .added(1, sender: alice, cost: 2, locked: 3), .refunded(4, sender: bob, amount: 5),
    .reported(6, reporter: alice, amount: 7), .restTaken(.max, taker: bob, amount: 8),
  ]

  /// Every option other than the default.
  static var rules: SharingRules {
    var rules = SharingRules()
    rules.token = 10
    rules.costWeight = 20
    rules.refundTime = 2 * SharingRules.day
    rules.anyTime = 30 * SharingRules.day
    rules.lock = .cost
    rules.entropyWeight = 1500
    rules.goodPerBad = 3
    rules.probation = 4
    rules.storageLimit = 5000
    return rules
  }

  /// Features 1 and 3 are good ones.
  static let model = IntegerPerceptron(
    .mean, weights: [0, 2, -1, 1], bias: -1, delayedWeights: [0, -3, 5, 2], delayedBias: 4, steps: 9
  )

  @Test func callsAndEventsHaveOneEncoding() throws {
    for call in Self.calls { try coding.check(call) }
    for event in Self.events { try coding.check(event) }
    try coding.check(ContractRecord<SharingEvent>.performed(3, Self.events, []))
  }

  @Test func rulesAndModelsHaveOneEncoding() throws {
    try coding.check(SharingRules())
    try coding.check(Self.rules)
    try coding.check(Self.model)
    try coding.check(IntegerPerceptron(.lastWeights, featureCount: 0))
  }

  /// Equal samples have equal bytes, or the same sample could be submitted again in another order.
  @Test func featuresAreSortedAndEachIsThereOnce() throws {
    let good = FeatureList([5, 6]).encoded
    for (place, byte) in [(4, 6), (4, 7)] as [(Int, UInt8)] {
      var bytes = good
      bytes[place] = byte
      #expect(throws: LedgerCodingError.malformed("order of features")) {
        try FeatureList(decoding: bytes)
      }
    }
  }

  @Test func unsoundRulesAreRefused() {
    var rules = Self.rules
    rules.anyTime = rules.refundTime
    let error = #expect(throws: LedgerCodingError.self) {
      try SharingRules(decoding: rules.encoded)
    }
    #expect(error.map { "\($0)".contains("malformed set of rules: what is left") } == true)
  }

  static var records: [[UInt8]] {
    Contract.records(model, rules: rules, balances: [alice: 500, bob: 700], time: 1234)
  }

  @Test func aStartIsWhatItsRecordsSay() throws {
    let (contract, tokens) = try Contract.start(records: Self.records)
    #expect(contract.rules == Self.rules && contract.model == Self.model)
    #expect(contract.lastTime == 1234 && contract.unsettled.isEmpty)
    #expect(tokens.balance(of: Self.alice) == 500 && tokens.balance(of: Self.bob) == 700)
    #expect(tokens.supply == 1200 && tokens.total == 1200 && tokens.events.isEmpty)
  }

  @Test func unsoundStartsAreRefused() throws {
    let good = Self.records
    for bad in [
      [], Array(good[..<2]), good + [[]], [good[1], good[0], good[2]], [good[0], good[2], good[1]],
      EncounterContract.records(EncounterTerms(), currency: [:]) + [good[2]],
    ] { #expect(throws: LedgerCodingError.self) { try Contract.start(records: bad) } }
    for (place, record) in good.enumerated() {
      for count in 0..<record.count {
        var bad = good
        bad[place] = Array(record[..<count])
        #expect(throws: LedgerCodingError.self) { try Contract.start(records: bad) }
      }
      var bad = good
      bad[place].append(0)
      #expect(throws: LedgerCodingError.trailingBytes(1)) { try Contract.start(records: bad) }
    }
    // Accounts out of order, and one twice.
    for source in [44..<84, 4..<44] {
      var bad = good
      bad[2].replaceSubrange(source == 4..<44 ? 44..<84 : 4..<44, with: good[2][source])
      #expect(throws: LedgerCodingError.malformed("order of accounts")) {
        try Contract.start(records: bad)
      }
    }
    let rich = Contract.records(
      Self.model, rules: Self.rules, balances: [Self.alice: 1, Self.bob: .max], time: 0)
    #expect(throws: LedgerCodingError.malformed("sum of all tokens, beyond 64 bits")) {
      try Contract.start(records: rich)
    }
  }

  @Test func whatTheModelCannotTakeIsRefused() throws {
    var (contract, tokens) = try Contract.start(records: Self.records)
    let before = (contract, tokens)
    let context = CallContext(height: 1, time: 90_000_000, entropy: Block.origin)
    let error = #expect(throws: SharingRefusal.self) {
      try contract.perform(
        .add(FeatureList([1, 4]), true, deposit: 100), by: Self.alice, in: context, &tokens)
    }
    #expect(error.map { "\($0)".contains("feature 4 for a model of features 0 to 3") } == true)
    #expect(contract == before.0 && tokens == before.1)
    _ = try contract.perform(
      .add(FeatureList([1, 3]), true, deposit: 100), by: Self.alice, in: context, &tokens)
    #expect(contract != before.0)
  }

  /// Whoever starts a chain chooses the weights; nobody's program ends by them.
  @Test func hugeWeightsWrapAround() {
    var model = IntegerPerceptron(
      .mean, weights: [.max, .min], bias: .max, delayedWeights: [.min, .max], delayedBias: .min,
      steps: .max)
    for label in [true, false, true] {
      model.update(FeatureList([0, 1]), label: label)
      model.update(FeatureList([1]), label: label)
    }
    #expect(model.steps == .min + 5)
    #expect(model.predict(FeatureList([0])) == (model.score(FeatureList([0])) > 0))
  }
}
