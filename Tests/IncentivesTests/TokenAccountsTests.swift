import Cryptography
import Incentives
import Testing

@Suite struct TokenAccountsTests {
  let treasury = AccountAddress(contract: "treasury")
  let alice = AccountAddress(contract: "alice")
  let bob = AccountAddress(contract: "bob")
  let carol = AccountAddress(contract: "carol")

  func accounts() throws -> TokenAccounts {
    var accounts = TokenAccounts(supply: 1000, treasury: treasury)
    try accounts.transfer(100, from: treasury, to: alice)
    return accounts
  }

  @Test func transfersMoveExactly() throws {
    var accounts = try accounts()
    try accounts.transfer(40, from: alice, to: bob)
    #expect(accounts.balance(of: alice) == 60 && accounts.balance(of: bob) == 40)
    try accounts.transfer(40, from: bob, to: bob)
    #expect(accounts.balance(of: bob) == 40)
    try accounts.transfer(0, from: carol, to: bob)
    #expect(accounts.total == 1000)
    #expect(
      accounts.takeEvents() == [
        .transfer(from: treasury, to: alice, amount: 100),
        .transfer(from: alice, to: bob, amount: 40), .transfer(from: bob, to: bob, amount: 40),
        .transfer(from: carol, to: bob, amount: 0),
      ])
    #expect(accounts.events.isEmpty)
  }

  @Test func whatIsNotThereCannotBeSpent() throws {
    var accounts = try accounts()
    let before = accounts
    for amount in [101, UInt64.max] {
      for target in [alice, bob] {
        #expect(
          throws: TokenError.insufficient(.balance(alice), has: 100, needs: amount)
        ) { try accounts.transfer(amount, from: alice, to: target) }
      }
    }
    #expect(throws: TokenError.self) {
      try accounts.move(1, from: .stake(alice), to: .balance(alice))
    }
    #expect(throws: TokenError.self) { try accounts.move(1, from: .escrow(7), to: .balance(alice)) }
    #expect(accounts == before)
  }

  @Test func allowancesAreSpentOnce() throws {
    var accounts = try accounts()
    accounts.approve(50, for: bob, by: alice)
    try accounts.transfer(30, from: alice, to: carol, by: bob)
    #expect(accounts.allowance(of: bob, from: alice) == 20)
    let before = accounts
    #expect(throws: TokenError.allowanceTooSmall(has: 20, needs: 30)) {
      try accounts.transfer(30, from: alice, to: carol, by: bob)
    }
    #expect(throws: TokenError.allowanceTooSmall(has: 0, needs: 1)) {
      try accounts.transfer(1, from: bob, to: carol, by: alice)
    }
    #expect(accounts == before)
    accounts.approve(.max, for: bob, by: alice)
    #expect(throws: TokenError.insufficient(.balance(alice), has: 70, needs: 71)) {
      try accounts.transfer(71, from: alice, to: carol, by: bob)
    }
    #expect(accounts.allowance(of: bob, from: alice) == .max)
    try accounts.transfer(70, from: alice, to: bob, by: bob)
    #expect(accounts.balance(of: carol) == 30 && accounts.balance(of: bob) == 70)
    #expect(accounts.total == 1000)
  }

  @Test func holdingsAreSortedAndComplete() throws {
    var accounts = try accounts()
    try accounts.move(30, from: .balance(alice), to: .stake(alice))
    try accounts.move(70, from: .balance(alice), to: .escrow(3))
    let holdings = accounts.holdings
    #expect(holdings.map(\.holding) == [.balance(treasury), .stake(alice), .escrow(3)])
    #expect(holdings.map(\.amount) == [900, 30, 70])
    #expect(accounts.total == 1000)
    #expect(accounts.totals == (900, 30, 70))
  }

  @Test func theSupplyIsTheLargestAmount() throws {
    var accounts = TokenAccounts(supply: .max, treasury: treasury)
    try accounts.transfer(.max, from: treasury, to: alice)
    try accounts.transfer(.max, from: alice, to: alice)
    try accounts.move(.max, from: .balance(alice), to: .stake(alice))
    #expect(accounts.total == .max && accounts.stake(of: alice) == .max)
  }

  @Test func exchangesGiveWholeUnitsBothWays() throws {
    var tokens = TokenAccounts(supply: 1000, treasury: treasury)
    var currency = TokenAccounts(supply: 500, treasury: carol)
    try currency.transfer(7, from: carol, to: alice)
    var exchange = CurrencyExchange(currency: currency, treasury: treasury, rate: 30)
    #expect(try exchange.buy(for: 5, by: alice, &tokens) == 150)
    let (before, beforeCurrency) = (tokens, exchange)
    #expect(throws: TokenError.insufficient(.balance(alice), has: 2, needs: 3)) {
      try exchange.buy(for: 3, by: alice, &tokens)
    }
    #expect(throws: TokenError.amountTooLarge) { try exchange.buy(for: .max, by: alice, &tokens) }
    #expect(throws: TokenError.nothingToExchange(rate: 30)) {
      try exchange.sell(29, by: alice, &tokens)
    }
    #expect(throws: TokenError.insufficient(.balance(bob), has: 0, needs: 60)) {
      try exchange.sell(60, by: bob, &tokens)
    }
    #expect(tokens == before && exchange == beforeCurrency)
    // 100 tokens are three units, and ten tokens stay.
    #expect(try exchange.sell(100, by: alice, &tokens) == 3)
    #expect(tokens.balance(of: alice) == 60 && exchange.currency.balance(of: alice) == 5)
    #expect(exchange.currency.balance(of: treasury) == 2)
    #expect(tokens.total == 1000 && exchange.currency.total == 500)
  }

  @Test func addressesAreTheirBytes() {
    let bytes = (0..<32).map { UInt8(200 - $0) }
    let address = AccountAddress(VerificationKey(bytes: bytes))
    #expect(address.bytes == bytes)
    for place in [0, 9, 17, 31] {
      var larger = bytes
      larger[place] += 1
      #expect(address < AccountAddress(bytes: larger) && address != AccountAddress(bytes: larger))
    }
    #expect(AccountAddress(contract: "a") != AccountAddress(contract: "b"))
  }
}
