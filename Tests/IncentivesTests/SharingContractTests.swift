import Incentives
import Testing

@Suite struct SharingContractTests {
  @Test func addingLocksTheDepositAndTrainsAtOnce() throws {
    var table = try SharingTable(LastLabels())
    table.wait(1)
    let event = try table.perform(.add(5, true, deposit: 500), table.alice)
    #expect(event == .added(0, sender: table.alice, cost: 10, locked: 500))
    #expect(table.tokens.balance(of: table.alice) == 9500 && table.tokens.escrow(0) == 500)
    #expect(table.contract.model.labels == [5: true])
    #expect(table.contract.data(of: 0)?.sample == 5 && table.contract.storedBytes == 100)
  }

  @Test func onlyTheCostIsLockedWhereTheRulesSaySo() throws {
    var table = try SharingTable(LastLabels()) { $0.lock = .cost }
    table.time = 4000
    // 10 × 60 / √4 = 300.
    let event = try table.perform(.add(5, true, deposit: 301), table.alice)
    #expect(event == .added(0, sender: table.alice, cost: 300, locked: 300))
    #expect(table.tokens.balance(of: table.alice) == 9700)
  }

  @Test func aDepositMustCoverTheCostAndBeThere() throws {
    var table = try SharingTable(LastLabels())
    #expect(
      table.refusal(.add(1, true, deposit: 0), table.alice)
        == .depositTooSmall(deposit: 0, cost: 600))
    #expect(
      table.refusal(.add(1, true, deposit: 599), table.alice)
        == .depositTooSmall(deposit: 599, cost: 600))
    #expect(
      table.refusal(.add(1, true, deposit: 10_001), table.alice)
        == .tokens(.insufficient(.balance(table.alice), has: 10_000, needs: 10_001)))
    #expect(
      table.refusal(.add(1, true, deposit: .max), table.alice)
        == .tokens(.insufficient(.balance(table.alice), has: 10_000, needs: .max)))
    _ = try table.perform(.add(1, true, deposit: 600), table.alice)
  }

  @Test func aRefundNeedsADayAndTheModelsAgreement() throws {
    var table = try SharingTable(ToldModel())
    table.wait(1)
    _ = try table.perform(.add(1, true, deposit: 500), table.alice)
    _ = try table.perform(.add(2, false, deposit: 700), table.bob)
    table.wait(0.999)
    let due = SharingTable<ToldModel>.start + 2 * SharingRules.day
    #expect(table.refusal(.refund(0), table.alice) == .tooEarly(0, from: due))
    table.wait(0.001)
    #expect(table.refusal(.refund(0), table.bob) == .notItsSender(0))
    #expect(table.refusal(.refund(1), table.bob) == .modelDisagrees(1))
    #expect(table.refusal(.refund(2), table.bob) == .noSuchSample(2))
    #expect(
      try table.perform(.refund(0), table.alice)
        == .refunded(0, sender: table.alice, amount: 500))
    #expect(table.tokens.balance(of: table.alice) == 10_000)
    #expect(table.contract.record(of: table.alice) == SharingRecord(good: 1))
    #expect(table.contract.goodCount == 1 && table.contract.storedBytes == 100)
    // Not twice.
    #expect(table.refusal(.refund(0), table.alice) == .noSuchSample(0))
  }

  /// Alice has 2 good samples, Bob 1; Carol's bad deposit of 1000 is worth 666 and 333 to them.
  func withBadSample() throws -> SharingTable<ToldModel> {
    var table = try SharingTable(ToldModel())
    table.wait(1)
    for (sample, sender) in [(1, table.alice), (2, table.alice), (3, table.bob)] {
      _ = try table.perform(.add(sample, true, deposit: 700), sender)
    }
    _ = try table.perform(.add(4, false, deposit: 1000), table.carol)
    table.wait(1)
    _ = try table.perform(.refund(0), table.alice)
    _ = try table.perform(.refund(1), table.alice)
    _ = try table.perform(.refund(2), table.bob)
    return table
  }

  @Test func reportersShareByTheirGoodSamples() throws {
    var table = try withBadSample()
    #expect(
      try table.perform(.report(3), table.alice)
        == .reported(3, reporter: table.alice, amount: 666))
    #expect(
      try table.perform(.report(3), table.bob) == .reported(3, reporter: table.bob, amount: 333))
    // What division leaves over stays until t_any.
    #expect(table.tokens.escrow(3) == 1 && table.contract.deposit(of: 3)?.left == 1)
    #expect(table.refusal(.report(3), table.alice) == .reportedBefore(3))
    table.wait(8)
    #expect(
      try table.perform(.takeRest(3), table.bob) == .restTaken(3, taker: table.bob, amount: 1))
    #expect(table.contract.record(of: table.carol) == SharingRecord(bad: 1))
    #expect(table.refusal(.takeRest(3), table.bob) == .noSuchSample(3))
  }

  @Test func reportsAreRefusedToWhomTheyDoNotBelong() throws {
    var table = try withBadSample()
    #expect(table.refusal(.report(3), table.carol) == .itsSender(3))
    let dave = AccountAddress(contract: "dave")
    #expect(table.refusal(.report(3), dave) == .noVerifiedSample)
    #expect(table.refusal(.report(0), table.bob) == .noSuchSample(0))
    _ = try table.perform(.add(5, true, deposit: 700), table.carol)
    #expect(
      table.refusal(.report(4), table.alice)
        == .tooEarly(4, from: SharingTable<ToldModel>.start + 3 * SharingRules.day))
    table.wait(1)
    #expect(table.refusal(.report(4), table.alice) == .modelAgrees(4))
  }

  @Test func whatASenderGetsBackIsWhatReportersLeft() throws {
    var table = try withBadSample()
    _ = try table.perform(.report(3), table.alice)
    // The model turns round and now agrees.
    table.time += 1000
    _ = try table.perform(.add(1000, true, deposit: 800), table.bob)
    #expect(
      try table.perform(.refund(3), table.carol) == .refunded(3, sender: table.carol, amount: 334))
    #expect(table.tokens.balance(of: table.carol) == 10_000 - 666)
  }

  @Test func aShareIsCappedByWhatIsLeftAndMayBeNothing() throws {
    var table = try withBadSample()
    _ = try table.perform(.report(3), table.alice)
    // Bob's share grows to 5 of 7 good samples: 714 of 1000, of which 334 are left.
    for sample in 10..<14 {
      table.time += 1_000_000
      _ = try table.perform(.add(sample, true, deposit: 700), table.bob)
    }
    table.wait(1)
    for number in UInt64(4)..<8 { _ = try table.perform(.refund(number), table.bob) }
    #expect(
      try table.perform(.report(3), table.bob) == .reported(3, reporter: table.bob, amount: 334))
    #expect(table.contract.deposit(of: 3) == nil)
    #expect(table.contract.record(of: table.carol) == SharingRecord(bad: 1))

    // A tenth of a token, of which a seventh is less than a unit.
    var small = try SharingTable(ToldModel()) {
      $0.token = 1
      $0.costWeight = 0
    }
    _ = try small.perform(.add(0, true, deposit: 1), small.alice)
    for sample in 1..<7 { _ = try small.perform(.add(sample, true, deposit: 1), small.bob) }
    _ = try small.perform(.add(9, false, deposit: 3), small.carol)
    small.wait(1)
    _ = try small.perform(.refund(0), small.alice)
    for number in UInt64(1)..<7 { _ = try small.perform(.refund(number), small.bob) }
    #expect(small.refusal(.report(7), small.alice) == .nothingToGain(7))
  }

  @Test func anybodyTakesWhatIsLeftAfterNineDays() throws {
    var table = try withBadSample()
    table.wait(7.999)
    let due = SharingTable<ToldModel>.start + 10 * SharingRules.day
    #expect(table.refusal(.takeRest(3), table.bob) == .tooEarly(3, from: due))
    table.wait(0.001)
    let dave = AccountAddress(contract: "dave")
    #expect(try table.perform(.takeRest(3), dave) == .restTaken(3, taker: dave, amount: 1000))
    #expect(table.contract.unsettled.isEmpty && table.contract.storedBytes == 0)
  }

  @Test func theSameDataAreTakenOnce() throws {
    var table = try SharingTable(LastLabels())
    table.wait(1)
    _ = try table.perform(.add(1, true, deposit: 500), table.alice)
    table.wait(1)
    #expect(table.refusal(.add(1, true, deposit: 500), table.bob) == .knownData)
    _ = try table.perform(.refund(0), table.alice)
    #expect(table.refusal(.add(1, true, deposit: 500), table.alice) == .knownData)
    // Somebody may know better.
    _ = try table.perform(.add(1, false, deposit: 500), table.bob)
  }

  @Test func storageIsBounded() throws {
    var table = try SharingTable(ToldModel()) { $0.storageLimit = 250 }
    for sample in 0..<2 {
      table.wait(1)
      _ = try table.perform(.add(sample, true, deposit: 500), table.alice)
    }
    #expect(
      table.refusal(.add(2, true, deposit: 700), table.bob)
        == .storageFull(bytes: 100, limit: 250))
    _ = try table.perform(.refund(0), table.alice)
    table.wait(1)
    _ = try table.perform(.add(2, true, deposit: 500), table.bob)
  }

  @Test func aSenderOfBadDataIsTurnedAway() throws {
    var table = try SharingTable(ToldModel()) {
      $0.goodPerBad = 2
      $0.probation = 1
    }
    for sample in 0..<2 {
      table.wait(1)
      _ = try table.perform(.add(sample, false, deposit: 100), table.carol)
    }
    table.wait(9)
    for number in UInt64(0)..<2 { _ = try table.perform(.takeRest(number), table.alice) }
    let record = SharingRecord(bad: 2)
    #expect(
      table.refusal(.add(7, true, deposit: 100), table.carol)
        == .tooMuchBadData(record, goodPerBad: 2))
    _ = try table.perform(.add(7, true, deposit: 100), table.alice)
  }

  @Test func refusalsAreOneLineEach() {
    let refusals: [SharingRefusal] = [
      .depositTooSmall(deposit: 1, cost: 2), .tokens(.allowanceTooSmall(has: 0, needs: 1)),
      .knownData, .tooMuchBadData(SharingRecord(good: 1, bad: 9), goodPerBad: 3),
      .storageFull(bytes: 1, limit: 2), .noSuchSample(3), .tooEarly(3, from: 4), .notItsSender(3),
      .itsSender(3), .modelDisagrees(3), .modelAgrees(3), .noVerifiedSample, .reportedBefore(3),
      .nothingToGain(3),
    ]
    #expect(Set(refusals.map(\.description)).count == refusals.count)
    for refusal in refusals { #expect(!refusal.description.contains("\n")) }
  }
}
