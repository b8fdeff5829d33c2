import Cryptography
import Incentives
import Ledger
import Testing

@Suite struct SharingRulesTests {
  func rules(weight: TokenAmount, token: TokenAmount = 1000) -> SharingRules {
    var rules = SharingRules()
    rules.costWeight = weight
    rules.token = token
    return rules
  }

  /// w 60 / √Δt with Δt in seconds, at least a token.
  @Test func costsFallWithTheRootOfTheTime() {
    let rules = rules(weight: 1000)
    #expect(rules.cost(elapsed: 3_600_000) == 1000)
    #expect(rules.cost(elapsed: 7_200_000) == 1000)
    #expect(rules.cost(elapsed: 900_000) == 2000)
    #expect(rules.cost(elapsed: 100_000) == 6000)
    // 1000 × 60 / √600 = 2449.48…
    #expect(rules.cost(elapsed: 600_000) == 2449)
    // From a second downwards it is the same, and so it is when clocks go back.
    #expect(rules.cost(elapsed: 1000) == 60_000 && rules.cost(elapsed: 0) == 60_000)
    #expect(self.rules(weight: 0).cost(elapsed: 5) == 1000)
    #expect(self.rules(weight: 25_000).cost(elapsed: 3_600_000) == 25_000)
  }

  @Test func costsAreExactRootsAndNeverOverflow() {
    for weight in [1, 7, 999, 123_456, 1 << 20] as [TokenAmount] {
      for elapsed in [1000, 1001, 59_999, 3_599_999, 1 << 40] as [UInt64] {
        let cost = rules(weight: weight, token: 1).cost(elapsed: elapsed)
        let square = UInt128(weight) * UInt128(weight) * 3_600_000 / UInt128(elapsed)
        let root = UInt128(cost)
        #expect(root * root <= square || cost == 1)
        #expect((root + 1) * (root + 1) > square)
      }
    }
    #expect(rules(weight: .max).cost(elapsed: 0) == .max)
    #expect(rules(weight: .max).cost(elapsed: .max) > 0)
    var linked = rules(weight: .max)
    linked.entropyWeight = .max
    #expect(linked.cost(elapsed: 1, entropy: .max) == .max)
  }

  /// −log₂ of (good + 1) / (good + bad + 2), in thousandths.
  @Test func entropyIsHighForBadDataAndLowForGood() {
    #expect(SharingRecord().entropy == 1000)
    // log₂ 4 with three bad ones: (3 + 2) / 1 = 5, 2.3219….
    #expect(SharingRecord(bad: 2).entropy == 2000)
    #expect(SharingRecord(bad: 3).entropy == 2321)
    // log₂ (102 / 101) = 0.0142….
    #expect(SharingRecord(good: 100).entropy == 14)
    #expect(SharingRecord(good: .max, bad: .max).entropy == 1000)
    #expect(SharingRecord(bad: .max).entropy == 64_000)
    var rules = rules(weight: 1000)
    rules.entropyWeight = 500
    // A half more for each bit.
    #expect(rules.cost(elapsed: 3_600_000, entropy: 1000) == 1500)
    #expect(rules.cost(elapsed: 3_600_000, entropy: 2000) == 2000)
  }

  @Test func termsThatAreNoneAreNamed() {
    var rules = SharingRules()
    #expect(rules.problem == nil)
    rules.anyTime = 7 * SharingRules.day
    #expect(rules.problem?.contains("less than a week past the 1 days") == true)
    rules.anyTime = 0
    #expect(rules.problem != nil)
    rules.refundTime = 0
    rules.anyTime = 7 * SharingRules.day
    #expect(rules.problem == nil)
    rules.token = 0
    #expect(rules.problem?.contains("0 units") == true)
  }

  @Test func eventsAndCallsHaveOneEncoding() throws {
    let account = AccountAddress(contract: "alice")
    let events: [SharingEvent] = [
      .added(1, sender: account, cost: 2, locked: 3), .refunded(4, sender: account, amount: 5),
      .reported(6, reporter: account, amount: 7), .restTaken(8, taker: account, amount: .max),
    ]
    for event in events {
      #expect(try SharingEvent(decoding: event.encoded) == event)
      #expect(throws: LedgerCodingError.self) {
        try SharingEvent(decoding: event.encoded + [0])
      }
      #expect(throws: LedgerCodingError.self) {
        try SharingEvent(decoding: Array(event.encoded.dropLast()))
      }
    }
    #expect(throws: LedgerCodingError.self) {
      try SharingEvent(decoding: [9] + events[1].encoded.dropFirst())
    }
    let calls: [SharingCall<SharingEvent, SharingEvent>] = [
      .add(events[0], events[1], deposit: 9), .refund(1), .report(2), .takeRest(3),
    ]
    for call in calls {
      #expect(try SharingCall<SharingEvent, SharingEvent>(decoding: call.encoded) == call)
    }
  }
}
