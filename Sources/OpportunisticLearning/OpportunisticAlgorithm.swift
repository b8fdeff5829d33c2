/// What both sides of an encounter, and whoever looks on, know of the run around it.
public struct EncounterContext: Sendable {
  public var encounter: Encounter
  public var training: OpportunisticTraining
  public var seed: UInt64
  /// All participants as they are before the encounter's stage, in the order of their numbers: what
  /// is copied comes from here.
  public var population: [Participant]

  public init(
    _ encounter: Encounter, training: OpportunisticTraining, seed: UInt64,
    population: [Participant]
  ) {
    self.encounter = encounter
    self.training = training
    self.seed = seed
    self.population = population
  }

  public var learner: Participant { population[encounter.learner] }
  public var neighbour: Participant { population[encounter.neighbour] }

  /// The session in which a participant trains for this encounter: at most once as the neighbour
  /// and once as the learner, which are different participants.
  func session(of participant: Participant) -> TrainingSession {
    TrainingSession(seed: seed, participant: participant.number, counter: encounter.number)
  }
}

/// What a neighbour hands over.
public struct Contribution: Sendable, Equatable {
  public var model: ModelSnapshot

  public init(_ model: ModelSnapshot) { self.model = model }
}

/// What has come of a contribution before the learner decides on it.
public struct Candidate: Sendable, Equatable {
  /// The model that validators compare with the learner's previous one.
  public var validated: ModelSnapshot

  public init(validated: ModelSnapshot) { self.validated = validated }
}

/// A way of learning from encounters, cut into steps so that somebody can look at a result before
/// it is taken over, or refuse it.
///
/// Each step is a function of what it is given: the same context gives the same bits, in any order
/// and on any thread.
public protocol OpportunisticAlgorithm: Sendable {
  /// What an honest neighbour hands over, or a dishonest one who only cheats with its data.
  func contribution(in context: EncounterContext, on runner: ModelRunner) -> Contribution

  /// What the learner makes of a contribution, up to where it can be judged.
  func candidate(
    from contribution: Contribution, in context: EncounterContext, on runner: ModelRunner
  ) -> Candidate

  /// The learner's model after it has accepted the candidate.
  func accept(
    _ candidate: Candidate, in context: EncounterContext, on runner: ModelRunner
  ) -> ModelSnapshot
}

extension OpportunisticAlgorithm {
  /// The learner's model after it has refused the candidate: the one that it had.
  public func refuse(_ candidate: Candidate, in context: EncounterContext) -> ModelSnapshot {
    context.learner.model
  }
}

/// Gossip learning, Hegedűs, Danner and Jelasity 2019, by the cycle of Yu et al. 2023, Sec. II-A:
/// the neighbour sends its model; the learner merges it into its own and trains the result on its
/// own images.
public struct GossipLearning: OpportunisticAlgorithm, Hashable {
  /// What validators compare with the learner's model before the encounter.
  public enum JudgedModel: String, Sendable, Hashable, CaseIterable {
    /// The merged model, before anybody trains it. It follows from two models whose digests are known,
    /// so that a validator can merge them itself and need not believe the learner.
    case merged
    /// The merged model after the learner's own training, as Yu et al. 2023, Sec. IV-B, have it. The
    /// training repairs most of a label flipper's harm before anybody looks, and a learner's bad images
    /// count against its neighbour.
    case trained
  }

  public var merge: MergeRule
  public var judged: JudgedModel

  public init(merge: MergeRule = .average, judged: JudgedModel = .merged) {
    self.merge = merge
    self.judged = judged
  }

  public func contribution(in context: EncounterContext, on runner: ModelRunner) -> Contribution {
    Contribution(context.neighbour.model)
  }

  public func candidate(
    from contribution: Contribution, in context: EncounterContext, on runner: ModelRunner
  ) -> Candidate {
    let merged = merge.merge(contribution.model, into: context.learner.model)
    return Candidate(
      validated: judged == .merged ? merged : learned(from: merged, in: context, on: runner))
  }

  public func accept(
    _ candidate: Candidate, in context: EncounterContext, on runner: ModelRunner
  ) -> ModelSnapshot {
    judged == .merged
      ? learned(from: candidate.validated, in: context, on: runner) : candidate.validated
  }

  private func learned(
    from merged: ModelSnapshot, in context: EncounterContext, on runner: ModelRunner
  ) -> ModelSnapshot {
    let learner = context.learner
    return runner.train(
      merged, on: learner.training, labels: learner.taughtLabels, context.training,
      context.session(of: learner))
  }
}

/// Opportunistic collaborative learning, Lee et al. 2021, by the cycle of Yu et al. 2023,
/// Sec. II-A: the learner sends its model; the neighbour trains it for a round on its own images and
/// returns it; the learner merges what it got into what it has and goes on training on its own.
///
/// What is judged is the returned model itself, before it is merged (Sec. IV-B).
public struct CollaborativeOpportunisticLearning: OpportunisticAlgorithm, Hashable {
  public var merge: MergeRule

  public init(merge: MergeRule = .average) { self.merge = merge }

  public func contribution(in context: EncounterContext, on runner: ModelRunner) -> Contribution {
    let neighbour = context.neighbour
    return Contribution(
      runner.train(
        context.learner.model, on: neighbour.training, labels: neighbour.taughtLabels,
        context.training, context.session(of: neighbour)))
  }

  public func candidate(
    from contribution: Contribution, in context: EncounterContext, on runner: ModelRunner
  ) -> Candidate { Candidate(validated: contribution.model) }

  public func accept(
    _ candidate: Candidate, in context: EncounterContext, on runner: ModelRunner
  ) -> ModelSnapshot {
    let learner = context.learner
    return runner.train(
      merge.merge(candidate.validated, into: learner.model), on: learner.training,
      labels: learner.taughtLabels, context.training, context.session(of: learner))
  }
}
