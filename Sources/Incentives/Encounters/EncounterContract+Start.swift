import Ledger

/// How a contract of encounters starts: all tokens in its treasury, and currency in the accounts of those
/// who are going to exchange it (Yu et al. 2023, Step 0).
extension EncounterContract: CodedContract {
  public static var application: String { "idml" }

  /// - Parameter currency: units that accounts start with.
  /// - Returns: `nil` if all units together are more than 64 bits hold.
  public static func start(
    _ terms: EncounterTerms, currency: [AccountAddress: UInt64]
  ) -> (contract: EncounterContract, tokens: TokenAccounts)? {
    var sum: UInt64 = 0
    for units in currency.values {
      let (more, overflows) = sum.addingReportingOverflow(units)
      if overflows { return nil }
      sum = more
    }
    var accounts = TokenAccounts(supply: sum, treasury: treasury)
    for (account, units) in currency.sorted(by: { $0.key < $1.key }) {
      do {
        try accounts.transfer(units, from: treasury, to: account)
      } catch {
        return nil
      }
    }
    var exchange = CurrencyExchange(
      currency: accounts, treasury: treasury, rate: terms.exchangeRate)
    exchange.takeEvents()
    return (
      EncounterContract(terms, exchange: exchange),
      TokenAccounts(supply: terms.supply, treasury: treasury)
    )
  }

  /// The application's records of a chain's first block: the terms, and who starts with how much currency.
  public static func records(
    _ terms: EncounterTerms, currency: [AccountAddress: UInt64]
  ) -> [[UInt8]] {
    var first = LedgerWriter()
    first.text(application)
    terms.write(to: &first)
    var second = LedgerWriter()
    second.amounts(currency)
    return [first.bytes, second.bytes]
  }

  public static func start(
    records: [[UInt8]]
  ) throws(LedgerCodingError) -> (contract: EncounterContract, tokens: TokenAccounts) {
    guard records.count == 2 else { throw .malformed("number of records") }
    var first = LedgerReader(records[0])
    guard try first.text(limit: 64) == application else { throw .malformed("application's name") }
    let terms = try EncounterTerms(from: &first)
    try first.finish()
    var second = LedgerReader(records[1])
    let currency = try second.amounts()
    try second.finish()
    guard let start = start(terms, currency: currency) else {
      throw .malformed("sum of all currency, beyond 64 bits")
    }
    return start
  }
}
