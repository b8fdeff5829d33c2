import Cryptography
import Datasets
import Incentives
import Ledger
import OpportunisticLearning
import Randomness
import Settings

/// Participants that learn from their encounters, some of whom attack, with the contract or without.
public struct EncounterSimulation: Sendable {
  /// Where a run stands after a round.
  public struct Point: Sendable, Hashable {
    public var round: Int
    /// Of the contract's chain; 0 without a contract.
    public var height: UInt64
    /// The mean over honest participants, on the test images.
    public var accuracy: Double
    /// Of each participant, in tokens; empty without a contract.
    public var stakes: [TokenAmount]

    public init(round: Int, height: UInt64, accuracy: Double, stakes: [TokenAmount]) {
      self.round = round
      self.height = height
      self.accuracy = accuracy
      self.stakes = stakes
    }
  }

  public struct Outcome: Sendable {
    public var curve: [Point] = []
    public var record = VotingRecord()
    /// The numbers of those who attack, sorted.
    public var attackers: [Int] = []

    public init(attackers: [Int] = []) { self.attackers = attackers }

    public var accuracy: Double { curve.last?.accuracy ?? 0 }
  }

  public let configuration: EncounterConfiguration
  public let participants: [Participant]
  public let schedule: EncounterSchedule
  public let test: LabelledImages
  public let attackers: [Int]
  public var threads: Int
  /// Asked now and then, from any thread. Once it says no, a run ends with its round, or before
  /// anybody has met if participants still train alone, and gives what there is by then.
  public var goesOn: @Sendable () -> Bool = { true }

  /// Deals images out and says who attacks: those who come first in a random order.
  ///
  /// - Parameters:
  ///   - contacts: who meets whom; drawn evenly unless given.
  /// - Throws: ``SettingError``, ``ParticipantSplitError`` or ``EncounterError``.
  public init(
    _ configuration: EncounterConfiguration, train: LabelledImages, test: LabelledImages,
    contacts: ContactTrace? = nil, threads: Int = 1
  ) throws {
    try configuration.validate()
    self.configuration = configuration
    self.threads = threads
    let seed = configuration.seed
    let split = ParticipantSplit(
      configuration.distribution, participants: configuration.participants,
      validationShare: configuration.validationShare, imagesEach: configuration.imagesEach)
    let shares = try split.deal(train, seed: seed)
    var participants = Participant.all(of: shares, seed: seed) {
      configuration.architecture($0, train)
    }
    let order = RandomStream(seed: seed, round: .max, purpose: .encounter)
      .permutation(participants.count)
    attackers = order.prefix(configuration.attackers).map { Int($0) }.sorted()
    if !attackers.isEmpty {
      let behaviour = try configuration.behaviour(classes: train.classes)
      for number in attackers { participants[number].behaviour = behaviour }
    }
    self.participants = participants
    if let contacts {
      schedule = EncounterSchedule(contacts, isSymmetric: configuration.isSymmetric)
    } else {
      schedule = try EncounterSchedule(
        drawnFor: participants.count, rounds: configuration.rounds,
        meetings: configuration.meetings, isSymmetric: configuration.isSymmetric, seed: seed)
    }
    let count = configuration.testImages
    self.test =
      count == 0 || count >= test.count ? test : test.selecting((0..<count).map { $0 })
  }

  /// How each participant votes.
  public var validators: [ValidatorBehaviour] {
    var behaviours = [ValidatorBehaviour](repeating: .honest, count: participants.count)
    for number in attackers { behaviours[number] = configuration.attackerVotes }
    return behaviours
  }

  /// The participants' keys, which follow from the seed.
  public var keys: [SigningKey] {
    ContractChain<EncounterContract>.keys(participants.count, seed: configuration.seed)
  }

  /// Units of currency that each participant brings along.
  public var currency: [AccountAddress: UInt64] {
    let terms = configuration.agreedTerms
    let units = (terms.exchangedTokens + terms.exchangeRate - 1) / terms.exchangeRate
    return Dictionary(
      uniqueKeysWithValues: keys.map { (AccountAddress($0.verificationKey), units) })
  }

  /// Runs on a contract in memory, or without one.
  ///
  /// - Parameter progress: told of each point of the curve.
  public func run(progress: (Point) throws -> Void = { _ in }) throws -> Outcome {
    guard configuration.hasContract else {
      switch configuration.algorithm {
      case .gossip: return try runFreely(configuration.gossip, progress)
      case .oppcl: return try runFreely(configuration.oppCL, progress)
      }
    }
    var executor = try unsignedExecutor()
    return try run(on: &executor, progress: progress)
  }

  /// A contract in memory that stands at its start.
  public func unsignedExecutor()
    throws(SettingError) -> UnsignedExecutor<EncounterContract>
  {
    guard let start = EncounterContract.start(configuration.agreedTerms, currency: currency) else {
      throw SettingError("all tokens together are more than 64 bits hold")
    }
    return UnsignedExecutor(
      start.contract, start.tokens, accounts: keys.map { AccountAddress($0.verificationKey) },
      seed: configuration.seed)
  }

  /// A chain of signed calls that stands at the contract's start.
  ///
  /// - Parameter keep: handed each of its blocks.
  public func executor(
    keep: @escaping (MinedBlock) throws -> Void
  ) throws -> SignedExecutor<EncounterContract> {
    var rules = ChainRules(interval: 1000, firstDifficulty: 1)
    // A step of all encounters of a stage is one block.
    rules.transactionLimit = 1 << 20
    rules.byteLimit = 256 << 20
    let count = participants.count
    return try SignedExecutor(
      ContractChain(
        EncounterContract.self,
        records: EncounterContract.records(configuration.agreedTerms, currency: currency),
        parties: count, rules: rules, seed: configuration.seed), parties: count, keep: keep)
  }

  /// Runs on a contract that stands at its start, block by block.
  public func run<Executor: ContractExecutor>(
    on executor: inout Executor, progress: (Point) throws -> Void = { _ in }
  ) throws -> Outcome where Executor.Subject == EncounterContract {
    switch configuration.algorithm {
    case .gossip: try runPaid(configuration.gossip, &executor, progress)
    case .oppcl: try runPaid(configuration.oppCL, &executor, progress)
    }
  }

  /// A run whose participants have trained alone; `nil` if ``goesOn`` said no meanwhile.
  ///
  /// - Parameters:
  ///   - schedule: the simulation's by default.
  ///   - training: in encounters, the configuration's by default.
  func start<Algorithm: OpportunisticAlgorithm>(
    _ algorithm: Algorithm, schedule: EncounterSchedule? = nil,
    training: OpportunisticTraining? = nil
  ) -> OpportunisticRun<Algorithm>? {
    var run = OpportunisticRun(
      algorithm, participants: participants, schedule: schedule ?? self.schedule,
      training: training ?? configuration.training, seed: configuration.seed, threads: threads)
    if configuration.epochsAlone > 0 {
      var alone = configuration.training
      alone.epochs = configuration.epochsAlone
      guard run.trainAlone(alone, while: goesOn) else { return nil }
    }
    return run
  }

  private func accuracy<Algorithm>(_ run: OpportunisticRun<Algorithm>) -> Double {
    run.meanQuality(on: test) ?? 0
  }

  private func runFreely<Algorithm: OpportunisticAlgorithm>(
    _ algorithm: Algorithm, _ progress: (Point) throws -> Void
  ) throws -> Outcome {
    var outcome = Outcome(attackers: attackers)
    guard var run = start(algorithm) else { return outcome }
    repeat {
      let point = Point(
        round: outcome.curve.count, height: 0, accuracy: accuracy(run), stakes: [])
      outcome.curve.append(point)
      try progress(point)
    } while goesOn() && run.advanceRound()
    return outcome
  }

  private func runPaid<Algorithm: OpportunisticAlgorithm, Executor: ContractExecutor>(
    _ algorithm: Algorithm, _ executor: inout Executor, _ progress: (Point) throws -> Void
  ) throws -> Outcome where Executor.Subject == EncounterContract {
    var outcome = Outcome(attackers: attackers)
    guard let run = start(algorithm) else { return outcome }
    var learning = IncentivisedLearning(
      run, executor: executor, validation: configuration.validation,
      prepayment: configuration.prepayment, validators: validators, seed: configuration.seed)
    try learning.join()
    repeat {
      let point = Point(
        round: outcome.curve.count, height: learning.executor.height,
        accuracy: accuracy(learning.run), stakes: learning.stakes)
      outcome.curve.append(point)
      try progress(point)
    } while try goesOn() && learning.advanceRound()
    outcome.record = learning.record
    executor = learning.executor
    return outcome
  }
}
