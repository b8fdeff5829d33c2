import Ledger

extension SharingCall: LedgerValue where Sample: LedgerValue, Label: LedgerValue {
  public func write(to writer: inout LedgerWriter) {
    switch self {
    case .add(let sample, let label, let deposit):
      writer.byte(0)
      sample.write(to: &writer)
      label.write(to: &writer)
      writer.long(deposit)
    case .refund(let number):
      writer.byte(1)
      writer.long(number)
    case .report(let number):
      writer.byte(2)
      writer.long(number)
    case .takeRest(let number):
      writer.byte(3)
      writer.long(number)
    }
  }

  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    switch try reader.byte() {
    case 0:
      let sample = try Sample(from: &reader)
      let label = try Label(from: &reader)
      self = .add(sample, label, deposit: try reader.long())
    case 1: self = .refund(try reader.long())
    case 2: self = .report(try reader.long())
    case 3: self = .takeRest(try reader.long())
    default: throw .malformed("call of a sharing contract")
    }
  }
}

extension SharingEvent: LedgerValue {
  public func write(to writer: inout LedgerWriter) {
    func head(_ kind: UInt8, _ number: UInt64, _ account: AccountAddress) {
      writer.byte(kind)
      writer.long(number)
      writer.address(account)
    }
    switch self {
    case .added(let number, let sender, let cost, let locked):
      head(0, number, sender)
      writer.long(cost)
      writer.long(locked)
    case .refunded(let number, let sender, let amount):
      head(1, number, sender)
      writer.long(amount)
    case .reported(let number, let reporter, let amount):
      head(2, number, reporter)
      writer.long(amount)
    case .restTaken(let number, let taker, let amount):
      head(3, number, taker)
      writer.long(amount)
    }
  }

  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    let kind = try reader.byte()
    let number = try reader.long()
    let account = try reader.address()
    switch kind {
    case 0:
      let cost = try reader.long()
      self = .added(number, sender: account, cost: cost, locked: try reader.long())
    case 1: self = .refunded(number, sender: account, amount: try reader.long())
    case 2: self = .reported(number, reporter: account, amount: try reader.long())
    case 3: self = .restTaken(number, taker: account, amount: try reader.long())
    default: throw .malformed("event of a sharing contract")
    }
  }
}
