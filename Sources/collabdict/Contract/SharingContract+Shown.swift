import Incentives
import Ledger
import Storage

extension SharingContract: ShownContract where Model == IntegerPerceptron {
  private static func number(_ value: some BinaryInteger) -> JSON {
    .integer(Int(clamping: value))
  }

  private static func days(_ milliseconds: UInt64) -> JSON {
    .number(Double(milliseconds) / Double(SharingRules.day))
  }

  var shownTerms: [(String, JSON)] {
    [
      ("token", Self.number(rules.token)), ("cost_weight", Self.number(rules.costWeight)),
      ("locked", .text(rules.lock.rawValue)), ("refund_days", Self.days(rules.refundTime)),
      ("any_days", Self.days(rules.anyTime)),
      ("entropy_weight", .number(Double(rules.entropyWeight) / 1000)),
      ("good_per_bad", rules.goodPerBad.map { Self.number($0) } ?? .null),
      ("probation", Self.number(rules.probation)),
      ("storage_limit", rules.storageLimit.map { Self.number($0) } ?? .null),
    ]
  }

  var shownFacts: [(String, JSON)] {
    [
      ("samples", Self.number(sampleCount)), ("unsettled_samples", .integer(unsettled.count)),
      ("good_samples", Self.number(goodCount)), ("stored_bytes", Self.number(storedBytes)),
      ("last_sample_ms", Self.number(lastTime)),
    ]
  }

  static var accountColumns: [String] {
    ["locked", "samples good", "samples bad", "entropy"]
  }

  func shownAccount(_ account: AccountAddress, _ tokens: TokenAccounts) -> [(String, JSON)] {
    let record = record(of: account)
    return [
      ("locked", Self.number(lockedAmounts[account] ?? 0)),
      ("samples_good", Self.number(record.good)), ("samples_bad", Self.number(record.bad)),
      ("entropy", .number(Double(record.entropy) / 1000)),
    ]
  }

  var knownAccounts: [AccountAddress] { senders }

  func name(of account: AccountAddress) -> String? { nil }

  static var affairName: String { "sample" }

  static func affair(of call: Call) -> UInt64? {
    switch call {
    case .add: nil
    case .refund(let number), .report(let number), .takeRest(let number): number
    }
  }

  static func affair(of event: SharingEvent) -> UInt64? {
    switch event {
    case .added(let number, _, _, _), .refunded(let number, _, _), .reported(let number, _, _),
      .restTaken(let number, _, _):
      number
    }
  }

  static func name(of call: Call) -> String {
    switch call {
    case .add: "add"
    case .refund: "refund"
    case .report: "report"
    case .takeRest: "takeRest"
    }
  }

  /// Of a sample its label, and how many features it has.
  static func facts(of call: Call) -> [(String, JSON)] {
    guard case .add(let sample, let label, _) = call else { return [] }
    return [("label", .bool(label)), ("features", number(sample.numbers.count))]
  }

  static func shown(_ event: SharingEvent) -> (name: String, facts: [(String, JSON)]) {
    func account(_ account: AccountAddress) -> JSON { .text("\(account)") }
    switch event {
    case .added(_, let sender, let cost, let locked):
      return (
        "added", [("sender", account(sender)), ("cost", number(cost)), ("locked", number(locked))]
      )
    case .refunded(_, let sender, let amount):
      return ("refunded", [("sender", account(sender)), ("amount", number(amount))])
    case .reported(_, let reporter, let amount):
      return ("reported", [("by", account(reporter)), ("amount", number(amount))])
    case .restTaken(_, let taker, let amount):
      return ("rest_taken", [("by", account(taker)), ("amount", number(amount))])
    }
  }
}
