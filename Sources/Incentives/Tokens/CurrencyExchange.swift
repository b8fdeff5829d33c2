/// Exchanges currency for tokens of a treasury and back, at a fixed rate (Yu et al. 2023, Step 0).
///
/// The currency has accounts of its own, in which nothing appears or disappears either: what is paid
/// for tokens lies in the treasury's currency account, and comes back when tokens are sold.
public struct CurrencyExchange: Sendable, Hashable {
  /// Accounts of currency.
  public private(set) var currency: TokenAccounts
  /// Whose balance of tokens is sold from, and whose currency account is paid.
  public let treasury: AccountAddress
  /// Tokens for one unit of currency.
  public let rate: TokenAmount

  /// - Precondition: a rate of at least one token.
  public init(currency: TokenAccounts, treasury: AccountAddress, rate: TokenAmount) {
    precondition(rate > 0, "a rate of 0 tokens")
    self.currency = currency
    self.treasury = treasury
    self.rate = rate
  }

  /// Pays units of currency, and gets `rate` tokens for each.
  ///
  /// - Returns: the tokens.
  @discardableResult
  public mutating func buy(
    for units: UInt64, by buyer: AccountAddress, _ tokens: inout TokenAccounts
  ) throws(TokenError) -> TokenAmount {
    let (amount, overflows) = units.multipliedReportingOverflow(by: rate)
    if overflows { throw .amountTooLarge }
    let has = currency.balance(of: buyer)
    guard units <= has else { throw .insufficient(.balance(buyer), has: has, needs: units) }
    try tokens.transfer(amount, from: treasury, to: buyer)
    try currency.transfer(units, from: buyer, to: treasury)
    return amount
  }

  /// Gives tokens, and gets one unit of currency for each `rate` of them. What does not make a whole
  /// unit stays with the seller.
  ///
  /// - Returns: the units of currency.
  @discardableResult
  public mutating func sell(
    _ amount: TokenAmount, by seller: AccountAddress, _ tokens: inout TokenAccounts
  ) throws(TokenError) -> UInt64 {
    let units = amount / rate
    guard units > 0 else { throw .nothingToExchange(rate: rate) }
    let has = currency.balance(of: treasury)
    guard units <= has else { throw .insufficient(.balance(treasury), has: has, needs: units) }
    try tokens.transfer(units * rate, from: seller, to: treasury)
    try currency.transfer(units, from: treasury, to: seller)
    return units
  }

  /// The events of the currency's accounts so far, which are forgotten here.
  @discardableResult
  public mutating func takeEvents() -> [TokenEvent] { currency.takeEvents() }
}
