import Datasets
import NeuralNetworks

/// Participants that learn from their encounters, in one process.
///
/// ``advance()`` accepts every contribution: the algorithm alone. Whoever wants to look first takes
/// ``propose()``, judges the candidates, and says in ``settle(_:)`` which are accepted.
public struct OpportunisticRun<Algorithm: OpportunisticAlgorithm>: Sendable {
  /// An encounter whose result awaits a decision.
  public struct Proposal: Sendable {
    public let encounter: Encounter
    /// The learner's model before the encounter.
    public let previous: ModelSnapshot
    public let contribution: Contribution
    public let candidate: Candidate
  }

  public let algorithm: Algorithm
  public let schedule: EncounterSchedule
  public let training: OpportunisticTraining
  public let seed: UInt64
  public let runners: ModelRunners
  public private(set) var participants: [Participant]
  /// The number of stages that are over.
  public private(set) var stage = 0

  /// - Parameters:
  ///   - participants: in the order of their numbers, as many as the schedule has.
  ///   - threads: encounters that are worked on at once; they change no bit.
  public init(
    _ algorithm: Algorithm, participants: [Participant], schedule: EncounterSchedule,
    training: OpportunisticTraining = OpportunisticTraining(), seed: UInt64, threads: Int = 1
  ) {
    precondition(
      participants.count == schedule.participants
        && participants.indices.allSatisfy { participants[$0].number == $0 },
      "\(participants.count) participants for encounters of \(schedule.participants)")
    self.algorithm = algorithm
    self.participants = participants
    self.schedule = schedule
    self.training = training
    self.seed = seed
    runners = ModelRunners(threads: threads)
  }

  /// The stage that comes next; `nil` when all are over.
  public var nextStage: EncounterStage? {
    stage < schedule.stages.count ? schedule.stages[stage] : nil
  }

  /// Each participant trains its own model on its own images, once, before anybody meets.
  ///
  /// - Parameter goesOn: asked before each participant's training, from any thread; once it says no,
  ///   nobody has trained.
  /// - Returns: whether all have.
  @discardableResult
  public mutating func trainAlone(
    _ settings: OpportunisticTraining, while goesOn: @Sendable () -> Bool = { true }
  ) -> Bool {
    let participants = participants
    // No encounter has this number.
    let counter = Int(UInt32.max)
    let models = runners.map(participants.count) { [seed] number, runner -> ModelSnapshot? in
      guard goesOn() else { return nil }
      let one = participants[number]
      return runner.train(
        one.model, on: one.training, labels: one.taughtLabels, settings,
        TrainingSession(seed: seed, participant: number, counter: counter))
    }.compactMap { $0 }
    guard models.count == participants.count else { return false }
    for number in models.indices { self.participants[number].model = models[number] }
    return true
  }

  private func context(_ encounter: Encounter) -> EncounterContext {
    EncounterContext(encounter, training: training, seed: seed, population: participants)
  }

  /// The results of the next stage's encounters, which change nothing yet.
  ///
  /// - Parameter isWanted: whether an encounter takes place; all do by default.
  public func propose(
    where isWanted: (Encounter) -> Bool = { _ in true }
  ) -> [Proposal] {
    let contexts = (nextStage?.encounters ?? []).filter(isWanted).map { context($0) }
    return runners.map(contexts.count) { [algorithm] number, runner in
      let context = contexts[number]
      let contribution = NeighbourBehaviour.contribution(
        of: algorithm, in: context, on: runner)
      return Proposal(
        encounter: context.encounter, previous: context.learner.model,
        contribution: contribution,
        candidate: algorithm.candidate(from: contribution, in: context, on: runner))
    }
  }

  /// Ends the stage: learners take over what was accepted, and keep their models otherwise.
  ///
  /// - Parameter decisions: what ``propose(where:)`` gave, each with whether it is accepted.
  public mutating func settle(_ decisions: [(proposal: Proposal, isAccepted: Bool)]) {
    let contexts = decisions.map { context($0.proposal.encounter) }
    let candidates = decisions.map(\.proposal.candidate)
    let accepted = decisions.map(\.isAccepted)
    let models = runners.map(contexts.count) { [algorithm] number, runner in
      accepted[number]
        ? algorithm.accept(candidates[number], in: contexts[number], on: runner)
        : algorithm.refuse(candidates[number], in: contexts[number])
    }
    for number in models.indices {
      participants[contexts[number].encounter.learner].model = models[number]
    }
    stage += 1
  }

  /// One stage in which everything is accepted.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  public mutating func advance() -> Bool {
    guard nextStage != nil else { return false }
    settle(propose().map { ($0, true) })
    return true
  }

  /// All stages of the next round, everything accepted.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  public mutating func advanceRound() -> Bool {
    guard let round = nextStage?.round else { return false }
    while nextStage?.round == round { advance() }
    return true
  }

  /// The quality of each participant's model on some images, in the order of their numbers.
  public func qualities(_ metric: ModelQuality, on images: LabelledImages) -> [Double] {
    let participants = participants
    return runners.map(participants.count) { number, runner in
      runner.quality(metric, of: participants[number].model, on: images)
    }
  }

  /// The mean quality of the honest participants' models: what Yu et al. 2023, Fig. 8, draw. `nil`
  /// if nobody is honest.
  public func meanQuality(
    _ metric: ModelQuality = .accuracy, on images: LabelledImages
  ) -> Double? {
    let honest = participants.filter(\.behaviour.isHonest)
    guard !honest.isEmpty else { return nil }
    let qualities = runners.map(honest.count) { number, runner in
      runner.quality(metric, of: honest[number].model, on: images)
    }
    return qualities.reduce(0, +) / Double(qualities.count)
  }
}
