/// Step 0: currency, tokens, stakes, and what of them is locked.
extension EncounterContract {
  mutating func buy(
    for units: UInt64, _ caller: AccountAddress, _ tokens: inout TokenAccounts
  ) throws(EncounterRefusal) -> EncounterEvent {
    let amount: TokenAmount
    do {
      amount = try exchange.buy(for: units, by: caller, &tokens)
    } catch {
      throw .tokens(error)
    }
    exchange.takeEvents()
    return .exchanged(caller, units: units, tokens: amount)
  }

  mutating func sell(
    _ amount: TokenAmount, _ caller: AccountAddress, _ tokens: inout TokenAccounts
  ) throws(EncounterRefusal) -> EncounterEvent {
    let units: UInt64
    do {
      units = try exchange.sell(amount, by: caller, &tokens)
    } catch {
      throw .tokens(error)
    }
    exchange.takeEvents()
    return .redeemed(caller, units: units, tokens: units * exchange.rate)
  }

  mutating func stake(
    _ amount: TokenAmount, _ caller: AccountAddress, _ tokens: inout TokenAccounts
  ) throws(EncounterRefusal) -> EncounterEvent {
    try wrap { () throws(TokenError) in
      try tokens.move(amount, from: .balance(caller), to: .stake(caller))
    }
    review(caller, tokens)
    return .staked(caller, stake: tokens.stake(of: caller))
  }

  mutating func withdraw(
    _ amount: TokenAmount, _ caller: AccountAddress, _ tokens: inout TokenAccounts
  ) throws(EncounterRefusal) -> EncounterEvent {
    let free = free(of: caller, tokens)
    guard amount <= free else { throw .stakeIsLocked(free: free, needs: amount) }
    try wrap { () throws(TokenError) in
      try tokens.move(amount, from: .stake(caller), to: .balance(caller))
    }
    review(caller, tokens)
    return .staked(caller, stake: tokens.stake(of: caller))
  }

  /// What of a party's stake no open encounter can cost.
  public func free(of party: AccountAddress, _ tokens: borrowing TokenAccounts) -> TokenAmount {
    let (stake, locked) = (tokens.stake(of: party), locked(of: party))
    return stake > locked ? stake - locked : 0
  }

  /// Whether a party is eligible follows from its stake.
  mutating func review(_ party: AccountAddress, _ tokens: borrowing TokenAccounts) {
    pool.set(party, isMember: tokens.stake(of: party) >= terms.stakeThreshold)
  }

  mutating func lock(_ amount: TokenAmount, of party: AccountAddress) {
    if amount > 0 { locked[party, default: 0] += amount }
  }

  mutating func unlock(_ amount: TokenAmount, of party: AccountAddress) {
    let left = locked(of: party) - amount
    locked[party] = left > 0 ? left : nil
  }
}
