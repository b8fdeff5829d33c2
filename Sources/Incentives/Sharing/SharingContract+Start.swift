import Ledger

/// How a contract of shared data starts: rules and a model that all have agreed on, and tokens in the
/// accounts of those who are going to leave them as deposits (Harris and Waggoner 2019, Sec. IV).
extension SharingContract: CodedContract
where Model: LedgerValue, Model.Sample: LedgerValue, Model.Label: LedgerValue {
  public static var application: String { "sharing" }

  /// - Parameters:
  ///   - model: as it was trained before.
  ///   - balances: tokens that accounts start with.
  ///   - time: of the start, milliseconds since 1970, from which the first sample's Δt counts.
  /// - Returns: `nil` if all tokens together are more than 64 bits hold.
  /// - Precondition: `rules.problem` has nothing to say.
  public static func start(
    _ model: Model, rules: SharingRules, balances: [AccountAddress: TokenAmount], time: UInt64
  ) -> (contract: SharingContract, tokens: TokenAccounts)? {
    var supply: TokenAmount = 0
    for amount in balances.values {
      let (more, overflows) = supply.addingReportingOverflow(amount)
      if overflows { return nil }
      supply = more
    }
    let treasury = AccountAddress(contract: "sharing treasury")
    var tokens = TokenAccounts(supply: supply, treasury: treasury)
    for (account, amount) in balances.sorted(by: { $0.key < $1.key }) {
      do {
        try tokens.transfer(amount, from: treasury, to: account)
      } catch {
        return nil
      }
    }
    _ = tokens.takeEvents()
    return (SharingContract(model, rules: rules, time: time), tokens)
  }

  /// The application's records of a chain's first block: the rules and the start's time, the model, and
  /// who starts with how many tokens.
  public static func records(
    _ model: Model, rules: SharingRules, balances: [AccountAddress: TokenAmount], time: UInt64
  ) -> [[UInt8]] {
    var first = LedgerWriter()
    first.text(application)
    rules.write(to: &first)
    first.long(time)
    var last = LedgerWriter()
    last.amounts(balances)
    return [first.bytes, model.encoded, last.bytes]
  }

  public static func start(
    records: [[UInt8]]
  ) throws(LedgerCodingError) -> (contract: SharingContract, tokens: TokenAccounts) {
    guard records.count == 3 else { throw .malformed("number of records") }
    var first = LedgerReader(records[0])
    guard try first.text(limit: 64) == application else { throw .malformed("application's name") }
    let rules = try SharingRules(from: &first)
    let time = try first.long()
    try first.finish()
    let model = try Model(decoding: records[1])
    var last = LedgerReader(records[2])
    let balances = try last.amounts()
    try last.finish()
    guard let start = start(model, rules: rules, balances: balances, time: time) else {
      throw .malformed("sum of all tokens, beyond 64 bits")
    }
    return start
  }
}
