import Cryptography
import Incentives
import Testing

/// The steps of Yu et al. 2023, Sec. III, with all their outcomes.
@Suite struct EncounterContractTests {
  // MARK: Steps 0 to 2

  @Test func partiesExchangeAndStake() throws {
    var table = try EncounterTable()
    #expect(table.balance(0) == 1_000_000 && table.balance(1) == 999_800 && table.stake(1) == 200)
    #expect(!table.contract.isEligible(table.parties[0]))
    #expect(table.contract.isEligible(table.parties[1]) && table.contract.eligibleCount == 5)
    try table.perform(.withdraw(100), by: 1)
    #expect(table.contract.isEligible(table.parties[1]))
    try table.perform(.withdraw(1), by: 1)
    #expect(!table.contract.isEligible(table.parties[1]) && table.contract.eligibleCount == 4)
    table.refuses(.withdraw(100), by: 1, .stakeIsLocked(free: 99, needs: 100))
    try table.perform(.redeem(tokens: 5999), by: 1)
    #expect(table.balance(1) == 994_901)
    #expect(table.contract.exchange.currency.balance(of: table.parties[1]) == 1005)
    table.refuses(
      .exchange(units: 1006), by: 1,
      .tokens(.insufficient(.balance(table.parties[1]), has: 1005, needs: 1006)))
    table.refuses(.exchange(units: .max), by: 1, .tokens(.amountTooLarge))
  }

  @Test func tokensAreThoseOfERC20() throws {
    var table = try EncounterTable()
    let parties = table.parties
    try table.perform(.transfer(to: parties[2], amount: 100), by: 0)
    try table.perform(.approve(spender: parties[3], amount: 50), by: 0)
    try table.perform(.transferFrom(owner: parties[0], to: parties[3], amount: 20), by: 3)
    #expect(table.balance(0) == 999_880 && table.balance(2) == 999_900)
    #expect(table.balance(3) == 999_820)
    table.refuses(
      .transferFrom(owner: parties[0], to: parties[3], amount: 31), by: 3,
      .tokens(.allowanceTooSmall(has: 30, needs: 31)))
  }

  @Test func aLearnerPrepaysAndTheNeighbourAgreesOrNot() throws {
    var table = try EncounterTable()
    let first = try table.open()
    #expect(table.tokens.escrow(first) == 10 && table.balance(0) == 999_990)
    table.refuses(.accept(first, claimsRareData: false), by: 2, .notTheNeighbour(first))
    table.refuses(.accept(first, claimsRareData: true), by: 1, .noRareDataBonus)
    table.refuses(.reject(first), by: 0, .notTheNeighbour(first))
    try table.perform(.reject(first), by: 1)
    #expect(table.balance(0) == 1_000_000 && table.tokens.escrow(first) == 0)
    table.refuses(.reject(first), by: 1, .isClosed(first))

    let second = try table.open()
    #expect(second == 1)
    table.refuses(.settle(second), by: 3, .notDue(second, awaits: .offered(until: 1001)))
    table.advance(1001)
    table.refuses(.accept(second, claimsRareData: false), by: 1, .tooLate(second, until: 1001))
    let events = try table.perform(.settle(second), by: 3)
    #expect(events == [.closed(second, .expired)])
    #expect(table.balance(0) == 1_000_000)
    #expect(table.contract.history(of: table.parties[1]).asNeighbour.declined == 2)
    table.refuses(.settle(7), by: 3, .unknownEncounter(7))
  }

  @Test func whatCannotBeOpened() throws {
    var terms = EncounterTerms()
    terms.price = .global(20)
    var table = try EncounterTable(terms)
    let parties = table.parties
    func offer(_ neighbour: Int, _ prepayment: TokenAmount, bonus: Bool = false) -> EncounterCall {
      .open(
        EncounterOffer(
          neighbour: parties[neighbour], prepayment: prepayment, modelBefore: EncounterTable.before,
          offersRareDataBonus: bonus))
    }
    table.refuses(offer(1, 20), by: 1, .selfDealing)
    table.refuses(offer(1, 0), by: 0, .noPrepayment)
    table.refuses(offer(1, 19), by: 0, .wrongPrice(19, agreed: 20))
    table.refuses(offer(0, 20), by: 1, .stakeTooSmall(parties[0], has: 0, needs: 100))
    table.refuses(offer(1, 20, bonus: true), by: 0, .noRareDataBonus)
    try table.perform(.transfer(to: parties[5], amount: 999_990), by: 0)
    table.refuses(
      offer(1, 20), by: 0, .tokens(.insufficient(.balance(parties[0]), has: 10, needs: 20)))
    try table.perform(offer(1, 20), by: 2)
  }

  @Test func learnersMayNeedAStakeAsWell() throws {
    var terms = EncounterTerms()
    terms.learnersNeedStake = true
    var table = try EncounterTable(terms)
    let offer = EncounterCall.open(
      EncounterOffer(
        neighbour: table.parties[1], prepayment: 20, modelBefore: EncounterTable.before))
    table.refuses(offer, by: 0, .stakeTooSmall(table.parties[0], has: 0, needs: 100))
    try table.perform(.stake(100), by: 0)
    try table.perform(offer, by: 0)
  }

  @Test func whatAnEncounterMayCostIsLocked() throws {
    var table = try EncounterTable()
    let number = try table.open(prepayment: 150)
    try table.perform(.accept(number, claimsRareData: false), by: 1)
    #expect(table.contract.locked(of: table.parties[1]) == 150)
    table.refuses(.withdraw(51), by: 1, .stakeIsLocked(free: 50, needs: 51))
    let other = try table.open(learner: 2, prepayment: 51)
    table.refuses(
      .accept(other, claimsRareData: false), by: 1, .stakeIsLocked(free: 50, needs: 51))
    try table.perform(.stake(1), by: 1)
    try table.perform(.accept(other, claimsRareData: false), by: 1)
    #expect(table.contract.locked(of: table.parties[1]) == 201)
  }

  // MARK: Step 4

  @Test func reportsThatDifferEndInAPartPayment() throws {
    var table = try EncounterTable()
    let number = try table.open(prepayment: 105)
    try table.perform(.accept(number, claimsRareData: false), by: 1)
    table.refuses(.report(number, result: EncounterTable.after), by: 2, .notAParty(number))
    for place in [0, 1] {
      table.refuses(
        .report(number, result: EncounterTable.before), by: place, .unchangedModel(number))
    }
    try table.perform(.report(number, result: EncounterTable.after), by: 1)
    table.refuses(.report(number, result: EncounterTable.after), by: 1, .reportedAlready(number))
    let events = try table.perform(.report(number, result: EncounterTable.digest("x")), by: 0)
    #expect(events.last == .closed(number, .mismatch))
    // A tenth, rounded down, to the neighbour.
    #expect(table.wealth(1) == 1_000_010 && table.balance(0) == 999_990)
    #expect(table.contract.locked(of: table.parties[1]) == 0)
    #expect(table.contract.history(of: table.parties[1]).asNeighbour.incomplete == 1)
    #expect(table.contract.history(of: table.parties[0]).asLearner.incomplete == 1)
    table.refuses(.report(number, result: EncounterTable.after), by: 0, .isClosed(number))
  }

  /// A model that the blocks know as somebody else's: one before an encounter, or one that was
  /// contributed. Its owner may hand it over, and do so again.
  @Test func copiedModelsAreNoContribution() throws {
    var table = try EncounterTable()
    // The first party's model is known as its own from here on, and so is what the second contributes.
    let (first, _) = try table.upToVotes(learner: 0, neighbour: 1)
    let copying = try table.open(learner: 2, neighbour: 3)
    try table.perform(.accept(copying, claimsRareData: false), by: 3)
    for place in [2, 3] {
      table.refuses(
        .report(copying, result: EncounterTable.after), by: place, .copiedModel(copying))
    }
    try table.perform(.stake(200), by: 0)
    let other = table.contract.nextEncounter
    try table.perform(
      .open(
        EncounterOffer(
          neighbour: table.parties[0], prepayment: 10,
          modelBefore: EncounterTable.digest("the fourth's"))), by: 4)
    try table.perform(.accept(other, claimsRareData: false), by: 0)
    try table.perform(.report(other, result: EncounterTable.before), by: 0)
    let (again, _) = try table.upToVotes(learner: 4, neighbour: 1)
    #expect(first != again && table.contract.encounter(again)?.result == EncounterTable.after)
  }

  /// Whoever sees the first of two reports cannot claim its model before the second one comes.
  @Test(arguments: [0, 1]) func aReportedModelIsTheNeighbours(first: Int) throws {
    var table = try EncounterTable()
    let number = try table.open()
    try table.perform(.accept(number, claimsRareData: false), by: 1)
    try table.perform(.report(number, result: EncounterTable.after), by: first)
    let claim = try table.open(learner: 2, neighbour: 3, modelBefore: EncounterTable.after)
    try table.perform(.accept(claim, claimsRareData: false), by: 3)
    let copy = try table.open(learner: 4, neighbour: 5)
    try table.perform(.accept(copy, claimsRareData: false), by: 5)
    table.refuses(.report(copy, result: EncounterTable.after), by: 5, .copiedModel(copy))
    try table.perform(.report(number, result: EncounterTable.after), by: 1 - first)
    #expect(table.contract.encounter(number)?.result == EncounterTable.after)
  }

  /// An offer alone claims no model; an encounter that was agreed on does.
  @Test func aModelIsTheLearnersOnceTheNeighbourAgrees() throws {
    var table = try EncounterTable()
    let number = try table.open()
    try table.perform(.accept(number, claimsRareData: false), by: 1)
    let claim = try table.open(learner: 2, neighbour: 3, modelBefore: EncounterTable.after)
    var agreed = table
    for place in [0, 1] {
      try table.perform(.report(number, result: EncounterTable.after), by: place)
    }
    #expect(table.contract.encounter(number)?.result == EncounterTable.after)
    try agreed.perform(.accept(claim, claimsRareData: false), by: 3)
    for place in [0, 1] {
      agreed.refuses(
        .report(number, result: EncounterTable.after), by: place, .copiedModel(number))
    }
  }

  /// What was reported once is known, also where the other side reported something else.
  @Test func modelsOfReportsThatDifferAreKnown() throws {
    var table = try EncounterTable()
    let number = try table.open()
    try table.perform(.accept(number, claimsRareData: false), by: 1)
    try table.perform(.report(number, result: EncounterTable.digest("x")), by: 0)
    try table.perform(.report(number, result: EncounterTable.after), by: 1)
    #expect(table.contract.outcomes == [.mismatch: 1])
    let copy = try table.open(learner: 2, neighbour: 3)
    try table.perform(.accept(copy, claimsRareData: false), by: 3)
    table.refuses(.report(copy, result: EncounterTable.after), by: 3, .copiedModel(copy))
  }

  @Test(arguments: [0, 1, nil])
  func missingReportsEndAfterTheirTime(reporter: Int?) throws {
    var table = try EncounterTable()
    let number = try table.open(prepayment: 100)
    try table.perform(.accept(number, claimsRareData: false), by: 1)
    if let reporter {
      try table.perform(.report(number, result: EncounterTable.after), by: reporter)
    }
    table.advance(10_000)
    table.refuses(.settle(number), by: 4, .notDue(number, awaits: .learning(until: 10_001)))
    table.advance()
    table.refuses(
      .report(number, result: EncounterTable.after), by: 0, .tooLate(number, until: 10_001))
    let events = try table.perform(.settle(number), by: 4)
    #expect(events == [.closed(number, reporter == nil ? .noReport : .oneReport)])
    let part: TokenAmount = reporter == nil ? 0 : 10
    #expect(table.wealth(1) == 1_000_000 + part && table.balance(0) == 1_000_000 - part)
    #expect(table.tokens.escrow(number) == 0)
  }

  // MARK: Steps 5 to 8

  @Test func validatorsAreOthersAndDrawnByALaterBlock() throws {
    var table = try EncounterTable(parties: 12)
    let number = try table.open()
    try table.perform(.accept(number, claimsRareData: false), by: 1)
    try table.perform(.report(number, result: EncounterTable.after), by: 0)
    try table.perform(.report(number, result: EncounterTable.after), by: 1)
    #expect(table.advance(1).isEmpty)
    table.refuses(.settle(number), by: 0, .notDue(number, awaits: .drawing(at: 3)))
    var other = table
    let events = table.advance(1)
    let validators = try #require(table.contract.encounter(number)).validators.map(\.account)
    #expect(events == [.drawn(number, validators: validators)])
    #expect(Set(validators).count == 3)
    #expect(!validators.contains(table.parties[0]) && !validators.contains(table.parties[1]))
    for validator in validators {
      #expect(table.contract.locked(of: validator) == 5)
      #expect(
        table.contract.encounters(judging: EncounterTable.after, by: validator) == [number])
    }
    // The hash of the block between decides.
    var draws: Set<[AccountAddress]> = []
    other.height += 1
    for block in 0..<30 {
      var host = other.host
      let context = CallContext(
        height: other.height, time: 0, entropy: EncounterTable.digest("other \(block)"))
      host.begin(context)
      draws.insert(host.contract.encounter(number)?.validators.map(\.account) ?? [])
    }
    #expect(draws.count > 10)
  }

  /// Each eligible party is drawn as often as any other: within five standard deviations.
  @Test func drawingIsEven() throws {
    var table = try EncounterTable(parties: 12)
    try table.perform(.withdraw(150), by: 11)
    let number = try table.open()
    try table.perform(.accept(number, claimsRareData: false), by: 1)
    try table.perform(.report(number, result: EncounterTable.after), by: 0)
    try table.perform(.report(number, result: EncounterTable.after), by: 1)
    let context = CallContext(height: 3, time: 0, entropy: EncounterTable.before)
    var counts: [AccountAddress: Int] = [:]
    let trials = 3000
    for trial in 0..<trials {
      var contract = table.contract
      var tokens = table.tokens
      var context = context
      context.entropy = EncounterTable.digest("trial \(trial)")
      _ = contract.begin(context, &tokens)
      for validator in contract.encounter(number)?.validators ?? [] {
        counts[validator.account, default: 0] += 1
      }
    }
    #expect(counts.count == 9 && counts[table.parties[11]] == nil)
    let expected = Double(trials) / 3
    let deviation = (Double(trials) * (1.0 / 3) * (2.0 / 3)).squareRoot()
    for (_, count) in counts { #expect(abs(Double(count) - expected) < 5 * deviation) }
  }

  @Test func votesAreCommittedThenRevealed() throws {
    var table = try EncounterTable(parties: 12)
    let (number, validators) = try table.upToVotes()
    let yes = ValidatorVote(contributes: true)
    let outsider = try #require((2..<12).first { !validators.contains($0) })
    let (first, second, third) = (validators[0], validators[1], validators[2])
    func commitment(_ place: Int, _ result: Digest = EncounterTable.after) -> EncounterCall {
      .commit(
        number, result: result,
        commitment: yes.commitment(
          encounter: number, validator: table.parties[place], salt: EncounterTable.salt(place)))
    }
    table.refuses(commitment(outsider), by: outsider, .notDrawn(number))
    table.refuses(commitment(0), by: 0, .notDrawn(number))
    table.refuses(commitment(first, EncounterTable.digest("x")), by: first, .wrongResult(number))
    try table.commit(number, yes, by: first)
    table.refuses(commitment(first), by: first, .committedAlready(number))
    // A copied commitment cannot be opened by the one who copied it.
    try table.perform(commitment(first), by: second)
    let reveal = EncounterCall.reveal(number, yes, salt: EncounterTable.salt(first))
    table.refuses(reveal, by: first, .othersHaveToCommit(number, until: 25_003))
    table.refuses(reveal, by: third, .notCommitted(number))
    try table.commit(number, yes, by: third)
    table.refuses(reveal, by: second, .otherVote(number))
    table.refuses(
      .reveal(number, ValidatorVote(contributes: false), salt: EncounterTable.salt(first)),
      by: first, .otherVote(number))
    table.refuses(reveal, by: outsider, .notDrawn(number))
    try table.perform(reveal, by: first)
    table.refuses(reveal, by: first, .revealedAlready(number))
    try table.reveal(number, yes, by: third)
    // Two of V = 3 votes do not do.
    table.refuses(
      .settle(number), by: 0, .notDue(number, awaits: .voting(commitUntil: 25_003, until: 50_003)))
    table.advance(50_000)
    table.refuses(
      .settle(number), by: 0, .notDue(number, awaits: .voting(commitUntil: 25_003, until: 50_003)))
    table.advance(1)
    try table.perform(.settle(number), by: outsider)
    #expect(table.contract.history(of: table.parties[second]).asValidator.unrevealed == 1)
    // 3 for the validators; the silent one loses 3 / 3, and two share 4.
    #expect(table.wealth(1) == 1_000_007 && table.wealth(second) == 999_999)
    #expect(table.wealth(first) == 1_000_002 && table.wealth(third) == 1_000_002)
    #expect(table.balance(0) == 999_990)
  }

  @Test func lateVotesDoNotCount() throws {
    var table = try EncounterTable(parties: 6)
    let (number, validators) = try table.upToVotes()
    let yes = ValidatorVote(contributes: true)
    try table.commit(number, yes, by: validators[0])
    try table.commit(number, yes, by: validators[1])
    table.advance(25_001)
    let late = yes.commitment(
      encounter: number, validator: table.parties[validators[2]], salt: EncounterTable.salt(0))
    table.refuses(
      .commit(number, result: EncounterTable.after, commitment: late), by: validators[2],
      .tooLate(number, until: 25_003))
    try table.reveal(number, yes, by: validators[0])
    table.advance(25_000)
    table.refuses(
      .reveal(number, yes, salt: EncounterTable.salt(validators[1])), by: validators[1],
      .tooLate(number, until: 50_003))
    try table.perform(.settle(number), by: 5)
    // One yes, one silent, one absent: 3 / 2 = 1 is lost, and 4 are earned.
    #expect(table.wealth(validators[0]) == 1_000_004 && table.wealth(validators[1]) == 999_999)
    #expect(table.wealth(validators[2]) == 1_000_000)
    #expect(table.contract.history(of: table.parties[validators[2]]).asValidator.absent == 1)
  }

  /// Each case through the contract, with the numbers of ``EncounterAwardTests``.
  @Test(
    arguments: [
      // Votes, then what learner, neighbour, yes-voters and no-voters gain.
      ([], 1, -100, 100, 0, 0), ([true, true, true], 2, -100, 70, 10, 0),
      ([false, false, false], 3, 1, -100, 0, 33), ([true, true, false], 4, -100, 70, 20, -10),
      ([true, false, false], 5, 1, -100, -33, 66),
    ] as [([Bool], UInt8, Int, Int, Int, Int)])
  func casesOfTheFinalisation(
    votes: [Bool], expected: UInt8, learner: Int, neighbour: Int, yes: Int, no: Int
  ) throws {
    var table = try EncounterTable()
    let before = (0..<6).map { table.wealth($0) }
    func gain(_ place: Int) -> Int { Int(table.wealth(place)) - Int(before[place]) }
    let (number, validators) = try table.upToVotes(prepayment: 100)
    try table.vote(number, Array(zip(validators, votes)))
    if votes.isEmpty { table.advance(50_000) }
    let events = try table.perform(.settle(number), by: 5)
    guard case .finalised(_, let votesCase, _)? = events.first else {
      Issue.record("no finalisation")
      return
    }
    #expect(votesCase.rawValue == expected)
    #expect(events.last == .closed(number, expected == 3 || expected == 5 ? .refused : .accepted))
    #expect(gain(0) == learner && gain(1) == neighbour)
    for (validator, vote) in zip(validators, votes) {
      #expect(gain(validator) == (vote ? yes : no))
    }
    #expect(table.tokens.escrow(number) == 0)
    for party in table.parties { #expect(table.contract.locked(of: party) == 0) }
    table.refuses(.settle(number), by: 5, .isClosed(number))
  }

  @Test func stakesUnderTheThresholdExclude() throws {
    var table = try EncounterTable()
    for round in 0..<2 {
      let (number, validators) = try table.upToVotes(prepayment: 60)
      try table.vote(number, validators.map { ($0, false) })
      try table.perform(.settle(number), by: 5)
      #expect(table.stake(1) == 200 - 60 * UInt64(round + 1))
    }
    #expect(!table.contract.isEligible(table.parties[1]))
    let history = table.contract.history(of: table.parties[1]).asNeighbour
    #expect(history.refused == 2 && history.complete == 2 && history.accepted == 0)
    table.refuses(
      .open(
        EncounterOffer(
          neighbour: table.parties[1], prepayment: 10, modelBefore: EncounterTable.before)), by: 0,
      .stakeTooSmall(table.parties[1], has: 80, needs: 100))
  }

  /// Without cover, what is free of a stake is all that can be lost.
  @Test func penaltiesTakeWhatIsThere() throws {
    var terms = EncounterTerms()
    terms.requiresCover = false
    var table = try EncounterTable(terms)
    let (number, validators) = try table.upToVotes(prepayment: 1000)
    #expect(table.contract.locked(of: table.parties[1]) == 200)
    let votes = zip(validators, [true, false, false]).map { ($0, $1) }
    try table.vote(number, votes)
    try table.perform(.settle(number), by: 5)
    // 200 of 1000 and 200 of 333 for two; the prepayment is back.
    #expect(table.stake(1) == 0 && table.stake(validators[0]) == 0)
    #expect(table.stake(validators[1]) == 400 && table.stake(validators[2]) == 400)
    #expect(table.balance(0) == 1_000_000)
  }

  @Test func fewerValidatorsThanWanted() throws {
    var table = try EncounterTable(parties: 3)
    let (number, validators) = try table.upToVotes()
    #expect(validators == [2])
    try table.vote(number, [(2, true)])
    table.refuses(
      .settle(number), by: 0, .notDue(number, awaits: .voting(commitUntil: 25_003, until: 50_003)))
    table.advance(50_001)
    try table.perform(.settle(number), by: 0)
    #expect(table.wealth(2) == 1_000_003)
  }

  @Test func symmetricEncountersAreTwo() throws {
    var table = try EncounterTable()
    try table.perform(.stake(200), by: 0)
    let (first, one) = try table.upToVotes(learner: 0, neighbour: 1)
    let (second, other) = try table.upToVotes(learner: 1, neighbour: 0)
    try table.vote(first, one.map { ($0, true) })
    try table.vote(second, other.map { ($0, true) })
    try table.perform(.settle(first), by: 0)
    try table.perform(.settle(second), by: 0)
    #expect(table.wealth(0) == 999_997 && table.wealth(1) == 999_997)
    #expect(table.contract.outcomes == [.accepted: 2])
  }

  // MARK: Options

  @Test func repeatedPairsAreLimitedAndDiscounted() throws {
    var terms = EncounterTerms()
    terms.diversity = EncounterTerms.DiversityRule(window: 100, limit: 2, discount: 500)
    var table = try EncounterTable(terms)
    let open = EncounterCall.open(
      EncounterOffer(
        neighbour: table.parties[1], prepayment: 100, modelBefore: EncounterTable.before))
    for expected in [70, 35] as [UInt64] {
      let before = (table.wealth(1), table.wealth(0))
      let (number, validators) = try table.upToVotes(prepayment: 100)
      try table.vote(number, validators.map { ($0, true) })
      try table.perform(.settle(number), by: 5)
      #expect(table.wealth(1) - before.0 == expected && before.1 - table.wealth(0) == expected + 30)
    }
    table.refuses(open, by: 0, .tooManyEncounters(limit: 2, blocks: 100))
    // Another pair, and the other direction, are others.
    try table.perform(open, by: 2)
    // The first of the two was accepted in block 1.
    table.height = 100
    table.refuses(open, by: 0, .tooManyEncounters(limit: 2, blocks: 100))
    table.height = 101
    try table.perform(open, by: 0)
  }

  @Test(arguments: [true, false]) func rareDataAreVotedOn(isRare: Bool) throws {
    var terms = EncounterTerms()
    terms.rareDataBonus = 250
    var table = try EncounterTable(terms)
    let (number, validators) = try table.upToVotes(prepayment: 100, bonus: true)
    #expect(table.tokens.escrow(number) == 125)
    try table.vote(number, validators.map { ($0, true) }, rare: isRare)
    try table.perform(.settle(number), by: 5)
    #expect(table.wealth(1) == 1_000_070 + (isRare ? 25 : 0))
    #expect(table.balance(0) == 1_000_000 - (isRare ? 125 : 100))
  }

  @Test func termsWithoutSenseAreTold() {
    #expect(EncounterTerms().problem == nil)
    var terms = EncounterTerms()
    terms.votesRequired = 4
    #expect(terms.problem == "votesRequired is 4, and has to be 1 to 3")
    terms = EncounterTerms()
    terms.neighbourShare = 1001
    #expect(terms.problem == "neighbourShare is 1001, and has to be 0 to 1000")
    terms = EncounterTerms()
    terms.validators = -1
    #expect(terms.problem == "validators is 0, and has to be 1 to 1000")
    for blocks in [0, 1] as [UInt64] {
      terms = EncounterTerms()
      terms.waitingBlocks = blocks
      #expect(
        terms.problem == "waitingBlocks is \(blocks), and has to be 2 to 1099511627776")
    }
    terms = EncounterTerms()
    terms.waitingBlocks = 2
    #expect(terms.problem == "commitBlocks is 25000, and has to be 1 to 1")
    terms.commitBlocks = 1
    #expect(terms.problem == nil)
  }

  /// A neighbour that does nothing and is judged honestly never gains: each encounter costs it r, in
  /// 10,000 encounters of a release build as in one.
  @Test func lazinessDoesNotPay() throws {
    var table = try EncounterTable(parties: 6, stake: 200_000)
    let before = table.wealth(1)
    let encounters = ConservationTests.Checks.isRelease ? 10_000 : 500
    for _ in 0..<encounters {
      let (number, validators) = try table.upToVotes()
      try table.vote(number, validators.map { ($0, false) })
      try table.perform(.settle(number), by: 5)
    }
    #expect(Int(table.wealth(1)) - Int(before) == -10 * encounters)
  }
}
