import Cryptography
import Incentives
import Ledger

/// A model that learns by heart: the last label that it was given for a sample.
struct LastLabels: UpdatableModel {
  var labels: [Int: Bool] = [:]

  func predict(_ sample: Int) -> Bool { labels[sample] ?? false }
  mutating func update(_ sample: Int, label: Bool) { labels[sample] = label }
  func byteCount(of sample: Int) -> UInt64 { 100 }
}

/// A model whose answers the test decides.
struct ToldModel: UpdatableModel {
  /// Every sample is labelled so, apart from the exceptions.
  var answer = true
  var exceptions: Set<Int> = []

  func predict(_ sample: Int) -> Bool { exceptions.contains(sample) ? !answer : answer }
  /// Samples from 1000 on turn the model round.
  mutating func update(_ sample: Int, label: Bool) { if sample >= 1000 { answer.toggle() } }
  func byteCount(of sample: Int) -> UInt64 { 100 }
}

/// A contract with three senders who have 1000 tokens of 10 units each.
struct SharingTable<Model: UpdatableModel> where Model.Sample == Int, Model.Label == Bool {
  static var start: UInt64 { 1_600_000_000_000 }
  static var supply: TokenAmount { 30_000 }
  var contract: SharingContract<Model>
  var tokens = TokenAccounts(supply: supply, treasury: AccountAddress(contract: "treasury"))
  let alice = AccountAddress(contract: "alice")
  let bob = AccountAddress(contract: "bob")
  let carol = AccountAddress(contract: "carol")
  /// Milliseconds since the start.
  var time: UInt64 = 0

  init(_ model: Model, _ change: (inout SharingRules) -> Void = { _ in }) throws {
    var rules = SharingRules()
    rules.token = 10
    rules.costWeight = 10
    change(&rules)
    contract = SharingContract(model, rules: rules, time: Self.start)
    for account in [alice, bob, carol] {
      try tokens.transfer(10_000, from: AccountAddress(contract: "treasury"), to: account)
    }
  }

  mutating func perform(
    _ call: SharingCall<Int, Bool>, _ caller: AccountAddress
  ) throws(SharingRefusal) -> SharingEvent? {
    try contract.perform(
      call, by: caller,
      in: CallContext(height: 1, time: Self.start + time, entropy: Block.origin), &tokens
    ).first
  }

  /// Days go by.
  mutating func wait(_ days: Double) { time += UInt64(days * Double(SharingRules.day)) }

  /// The refusal of a call, after which everything is as before.
  mutating func refusal(
    _ call: SharingCall<Int, Bool>, _ caller: AccountAddress
  ) -> SharingRefusal? {
    let before = tokens
    let (count, good, bytes, last) = (
      contract.unsettled, contract.goodCount, contract.storedBytes, contract.lastTime
    )
    do {
      _ = try perform(call, caller)
      return nil
    } catch {
      let isUnchanged =
        tokens == before && contract.unsettled == count && contract.goodCount == good
        && contract.storedBytes == bytes && contract.lastTime == last
      return isUnchanged ? error : nil
    }
  }
}
