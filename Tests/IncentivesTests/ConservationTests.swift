import Cryptography
import Incentives
import Testing

/// Whatever honest and hostile callers do, tokens are conserved, none are missing, and what is refused
/// changes nothing.
@Suite struct ConservationTests {
  /// A million calls in a release build.
  static let calls = Checks.isRelease ? 250_000 : 5000

  enum Checks {
    static let isRelease: Bool = {
      var isRelease = true
      assert(
        {
          isRelease = false
          return true
        }())
      return isRelease
    }()
  }

  static let parties = (0..<14).map { AccountAddress(contract: "party \($0)") }

  /// Options of all kinds, with short times.
  static func terms(_ kind: Int) -> EncounterTerms {
    var terms = EncounterTerms()
    terms.supply = kind == 0 ? .max : 1_000_000
    terms.exchangeRate = 500
    terms.acceptanceBlocks = 20
    terms.reportBlocks = 30
    terms.commitBlocks = 20
    terms.waitingBlocks = 40
    terms.rareDataBonus = kind == 0 ? 0 : 300
    terms.requiresCover = kind != 2
    terms.rewardDestination = kind == 1 ? .balance : .stake
    if kind == 2 { terms.validators = 5 }
    if kind == 3 {
      terms.diversity = EncounterTerms.DiversityRule(window: 60, limit: 3, discount: 400)
      terms.votesRequired = 2
    }
    return terms
  }

  static func start(_ terms: EncounterTerms) throws -> (EncounterContract, TokenAccounts) {
    let currency = Dictionary(uniqueKeysWithValues: parties.map { ($0, UInt64(5000)) })
    let start = try #require(EncounterContract.start(terms, currency: currency))
    return (start.contract, start.tokens)
  }

  /// What the events say that accounts have: no holding may get under 0, and none may differ.
  struct Shadow {
    var amounts: [TokenHolding: TokenAmount]

    /// - Returns: what is wrong.
    mutating func follow(_ events: [TokenEvent], _ tokens: TokenAccounts) -> String? {
      var touched: [TokenHolding] = []
      for event in events {
        let move: (TokenHolding, TokenHolding, TokenAmount)
        switch event {
        case .approval: continue
        case .transfer(let from, let to, let amount): move = (.balance(from), .balance(to), amount)
        case .moved(let from, let to, let amount): move = (from, to, amount)
        }
        let has = amounts[move.0] ?? 0
        if has < move.2 { return "\(move.0) has \(has), and \(move.2) left it" }
        amounts[move.0] = has - move.2
        amounts[move.1, default: 0] += move.2
        touched += [move.0, move.1]
      }
      for holding in touched where amounts[holding] != tokens.amount(in: holding) {
        return "\(holding) has \(tokens.amount(in: holding)), by its events "
          + "\(amounts[holding] ?? 0)"
      }
      return nil
    }
  }

  @Test(arguments: 0..<4) func tokensAreConserved(kind: Int) throws {
    var (contract, tokens) = try Self.start(Self.terms(kind))
    var caller = HostileCaller(seed: UInt64(kind), parties: Self.parties)
    var shadow = Shadow(amounts: [.balance(EncounterContract.treasury): tokens.supply])
    var open: [UInt64] = []
    var context = CallContext(height: 1, time: 0, entropy: SHA256.hash([]))
    var (performed, refused) = (0, 0)
    var cases: Set<UInt8> = []
    for number in 0..<Self.calls {
      if caller.random.chance(20) {
        context.height += caller.random.chance(5) ? 45 : 1
        context.entropy = SHA256.hash(context.entropy.bytes)
        _ = contract.begin(context, &tokens)
      }
      let (call, party) = caller.next(contract, tokens, open: open)
      let (before, tokensBefore) = (contract, tokens)
      do {
        let events = try contract.perform(call, by: party, in: context, &tokens)
        performed += 1
        for event in events {
          if case .opened(let number, _, _, _, _, _) = event { open.append(number) }
          if case .closed(let number, _) = event { open.removeAll { $0 == number } }
          if case .finalised(_, let votes, _) = event { cases.insert(votes.rawValue) }
        }
      } catch {
        refused += 1
        guard contract == before, tokens == tokensBefore else {
          Issue.record("refused, and yet something changed: \(call): \(error)")
          return
        }
      }
      if let problem = shadow.follow(tokens.takeEvents(), tokens) {
        Issue.record("call \(number), \(call): \(problem)")
        return
      }
      guard number % 1000 == 999 else { continue }
      let problem = Self.problem(contract, tokens, shadow)
      guard problem == nil else {
        Issue.record("after call \(number): \(problem ?? "")")
        return
      }
    }
    // All of it has happened.
    #expect(performed > Self.calls / 5 && refused > Self.calls / 5)
    #expect(cases == [1, 2, 3, 4, 5])
    for outcome in [
      EncounterOutcome.rejected, .expired, .mismatch, .oneReport, .noReport, .accepted, .refused,
    ] { #expect(contract.outcomes[outcome, default: 0] > 0, "\(outcome)") }
  }

  /// What must hold between calls, recomputed from all accounts.
  static func problem(
    _ contract: EncounterContract, _ tokens: TokenAccounts, _ shadow: Shadow
  ) -> String? {
    if tokens.total != tokens.supply { return "\(tokens.total) of \(tokens.supply) tokens" }
    let holdings = Dictionary(uniqueKeysWithValues: tokens.holdings.map { ($0.holding, $0.amount) })
    if holdings != shadow.amounts.filter({ $0.value > 0 }) { return "events and accounts differ" }
    let currency = contract.exchange.currency
    if currency.total != currency.supply { return "currency is missing" }
    var locked: [AccountAddress: TokenAmount] = [:]
    for encounter in contract.openEncounters {
      if tokens.escrow(encounter.number) != encounter.prepayment + encounter.bonus {
        return "the escrow of \(encounter.number) has \(tokens.escrow(encounter.number))"
      }
      locked[encounter.neighbour, default: 0] += encounter.locked
      for validator in encounter.validators {
        locked[validator.account, default: 0] += validator.locked
        if [encounter.learner, encounter.neighbour].contains(validator.account) {
          return "a side judges encounter \(encounter.number)"
        }
      }
    }
    if tokens.totals.escrows
      != contract.openEncounters.reduce(0, { $0 + $1.prepayment + $1.bonus })
    {
      return "an escrow is left over"
    }
    for party in parties {
      let stake = tokens.stake(of: party)
      if contract.locked(of: party) != locked[party] ?? 0 { return "locks of \(party)" }
      if contract.locked(of: party) > stake { return "more is locked than staked by \(party)" }
      if contract.isEligible(party) != (stake >= contract.terms.stakeThreshold) {
        return "eligibility of \(party)"
      }
    }
    return nil
  }

  /// Observers that answer every event with further claims: they wait, and gain nothing twice.
  @Test func observersCannotEnterACallAgain() throws {
    let (contract, tokens) = try Self.start(Self.terms(1))
    var host = ContractHost(contract, tokens)
    let thief = Self.parties[0]
    host.observe { event, _, tokens in
      switch event {
      case .closed(let number, _):
        return [
          .init(.settle(number), by: thief), .init(.settle(number), by: Self.parties[1]),
          .init(.withdraw(tokens.stake(of: thief)), by: thief), .init(.stake(150), by: thief),
        ]
      case .agreed(let number, _, _, _):
        return [
          .init(.withdraw(tokens.stake(of: thief)), by: thief), .init(.reject(number), by: thief),
        ]
      case .drawn(let number, _): return [.init(.settle(number), by: thief)]
      case .finalised(let number, _, _), .reported(let number, _, _):
        return [.init(.accept(number, claimsRareData: false), by: thief)]
      default: return []
      }
    }
    var caller = HostileCaller(seed: 99, parties: Self.parties)
    var open: [UInt64] = []
    var closed: Set<UInt64> = []
    var shadow = Shadow(amounts: [.balance(EncounterContract.treasury): tokens.supply])
    var context = CallContext(height: 1, time: 0, entropy: SHA256.hash([]))
    var answers = 0
    for _ in 0..<Self.calls / 2 {
      if caller.random.chance(20) {
        context.height += 1
        context.entropy = SHA256.hash(context.entropy.bytes)
      }
      var outcomes = host.begin(context).answers
      let (call, party) = caller.next(host.contract, host.tokens, open: open)
      outcomes += host.perform(call, by: party, in: context)
      answers += outcomes.count - 1
      for case .success(let events) in outcomes.map(\.result) {
        for event in events {
          if case .opened(let number, _, _, _, _, _) = event { open.append(number) }
          guard case .closed(let number, _) = event else { continue }
          guard closed.insert(number).inserted else {
            Issue.record("encounter \(number) was closed twice")
            return
          }
          open.removeAll { $0 == number }
        }
      }
      let problem = shadow.follow(host.takeTokenEvents(), host.tokens)
      guard problem == nil else {
        Issue.record("\(call): \(problem ?? "")")
        return
      }
    }
    #expect(Self.problem(host.contract, host.tokens, shadow) == nil)
    #expect(answers > 100 && closed.count > 20)
  }

  @Test func observersThatAnswerForEverAreCutOff() throws {
    let (contract, tokens) = try Self.start(Self.terms(1))
    var host = ContractHost(contract, tokens)
    let party = Self.parties[0]
    host.limit = 50
    host.observe { _, _, _ in [.init(.stake(1), by: party), .init(.withdraw(1), by: party)] }
    let context = CallContext(height: 1, time: 0, entropy: SHA256.hash([]))
    let outcomes = host.perform(.exchange(units: 1), by: party, in: context)
    #expect(outcomes.count == 51 && host.tokens.total == host.tokens.supply)
  }
}
