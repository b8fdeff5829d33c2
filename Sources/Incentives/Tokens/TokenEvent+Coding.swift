import Ledger

extension TokenHolding: LedgerValue {
  public func write(to writer: inout LedgerWriter) {
    switch self {
    case .balance(let account):
      writer.byte(0)
      writer.address(account)
    case .stake(let account):
      writer.byte(1)
      writer.address(account)
    case .escrow(let number):
      writer.byte(2)
      writer.long(number)
    }
  }

  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    switch try reader.byte() {
    case 0: self = .balance(try reader.address())
    case 1: self = .stake(try reader.address())
    case 2: self = .escrow(try reader.long())
    default: throw .malformed("holding of tokens")
    }
  }
}

extension TokenEvent: LedgerValue {
  public func write(to writer: inout LedgerWriter) {
    switch self {
    case .transfer(let from, let to, let amount):
      writer.byte(0)
      writer.address(from)
      writer.address(to)
      writer.long(amount)
    case .approval(let owner, let spender, let amount):
      writer.byte(1)
      writer.address(owner)
      writer.address(spender)
      writer.long(amount)
    case .moved(let from, let to, let amount):
      writer.byte(2)
      from.write(to: &writer)
      to.write(to: &writer)
      writer.long(amount)
    }
  }

  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    switch try reader.byte() {
    case 0:
      let from = try reader.address()
      self = .transfer(from: from, to: try reader.address(), amount: try reader.long())
    case 1:
      let owner = try reader.address()
      self = .approval(owner: owner, spender: try reader.address(), amount: try reader.long())
    case 2:
      let from = try TokenHolding(from: &reader)
      self = .moved(from: from, to: try TokenHolding(from: &reader), amount: try reader.long())
    default: throw .malformed("token event")
    }
  }
}
