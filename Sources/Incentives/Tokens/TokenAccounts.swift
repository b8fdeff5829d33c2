/// Accounts of tokens with the semantics of ERC-20 (EIP-20), and with stakes and escrows beside the
/// balances.
///
/// Every change is one ``move(_:from:to:)``, so that nothing appears or disappears, and no sum can
/// pass the supply, whatever the amounts are. What fails changes nothing.
public struct TokenAccounts: Sendable, Hashable {
  /// All tokens there are.
  public let supply: TokenAmount
  /// Only holdings of more than 0: equal accounts are equal values.
  private var balances: [AccountAddress: TokenAmount] = [:]
  private var stakes: [AccountAddress: TokenAmount] = [:]
  private var escrows: [UInt64: TokenAmount] = [:]
  private var allowances: [Allowance: TokenAmount] = [:]
  /// What has happened since the last ``takeEvents()``.
  public private(set) var events: [TokenEvent] = []

  private struct Allowance: Hashable, Sendable {
    let owner: AccountAddress
    let spender: AccountAddress
  }

  /// All tokens in one balance.
  public init(supply: TokenAmount, treasury: AccountAddress) {
    self.supply = supply
    if supply > 0 { balances[treasury] = supply }
  }

  public func amount(in holding: TokenHolding) -> TokenAmount {
    switch holding {
    case .balance(let account): balances[account] ?? 0
    case .stake(let account): stakes[account] ?? 0
    case .escrow(let number): escrows[number] ?? 0
    }
  }

  public func balance(of account: AccountAddress) -> TokenAmount { balances[account] ?? 0 }
  public func stake(of account: AccountAddress) -> TokenAmount { stakes[account] ?? 0 }
  public func escrow(_ number: UInt64) -> TokenAmount { escrows[number] ?? 0 }

  /// What `spender` may still take of the owner's balance.
  public func allowance(of spender: AccountAddress, from owner: AccountAddress) -> TokenAmount {
    allowances[Allowance(owner: owner, spender: spender)] ?? 0
  }

  /// Pays from one balance into another. 0 tokens, and oneself, are as good as any (EIP-20).
  public mutating func transfer(
    _ amount: TokenAmount, from: AccountAddress, to: AccountAddress
  ) throws(TokenError) {
    try shift(amount, from: .balance(from), to: .balance(to))
    events.append(.transfer(from: from, to: to, amount: amount))
  }

  /// Lets somebody take up to an amount from the owner's balance; it replaces what was allowed before.
  ///
  /// A spender that is faster can take the old allowance and the new one: set it to 0 first.
  public mutating func approve(
    _ amount: TokenAmount, for spender: AccountAddress, by owner: AccountAddress
  ) {
    set(amount, for: Allowance(owner: owner, spender: spender))
    events.append(.approval(owner: owner, spender: spender, amount: amount))
  }

  /// Pays from the owner's balance what the owner allowed the spender (EIP-20, `transferFrom`). The
  /// allowance shrinks by the amount, for the owner as a spender, too.
  public mutating func transfer(
    _ amount: TokenAmount, from owner: AccountAddress, to: AccountAddress,
    by spender: AccountAddress
  ) throws(TokenError) {
    let allowed = allowance(of: spender, from: owner)
    guard amount <= allowed else { throw .allowanceTooSmall(has: allowed, needs: amount) }
    try transfer(amount, from: owner, to: to)
    set(allowed - amount, for: Allowance(owner: owner, spender: spender))
  }

  /// What contracts use: staking, escrow, payments. Who may call it is the contract's affair.
  public mutating func move(
    _ amount: TokenAmount, from: TokenHolding, to: TokenHolding
  ) throws(TokenError) {
    try shift(amount, from: from, to: to)
    events.append(.moved(from: from, to: to, amount: amount))
  }

  /// The events so far, which are forgotten here.
  public mutating func takeEvents() -> [TokenEvent] {
    defer { events = [] }
    return events
  }

  /// Whoever has tokens, sorted: balances, stakes, escrows. It sorts them all.
  public var holdings: [(holding: TokenHolding, amount: TokenAmount)] {
    balances.sorted { $0.key < $1.key }.map { (.balance($0.key), $0.value) }
      + stakes.sorted { $0.key < $1.key }.map { (.stake($0.key), $0.value) }
      + escrows.sorted { $0.key < $1.key }.map { (.escrow($0.key), $0.value) }
  }

  /// The sum over all holdings, computed anew: the supply, or something is wrong.
  public var total: TokenAmount {
    balances.values.reduce(0, +) + stakes.values.reduce(0, +) + escrows.values.reduce(0, +)
  }

  /// The sums over all balances, all stakes and all escrows.
  public var totals: (balances: TokenAmount, stakes: TokenAmount, escrows: TokenAmount) {
    (balances.values.reduce(0, +), stakes.values.reduce(0, +), escrows.values.reduce(0, +))
  }

  private mutating func shift(
    _ amount: TokenAmount, from: TokenHolding, to: TokenHolding
  ) throws(TokenError) {
    let has = self.amount(in: from)
    guard amount <= has else { throw .insufficient(from, has: has, needs: amount) }
    guard amount > 0, from != to else { return }
    set(has - amount, in: from)
    // Both together were at most the supply.
    set(self.amount(in: to) + amount, in: to)
  }

  private mutating func set(_ amount: TokenAmount, in holding: TokenHolding) {
    let value = amount > 0 ? amount : nil
    switch holding {
    case .balance(let account): balances[account] = value
    case .stake(let account): stakes[account] = value
    case .escrow(let number): escrows[number] = value
    }
  }

  private mutating func set(_ amount: TokenAmount, for allowance: Allowance) {
    allowances[allowance] = amount > 0 ? amount : nil
  }
}
