import Ledger

// Who starts with how much, in the first block of a contract's chain: the number of accounts, and each
// with its amount, in the order of the accounts.

extension LedgerWriter {
  mutating func amounts(_ amounts: [AccountAddress: TokenAmount]) {
    word(UInt32(amounts.count))
    for (account, amount) in amounts.sorted(by: { $0.key < $1.key }) {
      address(account)
      long(amount)
    }
  }
}

extension LedgerReader {
  mutating func amounts() throws(LedgerCodingError) -> [AccountAddress: TokenAmount] {
    let count = try count(of: "accounts", size: AccountAddress.byteCount + 8)
    var amounts: [AccountAddress: TokenAmount] = [:]
    var last: AccountAddress?
    for _ in 0..<count {
      let account = try address()
      if let last, account <= last { throw .malformed("order of accounts") }
      amounts[account] = try long()
      last = account
    }
    return amounts
  }
}
