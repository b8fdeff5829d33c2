import NeuralNetworks
import Randomness

extension NeighbourBehaviour {
  /// What a neighbour hands over in an encounter, honest or not.
  public static func contribution(
    of algorithm: some OpportunisticAlgorithm, in context: EncounterContext,
    on runner: ModelRunner
  ) -> Contribution {
    let learner = context.learner
    let neighbour = context.neighbour
    switch neighbour.behaviour {
    case .honest, .labelFlipping: return algorithm.contribution(in: context, on: runner)
    case .randomWeights:
      // A start of the right shape and size, and of no use to average with.
      var model = learner.model
      model.parameters = model.architecture.start(
        seed: context.attackSeed, participant: UInt32(neighbour.number))
      return Contribution(model)
    case .unchangedWeights: return Contribution(learner.model)
    case .copiedWeights: return Contribution(stolen(in: context) ?? learner.model)
    case .noisyWeights(let deviation):
      var model = learner.model
      let noise = RandomStream(
        seed: context.attackSeed, participant: UInt32(neighbour.number), purpose: .attack
      ).normal(model.parameters.count)
      for i in model.parameters.indices { model.parameters[i] += deviation * noise[i] }
      return Contribution(model)
    case .patient(let permutation, let rule):
      let bad = runner.train(
        learner.model, on: neighbour.training,
        labels: permutation(neighbour.training.labels), context.training,
        context.session(of: neighbour))
      return Contribution(
        furthestValid(from: learner.model, towards: bad, rule, on: neighbour, runner))
    }
  }

  /// The model of one of the honest others that has the learner's architecture; `nil` if nobody else
  /// has.
  private static func stolen(in context: EncounterContext) -> ModelSnapshot? {
    let learner = context.learner
    let victims = context.population.filter {
      $0.number != learner.number && $0.number != context.encounter.neighbour
        && $0.behaviour.isHonest && $0.model.architecture == learner.model.architecture
    }
    guard !victims.isEmpty else { return nil }
    let draw = RandomStream(
      seed: context.attackSeed, participant: UInt32(context.encounter.neighbour), purpose: .attack
    ).uniform(1)[0]
    return victims[min(victims.count - 1, Int(draw * Float(victims.count)))].model
  }

  /// How finely the way to the bad model is searched.
  private static let halvings = 6

  private static func furthestValid(
    from start: ModelSnapshot, towards bad: ModelSnapshot, _ rule: ValidationRule,
    on attacker: Participant, _ runner: ModelRunner
  ) -> ModelSnapshot {
    let images = attacker.judging
    guard images.count > 0 else { return bad }
    let old = runner.quality(rule.metric, of: start, on: images)
    func isValid(_ model: ModelSnapshot) -> Bool {
      rule.isValid(old: old, new: runner.quality(rule.metric, of: model, on: images))
    }
    if isValid(bad) { return bad }
    var within: Float = 0
    var beyond: Float = 1
    for _ in 0..<halvings {
      let middle = (within + beyond) / 2
      if isValid(start.moved(towards: bad.parameters, by: middle, age: bad.age)) {
        within = middle
      } else {
        beyond = middle
      }
    }
    return start.moved(towards: bad.parameters, by: within, age: bad.age)
  }
}

extension EncounterContext {
  /// A seed of the encounter's own for what attackers draw.
  var attackSeed: UInt64 {
    TrainingSession(seed: ~seed, participant: encounter.neighbour, counter: encounter.number)
      .subseed
  }
}
