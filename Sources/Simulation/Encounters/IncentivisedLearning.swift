import Cryptography
import Datasets
import Incentives
import OpportunisticLearning

/// The adaptor of iDML (Yu et al. 2023, Fig. 1): it leads the encounters of a learning algorithm through
/// the steps of the contract, and lets a learner take over only what the contract calls accepted.
///
/// All encounters of a stage go through a step in the same block, so that a stage takes
/// ``blocksPerStage`` blocks, whatever the number of its encounters. Times in the contract's terms are
/// counted in these blocks.
///
/// The digest that learner and neighbour report (Step 4) is that of what the neighbour hands over. OppCL
/// has its validators judge that model itself. In gossip learning they judge what it is merged to, which
/// follows from that digest and the one of the model before. After the learner's own training
/// (`GossipLearning.JudgedModel.trained`) no digest binds what they see: they trust the learner to show
/// them what came of it.
public struct IncentivisedLearning<
  Algorithm: OpportunisticAlgorithm, Executor: ContractExecutor
> where Executor.Subject == EncounterContract {
  /// Offers, answers, reports, a block whose hash draws, the drawing, commitments, votes, settlements.
  public static var blocksPerStage: Int { 8 }

  public private(set) var run: OpportunisticRun<Algorithm>
  public private(set) var executor: Executor
  /// By which validators judge.
  public let validation: ValidationRule
  /// What learners prepay.
  public let prepayment: TokenAmount
  /// How each participant votes.
  public let validators: [ValidatorBehaviour]
  public private(set) var record = VotingRecord()
  /// What is to be settled when its time is over.
  private var overdue: [Overdue] = []
  private let seed: UInt64
  private let learnersTakeOver: Bool

  /// - Parameters:
  ///   - executor: whose accounts are the participants', in the order of their numbers.
  ///   - validators: one behaviour a participant.
  ///   - seed: of the salts of votes.
  ///   - learnersTakeOver: whether they take over what is accepted. Otherwise tokens move, and no
  ///     model changes.
  public init(
    _ run: OpportunisticRun<Algorithm>, executor: Executor, validation: ValidationRule,
    prepayment: TokenAmount, validators: [ValidatorBehaviour], seed: UInt64,
    learnersTakeOver: Bool = true
  ) {
    let count = run.participants.count
    precondition(
      executor.accounts.count == count && validators.count == count,
      "\(executor.accounts.count) accounts and \(validators.count) validators for \(count) participants"
    )
    self.run = run
    self.executor = executor
    self.validation = validation
    self.prepayment = prepayment
    self.validators = validators
    self.seed = seed
    self.learnersTakeOver = learnersTakeOver
  }

  /// Step 0: everybody exchanges currency for tokens and stakes the terms' initial amount.
  public mutating func join() throws {
    let terms = executor.contract.terms
    let units = (terms.exchangedTokens + terms.exchangeRate - 1) / terms.exchangeRate
    _ = try executor.execute(everybody { _ in .exchange(units: units) })
    _ = try executor.execute(everybody { _ in .stake(terms.initialStake) })
  }

  /// What a learner prepays on top for rare data.
  private var bonus: TokenAmount { executor.contract.terms.rareDataBonus(of: prepayment) }
  private var paysForRareData: Bool { executor.contract.terms.rareDataBonus > 0 }

  private func everybody(_ call: (Int) -> EncounterCall) -> [PartyCall<EncounterCall>] {
    executor.accounts.indices.map { PartyCall($0, call($0)) }
  }

  /// The stakes of all participants, in tokens.
  public var stakes: [TokenAmount] { executor.accounts.map { executor.tokens.stake(of: $0) } }

  /// An encounter on its way through the contract.
  private struct Passage {
    let number: UInt64
    let proposal: OpportunisticRun<Algorithm>.Proposal
    let digest: Digest
    var validators: [(party: Int, vote: ValidatorVote, salt: Digest)] = []
    var isAccepted = false
    var isOver = false
  }

  /// What its stage left open: an encounter without a verdict, or an offer that was not accepted.
  private struct Overdue {
    let number: UInt64
    let encounter: OpportunisticLearning.Encounter
    /// Of votes that are committed: they can follow when the time for commitments is over.
    var reveals: [PartyCall<EncounterCall>] = []
  }

  /// The next stage: all of its encounters, from the prepayment to the award.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  public mutating func advance() throws -> Bool {
    guard let stage = run.nextStage else { return false }
    let numbers = try agree(on: stage)
    var passages = run.propose(where: { numbers[$0.number] != nil }).compactMap { proposal in
      numbers[proposal.encounter.number].map {
        Passage(
          number: $0, proposal: proposal, digest: Self.digest(of: proposal.contribution.model))
      }
    }
    try report(passages)
    try draw(&passages)
    judge(&passages)
    try vote(passages)
    try settle(&passages)
    for passage in passages { note(passage) }
    run.settle(passages.map { ($0.proposal, $0.isAccepted && learnersTakeOver) })
    return true
  }

  /// All stages of the next round.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  public mutating func advanceRound() throws -> Bool {
    guard let round = run.nextStage?.round else { return false }
    while run.nextStage?.round == round { try advance() }
    return true
  }

  /// SHA-256 of a model's parameters, as little-endian floats.
  public static func digest(of model: ModelSnapshot) -> Digest {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * model.parameters.count)
    for parameter in model.parameters {
      let bits = parameter.bitPattern
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
      }
    }
    return SHA256.hash(bytes)
  }

  // MARK: The steps

  /// Steps 1 and 2: learners prepay, and neighbours agree.
  ///
  /// - Returns: the contract's number of each encounter that takes place.
  private mutating func agree(on stage: EncounterStage) throws -> [Int: UInt64] {
    let accounts = executor.accounts
    // Whoever cannot be a neighbour any more is not asked, and whoever may not or cannot pay does not
    // ask.
    let anybodyLearns = !executor.contract.terms.learnersNeedStake
    let wanted = stage.encounters.filter {
      executor.contract.isEligible(accounts[$0.neighbour])
        && (anybodyLearns || executor.contract.isEligible(accounts[$0.learner]))
        && executor.tokens.balance(of: accounts[$0.learner]) >= prepayment + bonus
    }
    let opened = try executor.execute(
      wanted.map { encounter in
        PartyCall(
          encounter.learner,
          .open(
            EncounterOffer(
              neighbour: accounts[encounter.neighbour], prepayment: prepayment,
              modelBefore: Self.digest(of: run.participants[encounter.learner].model),
              offersRareDataBonus: paysForRareData)))
      })
    var offers: [(encounter: OpportunisticLearning.Encounter, number: UInt64)] = []
    for (encounter, events) in zip(wanted, opened.results) {
      for case .opened(let number, _, _, _, _, _) in events ?? [] {
        offers.append((encounter, number))
      }
    }
    let answers = try executor.execute(
      // A claim costs nothing, and validators decide on it.
      offers.map {
        PartyCall(
          $0.encounter.neighbour, .accept($0.number, claimsRareData: paysForRareData))
      })
    var numbers: [Int: UInt64] = [:]
    for (offer, events) in zip(offers, answers.results) {
      if events != nil {
        numbers[offer.encounter.number] = offer.number
      } else {
        // The prepayment comes back when the offer expires.
        overdue.append(Overdue(number: offer.number, encounter: offer.encounter))
      }
    }
    return numbers
  }

  /// Step 4: both tell the digest of what was handed over.
  private mutating func report(_ passages: [Passage]) throws {
    _ = try executor.execute(
      passages.flatMap { passage in
        [passage.proposal.encounter.neighbour, passage.proposal.encounter.learner].map {
          PartyCall($0, .report(passage.number, result: passage.digest))
        }
      })
  }

  /// Step 5: the contract draws validators by the hash of a block that comes behind the reports.
  private mutating func draw(_ passages: inout [Passage]) throws {
    _ = try executor.execute([])
    let block = try executor.execute([])
    var drawn: [UInt64: [AccountAddress]] = [:]
    for case .drawn(let number, let validators) in block.begun { drawn[number] = validators }
    let parties = Dictionary(
      uniqueKeysWithValues: executor.accounts.enumerated().map { ($0.element, $0.offset) })
    for place in passages.indices {
      for account in drawn[passages[place].number] ?? [] {
        guard let party = parties[account] else { continue }
        passages[place].validators.append(
          (party, ValidatorVote(contributes: false), salt(passages[place].number, party)))
      }
    }
  }

  /// A validator's own, and another one in each encounter. Salts of a simulation hide nothing: they come
  /// from the seed, so that the chain does, too.
  private func salt(_ number: UInt64, _ party: Int) -> Digest {
    SHA256.hash(Array("collabdict simulated salt \(seed) \(number) \(party)".utf8))
  }

  /// Step 6: validators compare the new model with the one before, on their own images.
  private func judge(_ passages: inout [Passage]) {
    var jobs: [(passage: Int, validator: Int)] = []
    for (place, passage) in passages.enumerated() {
      let isHonest = run.participants[passage.proposal.encounter.neighbour].behaviour.isHonest
      for (seat, validator) in passage.validators.enumerated() {
        if let vote = validators[validator.party].fixedVote(neighbourIsHonest: isHonest) {
          passages[place].validators[seat].vote.contributes = vote
        } else {
          jobs.append((place, seat))
        }
      }
    }
    let (known, participants, rule) = (passages, run.participants, validation)
    let rare = paysForRareData ? RareDataRule() : nil
    let verdicts = run.runners.map(jobs.count) { [jobs] number, runner in
      let passage = known[jobs[number].passage]
      let own = participants[passage.validators[jobs[number].validator].party].judging
      let (old, new) = (passage.proposal.previous, passage.proposal.candidate.validated)
      return ValidatorVote(
        contributes: rule.isValid(
          old: runner.quality(rule.metric, of: old, on: own),
          new: runner.quality(rule.metric, of: new, on: own)),
        findsRareData: rare?.isRare(
          old: runner.recalls(of: old, on: own), new: runner.recalls(of: new, on: own)) ?? false)
    }
    for (job, verdict) in zip(jobs, verdicts) {
      passages[job.passage].validators[job.validator].vote = verdict
    }
  }

  /// Step 6: commitments first, votes after, with those that had to wait for a silent validator.
  private mutating func vote(_ passages: [Passage]) throws {
    var commitments: [PartyCall<EncounterCall>] = []
    for passage in passages {
      for (party, vote, salt) in passage.validators where validators[party] != .absent {
        let commitment = vote.commitment(
          encounter: passage.number, validator: executor.accounts[party], salt: salt)
        commitments.append(
          PartyCall(
            party, .commit(passage.number, result: passage.digest, commitment: commitment)))
      }
    }
    _ = try executor.execute(commitments)
    var votes = passages.flatMap { reveals(of: $0) }
    for place in overdue.indices where commitmentsAreOver(overdue[place].number) {
      votes += overdue[place].reveals
      overdue[place].reveals = []
    }
    _ = try executor.execute(votes)
  }

  private func reveals(of passage: Passage) -> [PartyCall<EncounterCall>] {
    passage.validators.filter { validators[$0.party] != .absent }.map {
      PartyCall($0.party, .reveal(passage.number, $0.vote, salt: $0.salt))
    }
  }

  /// Whether votes can be revealed in the next block, whoever has not committed.
  private func commitmentsAreOver(_ number: UInt64) -> Bool {
    guard case .voting(let commitUntil, _)? = executor.contract.encounter(number)?.phase else {
      return false
    }
    return executor.height >= commitUntil
  }

  /// Steps 7 and 8: the learner asks for the result, also of what was left open before.
  private mutating func settle(_ passages: inout [Passage]) throws {
    let due = overdue.filter { isDue($0.number) }
    let block = try executor.execute(
      passages.map { PartyCall($0.proposal.encounter.learner, .settle($0.number)) }
        + due.map { PartyCall(0, .settle($0.number)) })
    for (place, events) in zip(passages.indices, block.results) {
      for event in events ?? [] {
        switch event {
        case .finalised(_, _, let tally): count(tally, of: passages[place].proposal.encounter)
        case .closed(_, let outcome):
          passages[place].isOver = true
          passages[place].isAccepted = outcome == .accepted
        default: break
        }
      }
    }
    for (late, events) in zip(due, block.results.dropFirst(passages.count)) {
      for event in events ?? [] { note(event, of: late.encounter) }
    }
    overdue.removeAll { executor.contract.encounter($0.number) == nil }
    for passage in passages where !passage.isOver {
      let drawn = executor.contract.encounter(passage.number)?.validators ?? []
      let unrevealed = Set(drawn.filter { $0.vote == nil }.map(\.account))
      overdue.append(
        Overdue(
          number: passage.number, encounter: passage.proposal.encounter,
          reveals: reveals(of: passage).filter {
            unrevealed.contains(executor.accounts[$0.party])
          }))
    }
  }

  private func isDue(_ number: UInt64) -> Bool {
    switch executor.contract.encounter(number)?.phase {
    case .offered(let until), .learning(let until), .voting(_, let until):
      executor.height >= until
    case .drawing, nil: false
    }
  }

  /// What became of an encounter after its stage, in which it was noted without a verdict.
  private mutating func note(
    _ event: EncounterEvent, of encounter: OpportunisticLearning.Encounter
  ) {
    switch event {
    case .finalised(_, _, let tally): count(tally, of: encounter)
    case .closed(_, .accepted):
      count(encounter) { count in
        count.unjudged -= 1
        count.accepted += 1
      }
    case .closed(_, .refused):
      count(encounter) { count in
        count.unjudged -= 1
        count.refused += 1
      }
    default: break
    }
  }

  private mutating func note(_ passage: Passage) {
    let known = validators
    count(passage.proposal.encounter) { count in
      if !passage.isOver {
        count.unjudged += 1
      } else if passage.isAccepted {
        count.accepted += 1
      } else {
        count.refused += 1
      }
      for validator in passage.validators where known[validator.party] == .honest {
        if validator.vote.contributes { count.yes += 1 } else { count.no += 1 }
      }
    }
  }

  /// The tokens that a verdict moved.
  private mutating func count(
    _ tally: EncounterTally, of encounter: OpportunisticLearning.Encounter
  ) {
    count(encounter) { count in
      count.earned += tally.neighbourReward
      count.lost += tally.neighbourPenalty
    }
  }

  private mutating func count(
    _ encounter: OpportunisticLearning.Encounter, _ change: (inout VotingRecord.Count) -> Void
  ) {
    if !run.participants[encounter.learner].behaviour.isHonest {
      change(&record.toAttackers)
    } else if run.participants[encounter.neighbour].behaviour.isHonest {
      change(&record.honest)
    } else {
      change(&record.attackers)
    }
  }
}
