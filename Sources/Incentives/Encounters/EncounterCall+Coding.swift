import Ledger

extension EncounterCall: LedgerValue {
  public func write(to writer: inout LedgerWriter) {
    switch self {
    case .exchange(let units):
      writer.byte(0)
      writer.long(units)
    case .redeem(let tokens):
      writer.byte(1)
      writer.long(tokens)
    case .transfer(let to, let amount):
      writer.byte(2)
      writer.address(to)
      writer.long(amount)
    case .approve(let spender, let amount):
      writer.byte(3)
      writer.address(spender)
      writer.long(amount)
    case .transferFrom(let owner, let to, let amount):
      writer.byte(4)
      writer.address(owner)
      writer.address(to)
      writer.long(amount)
    case .stake(let amount):
      writer.byte(5)
      writer.long(amount)
    case .withdraw(let amount):
      writer.byte(6)
      writer.long(amount)
    case .open(let offer):
      writer.byte(7)
      writer.address(offer.neighbour)
      writer.long(offer.prepayment)
      writer.digest(offer.modelBefore)
      writer.flag(offer.offersRareDataBonus)
    case .accept(let number, let claimsRareData):
      writer.byte(8)
      writer.long(number)
      writer.flag(claimsRareData)
    case .reject(let number):
      writer.byte(9)
      writer.long(number)
    case .report(let number, let result):
      writer.byte(10)
      writer.long(number)
      writer.digest(result)
    case .commit(let number, let result, let commitment):
      writer.byte(11)
      writer.long(number)
      writer.digest(result)
      writer.digest(commitment)
    case .reveal(let number, let vote, let salt):
      writer.byte(12)
      writer.long(number)
      writer.byte(vote.code)
      writer.digest(salt)
    case .settle(let number):
      writer.byte(13)
      writer.long(number)
    }
  }

  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    switch try reader.byte() {
    case 0: self = .exchange(units: try reader.long())
    case 1: self = .redeem(tokens: try reader.long())
    case 2: self = .transfer(to: try reader.address(), amount: try reader.long())
    case 3: self = .approve(spender: try reader.address(), amount: try reader.long())
    case 4:
      let owner = try reader.address()
      self = .transferFrom(owner: owner, to: try reader.address(), amount: try reader.long())
    case 5: self = .stake(try reader.long())
    case 6: self = .withdraw(try reader.long())
    case 7:
      let neighbour = try reader.address()
      let prepayment = try reader.long()
      let modelBefore = try reader.digest()
      self = .open(
        EncounterOffer(
          neighbour: neighbour, prepayment: prepayment, modelBefore: modelBefore,
          offersRareDataBonus: try reader.flag()))
    case 8: self = .accept(try reader.long(), claimsRareData: try reader.flag())
    case 9: self = .reject(try reader.long())
    case 10: self = .report(try reader.long(), result: try reader.digest())
    case 11:
      let number = try reader.long()
      let result = try reader.digest()
      self = .commit(number, result: result, commitment: try reader.digest())
    case 12:
      let number = try reader.long()
      let vote = try ValidatorVote(code: try reader.byte())
      self = .reveal(number, vote, salt: try reader.digest())
    case 13: self = .settle(try reader.long())
    default: throw .malformed("call of a contract of encounters")
    }
  }
}
