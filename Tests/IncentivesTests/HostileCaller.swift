import Cryptography
import Incentives

/// SplitMix64: the same calls from the same seed.
struct CallRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  mutating func below(_ count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
  mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
}

/// Makes up calls: mostly what is due, by whom it is due, and often something else.
struct HostileCaller {
  var random: CallRandom
  let parties: [AccountAddress]
  private var past: [(EncounterCall, AccountAddress)] = []

  init(seed: UInt64, parties: [AccountAddress]) {
    random = CallRandom(seed: seed)
    self.parties = parties
  }

  private static let digests = (0..<4).map { SHA256.hash([UInt8($0)]) }

  mutating func next(
    _ contract: EncounterContract, _ tokens: TokenAccounts, open: [UInt64]
  ) -> (EncounterCall, AccountAddress) {
    // Again what somebody called before, by the same or by another.
    if random.chance(8), !past.isEmpty {
      let (call, caller) = random.pick(past)
      return (call, random.chance(70) ? caller : random.pick(parties))
    }
    var (call, caller) =
      !open.isEmpty && random.chance(75)
      ? due(in: random.pick(open), contract, tokens) : fresh(contract, tokens)
    if random.chance(10) { caller = random.pick(parties) }
    if random.chance(2) { call = .settle(contract.nextEncounter &+ random.next() % 3) }
    if past.count < 200 {
      past.append((call, caller))
    } else {
      past[random.below(200)] = (call, caller)
    }
    return (call, caller)
  }

  private mutating func amount(_ has: TokenAmount) -> TokenAmount {
    switch random.below(12) {
    case 0: 0
    case 1: .max
    case 2: .max / 1000 + random.next() % 3
    case 3: has
    case 4: has &+ 1
    case 5: random.next()
    default: 1 + random.next() % 60
    }
  }

  private mutating func fresh(
    _ contract: EncounterContract, _ tokens: TokenAccounts
  ) -> (EncounterCall, AccountAddress) {
    let (caller, other) = (random.pick(parties), random.pick(parties))
    let balance = tokens.balance(of: caller)
    switch random.below(10) {
    case 0: return (.exchange(units: random.chance(70) ? 1 : amount(3)), caller)
    case 1: return (.redeem(tokens: amount(balance)), caller)
    case 2: return (.transfer(to: other, amount: amount(balance)), caller)
    case 3: return (.approve(spender: other, amount: amount(balance)), caller)
    case 4:
      return (
        .transferFrom(owner: other, to: random.pick(parties), amount: amount(balance)), caller
      )
    case 5: return (.stake(random.chance(60) ? 150 : amount(balance)), caller)
    case 6: return (.withdraw(amount(tokens.stake(of: caller))), caller)
    default:
      return (
        .open(
          EncounterOffer(
            neighbour: other,
            prepayment: random.chance(80) ? 1 + random.next() % 70 : amount(balance),
            modelBefore: random.pick(Self.digests), offersRareDataBonus: random.chance(20))), caller
      )
    }
  }

  private mutating func due(
    in number: UInt64, _ contract: EncounterContract, _ tokens: TokenAccounts
  ) -> (EncounterCall, AccountAddress) {
    guard let encounter = contract.encounter(number) else {
      return (.settle(number), random.pick(parties))
    }
    if random.chance(10) { return (.settle(number), random.pick(parties)) }
    switch encounter.phase {
    case .offered:
      return (
        random.chance(85)
          ? .accept(number, claimsRareData: encounter.bonus > 0 && random.chance(70))
          : .reject(number), encounter.neighbour
      )
    case .learning:
      let own = SHA256.hash(encounter.neighbour.bytes)
      let result = random.chance(85) ? own : random.pick(Self.digests)
      return (
        .report(number, result: result),
        random.chance(50) ? encounter.learner : encounter.neighbour
      )
    case .drawing: return (.settle(number), random.pick(parties))
    case .voting:
      guard !encounter.validators.isEmpty else {
        return (.settle(number), random.pick(parties))
      }
      let validator = random.pick(encounter.validators)
      let vote = ValidatorVote(
        contributes: (number &+ UInt64(validator.account.bytes[0])) % 3 > 0,
        findsRareData: number % 2 == 0)
      if validator.commitment == nil {
        let result = random.chance(95) ? encounter.result : Self.digests[3]
        return (
          .commit(
            number, result: result ?? Self.digests[3],
            commitment: vote.commitment(
              encounter: number, validator: validator.account, salt: Self.digests[2])),
          validator.account
        )
      }
      if validator.vote != nil { return (.settle(number), random.pick(parties)) }
      let said = random.chance(90) ? vote : ValidatorVote(contributes: !vote.contributes)
      return (.reveal(number, said, salt: Self.digests[2]), validator.account)
    }
  }
}
