/// A number of tokens. There are no fractions.
public typealias TokenAmount = UInt64

/// Where tokens can be. The sum over all holdings is the supply, always.
public enum TokenHolding: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// What an account can spend.
  case balance(AccountAddress)
  /// What an account has pledged, and a contract may take.
  case stake(AccountAddress)
  /// What a contract keeps for one purpose, by that purpose's number. Contracts over the same
  /// accounts have to agree on whose numbers are whose.
  case escrow(UInt64)

  public var description: String {
    switch self {
    case .balance(let account): "the balance of \(account.shortDescription)…"
    case .stake(let account): "the stake of \(account.shortDescription)…"
    case .escrow(let number): "escrow \(number)"
    }
  }
}

/// Why tokens do not move. Whoever gets one knows that nothing has changed.
public enum TokenError: Error, Hashable, CustomStringConvertible {
  case insufficient(TokenHolding, has: TokenAmount, needs: TokenAmount)
  case allowanceTooSmall(has: TokenAmount, needs: TokenAmount)
  /// An amount of tokens or currency beyond what 64 bits hold.
  case amountTooLarge
  /// An exchange that would take something and give nothing.
  case nothingToExchange(rate: TokenAmount)

  public var description: String {
    switch self {
    case .insufficient(let holding, let has, let needs):
      "\(holding) has \(has) tokens, and \(needs) are needed"
    case .allowanceTooSmall(let has, let needs):
      "the owner allows \(has) tokens, and \(needs) are needed; ask the owner to approve more"
    case .amountTooLarge: "the amount is larger than 64 bits hold; exchange less"
    case .nothingToExchange(let rate):
      "the amount is less than one unit of currency, which is \(rate) tokens; exchange more"
    }
  }
}

/// What happened to tokens, in the order in which it happened (EIP-20, “Events”).
public enum TokenEvent: Sendable, Hashable {
  /// From one balance to another; of 0 tokens as well, and to oneself.
  case transfer(from: AccountAddress, to: AccountAddress, amount: TokenAmount)
  /// What `spender` may take of `owner` from now on.
  case approval(owner: AccountAddress, spender: AccountAddress, amount: TokenAmount)
  /// What a contract did: staking, escrow, payments.
  case moved(from: TokenHolding, to: TokenHolding, amount: TokenAmount)
}
