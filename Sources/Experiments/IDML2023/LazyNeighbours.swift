import Datasets
import Incentives
import Simulation

/// What neighbours earn that do no work: Yu et al. 2023, Sec. III-B, ask for a mean gain of zero or less.
public struct LazyNeighbours: Sendable {
  /// A way to do nothing.
  public struct Strategy: Sendable, Hashable {
    public var attack: EncounterConfiguration.Attack
    /// The standard deviation of noisy weights; 0 for the others.
    public var noise: Float

    public init(_ attack: EncounterConfiguration.Attack, noise: Float = 0) {
      self.attack = attack
      self.noise = noise
    }

    public var title: String {
      switch attack {
      case .noisyWeights: "the learner's model with noise of \(noise)"
      case .randomWeights: "an untrained model"
      case .unchangedWeights: "the learner's model, unchanged"
      case .copiedWeights: "somebody else's model"
      case .labelFlipping, .similarLabels, .patient: attack.rawValue
      }
    }
  }

  public var base: EncounterConfiguration
  public var strategies: [Strategy] =
    [Strategy(.randomWeights), Strategy(.unchangedWeights), Strategy(.copiedWeights)]
    + [0.001, 0.01, 0.03, 0.1].map { Strategy(.noisyWeights, noise: $0) }
  /// Of each strategy.
  public var encounters = 10_000

  /// Lazy participants vote honestly, and have stakes that last: otherwise they would be out after two
  /// refusals.
  public init() {
    base = EncounterConfiguration()
    base.attackerVotes = .honest
    base.imagesEach = 400
    base.validationShare = 0.125
    base.epochsAlone = 5
    base.terms.initialStake = 500_000
  }

  /// How many are lazy.
  public var lazy: Int { base.participants / 2 }

  /// - Parameters:
  ///   - goesOn: asked now and then, from any thread; once it says no, the run ends.
  ///   - progress: told how many encounters are over.
  /// - Returns: `nil` if it was stopped.
  public func run(
    _ strategy: Strategy, train: LabelledImages, test: LabelledImages, threads: Int,
    while goesOn: @escaping @Sendable () -> Bool = { true }, progress: (Int) -> Void = { _ in }
  ) throws -> VotingRecord.Count? {
    var configuration = base
    configuration.attack = strategy.attack
    configuration.noise = strategy.noise
    configuration.attackers = lazy
    configuration.hasContract = true
    var simulation = try EncounterSimulation(
      configuration, train: train, test: test, threads: threads)
    simulation.goesOn = goesOn
    let record = try simulation.serve(encounters: encounters, progress: progress)
    return goesOn() ? record.attackers : nil
  }

  public func report(_ outcomes: [Strategy: VotingRecord.Count]) -> LazyReport {
    LazyReport(plan: self, outcomes: outcomes)
  }
}

/// What lazy neighbours earned.
public struct LazyReport: ExperimentReport {
  let plan: LazyNeighbours
  let outcomes: [LazyNeighbours.Strategy: VotingRecord.Count]

  public let name = "idml-lazy-neighbours"

  public var table: (header: [String], rows: [[String]]) {
    let rows = plan.strategies.compactMap { strategy -> [String]? in
      guard let count = outcomes[strategy] else { return nil }
      return [
        strategy.title, "\(count.judged + count.unjudged)", "\(count.accepted)", "\(count.refused)",
        "\(count.unjudged)", ReportNumber.text([count.meanGain ?? .nan], decimals: 2),
      ]
    }
    return (
      ["hands over", "encounters", "accepted", "refused", "not taken", "mean gain, tokens"], rows
    )
  }

  public var remarks: [String] {
    [
      "learners prepay \(plan.base.prepayment) tokens, of which a neighbour has "
        + "\(Int((100 * plan.base.neighbourShare).rounded())) % if its contribution is accepted; a "
        + "refused one costs it \(plan.base.prepayment)",
      "not taken: the contract refuses the report of a model that is the learner's own, or known as "
        + "somebody else's, and the prepayment goes back",
      "\(plan.lazy) of \(plan.base.participants) participants are lazy; all vote honestly, "
        + "with τ = \(plan.base.tolerance); learners keep their models",
    ]
  }

  public var sheet: ReportSheet {
    var sheet = ReportSheet(
      texts: ["strategy"],
      columns: ["noise", "accepted", "refused", "not_taken", "earned", "lost", "mean_gain"])
    for strategy in plan.strategies {
      guard let count = outcomes[strategy] else { continue }
      sheet.lines.append(
        .init(
          [strategy.attack.rawValue],
          [
            Double(strategy.noise), Double(count.accepted), Double(count.refused),
            Double(count.unjudged), Double(count.earned), Double(count.lost),
            count.meanGain ?? .nan,
          ]))
    }
    return sheet
  }

  public var charts: [(name: String, chart: any Drawing)] { [] }
}
