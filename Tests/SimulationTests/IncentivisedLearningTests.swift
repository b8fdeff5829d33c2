import Cryptography
import Datasets
import Incentives
import Ledger
import OpportunisticLearning
import Settings
import Simulation
import Synchronization
import Testing

/// Learning from encounters under the contract.
@Suite struct IncentivisedLearningTests {
  /// Images of two classes that a small network tells apart at once: which half is bright.
  static func images(_ count: Int) -> LabelledImages {
    let pixels = (0..<count).flatMap { image in
      (0..<64).map { place in
        // Each image has a pattern of its own as well.
        let isBright = (place < 32) == (image % 2 == 0)
        return UInt8(clamping: (isBright ? 200 : 20) + (image * 7 + place * 13) % 50)
      }
    }
    return LabelledImages(
      channels: 1, height: 8, width: 8, classes: 2, pixels: pixels,
      labels: (0..<count).map { UInt8($0 % 2) })
  }

  static func simulation(
    _ change: (inout EncounterConfiguration) -> Void = { _ in }
  ) throws -> EncounterSimulation {
    var configuration = EncounterConfiguration()
    configuration.participants = 10
    configuration.imagesEach = 24
    configuration.validationShare = 0.5
    configuration.epochs = 3
    configuration.prepayment = 40
    configuration.neighbourShare = 0.7
    configuration.rounds = 4
    configuration.batchSize = 6
    configuration.epochsAlone = 20
    configuration.learningRate = 0.02
    configuration.testImages = 0
    change(&configuration)
    return try EncounterSimulation(
      configuration, train: images(240), test: images(60), threads: 2)
  }

  /// A run on a contract that can be looked into afterwards.
  static func run(
    _ change: (inout EncounterConfiguration) -> Void
  ) throws -> (outcome: EncounterSimulation.Outcome, executor: UnsignedExecutor<EncounterContract>)
  {
    let simulation = try simulation(change)
    var executor = try simulation.unsignedExecutor()
    return (try simulation.run(on: &executor), executor)
  }

  /// Honest participants learn, are paid, and lose nothing.
  @Test func honestHelpIsPaid() throws {
    let outcome = try Self.simulation().run()
    #expect(outcome.accuracy > 0.95)
    let record = outcome.record.honest
    #expect(record.judged >= 36 && record.accepted >= 34)
    // Every prepayment of an accepted contribution goes to somebody's stake, and of a refused one back:
    // what neighbours then lose other stakes have.
    let last = try #require(outcome.curve.last)
    let sum: TokenAmount = last.stakes.reduce(0, +)
    #expect(sum == TokenAmount(2000 + 40 * record.accepted))
  }

  /// Attackers whose contributions are refused fall below the threshold, and are met no more.
  @Test(arguments: [
    EncounterConfiguration.Attack.labelFlipping, .randomWeights,
  ])
  func attackersLoseTheirStakes(attack: EncounterConfiguration.Attack) throws {
    let simulation = try Self.simulation {
      $0.attackers = 2
      $0.attack = attack
      $0.rounds = 8
      $0.epochs = 16
    }
    let outcome = try simulation.run()
    #expect(outcome.attackers.count == 2)
    let last = try #require(outcome.curve.last)
    for (number, stake) in last.stakes.enumerated() {
      #expect((stake < 100) == outcome.attackers.contains(number), "\(number): \(stake)")
    }
    let record = outcome.record.attackers
    // Three refusals each, by whomever: a learner that attacks may accept anything.
    let refused = record.refused + outcome.record.toAttackers.refused
    #expect(refused >= 6 && 4 * record.accepted <= refused)
    #expect(record.judged < 16, "whoever is below the threshold is not asked any more")
    #expect(record.meanGain ?? 0 < 0)
    #expect(outcome.accuracy > 0.95)
  }

  /// What is unchanged cannot even be reported; the prepayment comes back when the time is over.
  @Test func anUnchangedModelIsNoContribution() throws {
    let (outcome, executor) = try Self.run {
      $0.attackers = 10
      $0.attack = .unchangedWeights
      $0.rounds = 6
    }
    #expect(outcome.record.toAttackers.judged == 0 && outcome.record.toAttackers.unjudged == 60)
    #expect(executor.contract.outcomes[.noReport] ?? 0 >= 30, "settled when their time was over")
    #expect(outcome.curve.last?.stakes == [TokenAmount](repeating: 200, count: 10))
    #expect(executor.tokens.total == executor.tokens.supply)
  }

  /// Three validators of whom all collude take anything: what the contract does not stop.
  @Test func colludingValidatorsWin() throws {
    let simulation = try Self.simulation {
      $0.attackers = 9
      $0.attack = .randomWeights
      $0.attackerVotes = .colluding
      $0.rounds = 2
    }
    let outcome = try simulation.run()
    #expect(outcome.record.attackers.accepted > 0 && outcome.record.attackers.refused == 0)
    #expect(outcome.record.honest.accepted == 0)
  }

  /// A neighbour of whose stake too much is locked does not agree; the prepayment comes back when
  /// the offer expires.
  @Test func anOfferWithoutAnAnswerComesBack() throws {
    let (outcome, executor) = try Self.run {
      $0.attackers = 10
      $0.attack = .unchangedWeights
      $0.prepayment = 70
    }
    // Stakes of 200 cover two encounters; they wait for reports for two rounds. Of four rounds the
    // third finds no cover.
    #expect(executor.contract.outcomes == [.noReport: 20, .expired: 10])
    #expect(outcome.record.toAttackers.unjudged == 30)
    #expect(executor.tokens.totals.escrows == 700, "of the last round, which awaits its reports")
  }

  /// Where nobody votes the time passes, and the contribution counts as a good one: case 1.
  @Test func silenceIsConsent() throws {
    let (outcome, executor) = try Self.run {
      $0.attackers = 10
      $0.attack = .randomWeights
      $0.attackerVotes = .absent
      $0.rounds = 8
    }
    let accepted = executor.contract.outcomes[.accepted] ?? 0
    let count = outcome.record.toAttackers
    #expect(accepted > 0 && count.accepted == Int(accepted), "late, and counted all the same")
    #expect(count.earned == 40 * accepted && count.lost == 0, "a neighbour has it all")
    #expect(executor.tokens.total == executor.tokens.supply)
  }

  /// Validators that are silent keep the others waiting. These vote when the time for commitments
  /// is over, and what follows from it counts.
  @Test func lateVerdictsAreCounted() throws {
    let (outcome, executor) = try Self.run {
      $0.attackers = 3
      $0.attack = .randomWeights
      $0.attackerVotes = .absent
      $0.rounds = 10
    }
    let counts = [outcome.record.honest, outcome.record.attackers, outcome.record.toAttackers]
    let (contract, accounts) = (executor.contract, executor.accounts)
    #expect(counts.map(\.accepted).reduce(0, +) == Int(contract.outcomes[.accepted] ?? 0))
    #expect(counts.map(\.refused).reduce(0, +) == Int(contract.outcomes[.refused] ?? 0))
    let histories = accounts.map { contract.history(of: $0).asValidator }
    let absent = histories.map(\.absent).reduce(0, +)
    #expect(absent > 0 && histories.allSatisfy { $0.unrevealed == 0 })
  }

  /// On a chain of signed calls: the same seed gives the same blocks, and anybody who executes them
  /// comes to the same state.
  @Test func theChainTellsTheSame() throws {
    func run() throws -> (blocks: [MinedBlock], outcome: EncounterSimulation.Outcome) {
      let simulation = try Self.simulation {
        $0.attackers = 1
        $0.rounds = 2
      }
      var blocks: [MinedBlock] = []
      var executor = try simulation.executor { blocks.append($0) }
      let outcome = try simulation.run(on: &executor)
      return (blocks, outcome)
    }
    let (blocks, outcome) = try run()
    let again = try run()
    #expect(blocks.map(\.hash) == again.blocks.map(\.hash))
    // Two to join, and two rounds of one stage.
    let stage = IncentivisedLearning<
      CollaborativeOpportunisticLearning, SignedExecutor<EncounterContract>
    >.blocksPerStage
    #expect(blocks.count == 1 + 2 + 2 * stage)
    var verifier = try ChainVerifier(
      ContractApplication<EncounterContract>(), genesis: try #require(blocks.first))
    for block in blocks.dropFirst() { try verifier.append(block) }
    let state = verifier.state.application
    #expect(state.tokens.total == state.tokens.supply)
    let record = outcome.record
    let accepted =
      record.honest.accepted + record.attackers.accepted + record.toAttackers.accepted
    #expect(state.contract.outcomes[.accepted] ?? 0 == UInt64(accepted))
  }

  /// Gossip learning is paid in the same manner, both algorithms the same with any number of threads.
  @Test(arguments: EncounterConfiguration.Algorithm.allCases)
  func threadsChangeNothing(algorithm: EncounterConfiguration.Algorithm) throws {
    var simulation = try Self.simulation {
      $0.algorithm = algorithm
      $0.attackers = 1
      $0.rounds = 2
    }
    let two = try simulation.run()
    simulation.threads = 1
    let one = try simulation.run()
    #expect(one.curve == two.curve && one.record == two.record)
    #expect(two.record.honest.judged > 0)
  }

  /// Whoever has never seen a class pays more to a neighbour that has.
  @Test func rareDataEarnABonus() throws {
    let record = try Self.simulation {
      $0.epochsAlone = 0
      $0.epochs = 16
      $0.rounds = 1
      $0.rareDataBonus = 0.5
    }.run().record.honest
    // 28 of 40 tokens for a contribution, and 20 more for a rare one.
    let more = Int(record.earned) - 28 * record.accepted
    #expect(record.accepted >= 8 && more >= 20 * record.accepted / 2)
    #expect(more <= 22 * record.accepted, "a validator's rest goes to the neighbour, too")
  }

  /// A pair that may meet once within a window finds other partners, or nobody.
  @Test func pairsAreLimited() throws {
    func judged(_ limit: Int) throws -> Int {
      try Self.simulation {
        $0.participants = 6
        $0.rounds = 12
        $0.pairLimit = limit
        $0.pairWindow = 1000
      }.run().record.honest.judged
    }
    #expect(try judged(1) <= 30, "six participants are thirty ordered pairs")
    #expect(try judged(0) == 72)
  }

  /// Lazy neighbours never earn by handing over what is nobody's work.
  @Test(arguments: [
    EncounterConfiguration.Attack.randomWeights, .unchangedWeights, .copiedWeights,
  ])
  func lazinessDoesNotPay(attack: EncounterConfiguration.Attack) throws {
    let count = try Self.simulation {
      $0.attackers = 5
      $0.attack = attack
      $0.attackerVotes = .honest
      $0.terms.initialStake = 10_000
    }.serve(encounters: 98).attackers
    #expect(count.judged + count.unjudged == 100, "five learners in each round")
    #expect(try #require(count.meanGain) <= 0)
    if attack == .randomWeights {
      #expect(count.refused >= 60 && count.lost == 40 * UInt64(count.refused))
    } else {
      #expect(count.judged == 0, "the contract knows the model")
    }
  }

  /// Whatever is accepted of the lazy, learners keep their models: validators say the same of what
  /// follows.
  @Test func theLazyMeetTheSameModelsThroughout() throws {
    func count(_ votes: ValidatorBehaviour) throws -> VotingRecord.Count {
      try Self.simulation {
        $0.attackers = 5
        $0.attack = .randomWeights
        $0.attackerVotes = votes
        // Nobody falls, and all can be drawn.
        $0.terms.initialStake = 10_000
      }.serve(encounters: 60).attackers
    }
    let (lenient, strict) = (try count(.alwaysYes), try count(.alwaysNo))
    #expect(lenient.judged == 60 && strict.judged == 60 && lenient.accepted > strict.accepted)
    #expect(lenient.yes == strict.yes && lenient.no == strict.no && lenient.no > 0)
  }

  /// A run that is stopped while participants train alone has met nobody; one that is stopped later ends
  /// with its round.
  @Test func aRunEndsWhenItIsToldTo() throws {
    var simulation = try Self.simulation { $0.attackers = 5 }
    let asked = Atomic(0)
    simulation.goesOn = { asked.add(1, ordering: .relaxed).newValue < 6 }
    #expect(try simulation.run().curve.isEmpty)
    #expect(simulation.measure(voters: 3).isEmpty)
    #expect(try simulation.serve(encounters: 20).attackers == VotingRecord.Count())
    var executor = try simulation.unsignedExecutor()
    let height = executor.height
    #expect(try simulation.run(on: &executor).curve.isEmpty && executor.height == height)

    let rounds = Atomic(0)
    simulation.goesOn = { rounds.load(ordering: .relaxed) < 2 }
    let stopped = try simulation.run { _ in rounds.add(1, ordering: .relaxed) }
    #expect(stopped.curve.map(\.round) == [0, 1], "of four rounds")
  }

  /// Validators that look before the learner has trained see a flipper's harm.
  @Test(arguments: GossipLearning.JudgedModel.allCases)
  func gossipIsJudgedBeforeTrainingOrAfter(judged: GossipLearning.JudgedModel) throws {
    let measured = try Self.simulation {
      $0.algorithm = .gossip
      $0.gossipJudged = judged
      $0.attackers = 2
      $0.epochs = 16
    }.measure(voters: 3)
    func accepted(_ isHonest: Bool) -> Int {
      measured.count { $0.isHonest == isHonest && $0.isAccepted(voters: 3, tolerance: 0.1) }
    }
    #expect(accepted(true) >= measured.count(where: \.isHonest) - 2)
    let flipped = measured.count { !$0.isHonest }
    #expect(flipped >= 3)
    if judged == .merged {
      #expect(2 * accepted(false) <= flipped, "\(accepted(false)) of \(flipped)")
    } else {
      #expect(accepted(false) >= flipped - 1, "training repairs what two classes lost")
    }
  }

  /// Those who have lost their stakes cannot pay one another for more.
  @Test func whoeverHasFallenDoesNotLearnEither() throws {
    func judged(_ needStake: Bool) throws -> Int {
      try Self.simulation {
        $0.attackers = 5
        $0.attack = .randomWeights
        $0.attackerVotes = .honest
        $0.prepayment = 70
        $0.rounds = 8
        if !needStake { $0.terms.learnersNeedStake = false }
      }.run().record.toAttackers.judged
    }
    #expect(try judged(true) < judged(false))
  }

  @Test func somebodyHasToLearnFromTheLazy() throws {
    #expect(throws: SettingError.self) {
      _ = try Self.simulation().serve(encounters: 1)
    }
  }

  /// Voters measured once say the same as any number of them would.
  @Test func votesAreCountedAfterwards() throws {
    let measured = try Self.simulation {
      $0.attackers = 2
      $0.epochs = 16
    }.measure(voters: 5)
    // Of eight honest learners in four rounds.
    #expect(measured.count == 32)
    #expect(measured.allSatisfy { $0.gains.count == 5 })
    let honest = measured.filter(\.isHonest)
    #expect(honest.count >= 24)
    #expect(honest.count { $0.isAccepted(voters: 3, tolerance: 0.1) } >= honest.count - 2)
    #expect(measured.count { !$0.isHonest && $0.isAccepted(voters: 3, tolerance: 0.1) } <= 3)
    let one = EncounterSimulation.MeasuredContribution(
      round: 0, isHonest: true, gains: [-0.05, 0.01, -0.02])
    #expect(!one.isAccepted(voters: 1, tolerance: 0.03))
    #expect(one.isAccepted(voters: 2, tolerance: 0.03), "as many yes as no")
    #expect(one.isAccepted(voters: 3, tolerance: 0.03))
    #expect(!one.isAccepted(voters: 3, tolerance: 0))
  }

  @Test(arguments: [
    (["neighbour-share": "1.5"], "neighbour-share cannot be 1.5"),
    (["prepayment": "-3"], "prepayment cannot be -3"),
    (["atackers": "3"], "did you mean attackers?"),
    (["validators": "9"], "more than 10 participants"),
    (["attackers": "11"], "11 attackers among 10 participants"),
    (["algorithm": "gossip", "layers": "mixed"], "need one shape"),
    (["votes": "4"], "votesRequired is 4"),
    (["algorithm": "gossip", "epochs-alone": "0"], "raise epochs-alone"),
  ])
  func badSettingsAreOneLine(settings: [String: String], words: String) throws {
    var configuration = EncounterConfiguration()
    configuration.participants = 10
    do {
      for (name, value) in settings { try configuration.set(name, to: value) }
      try configuration.validate()
      Issue.record("\(settings) went through")
    } catch {
      #expect("\(error)".contains(words) && !"\(error)".contains("\n"), "\(error)")
    }
  }

  /// Without the contract untrained participants may exchange their models; in OppCL what they hand
  /// over differs at once.
  @Test func untrainedParticipantsMayMeet() throws {
    var configuration = EncounterConfiguration()
    configuration.epochsAlone = 0
    try configuration.validate()
    configuration.algorithm = .gossip
    configuration.hasContract = false
    try configuration.validate()
  }

  /// Whatever the waiting time, commitments end before it does.
  @Test func waitingCanBeShort() throws {
    for (waiting, commitments) in [("2", 1), ("16", 15), ("17", 16), ("40", 16)]
      as [(String, UInt64)]
    {
      var configuration = EncounterConfiguration()
      try configuration.set("waiting-blocks", to: waiting)
      try configuration.validate()
      #expect(configuration.agreedTerms.commitBlocks == commitments)
    }
    let record = try Self.simulation {
      $0.terms.waitingBlocks = 2
      $0.rounds = 1
    }.run().record
    #expect(record.honest.judged == 10)
  }
}
