import AnomalyDetection
import GraphicalModels

/// Data cleansing (CollabDict 2018, Sec. V-B): anomaly scores of the very rows that were learned from,
/// and how far most of them lie below the highest.
public enum CleansingExperiment {
  static let variableWise = Measure(
    "variables", "area, variable-wise",
    "area under accuracy over coverage of each participant's and variable's conditional scores, mean"
  )
  static let total = Measure(
    "rows", "area, whole rows",
    "area under accuracy over coverage of each participant's scores of whole rows, mean")

  /// Where curves are read off: 101 coverages from 0 to 1.
  static let grid = (0...100).map { Double($0) / 100 }

  /// Learns on a fleet and scores its training rows.
  ///
  /// - Throws: what learning throws.
  public static func run(_ fleet: ExperimentFleet, seed: UInt64) throws -> FleetOutcome {
    let learned = try LearnedMethods(fleet)
    var outcome = FleetOutcome(fleet: fleet.name, seed: seed, choices: learned.choices)
    for method in ComparedMethod.allCases {
      var areas: [Double] = []
      var totals: [Double] = []
      var curve = [Double](repeating: 0, count: grid.count)
      for (s, participant) in fleet.participants.enumerated() {
        let count = participant.train.rowCount
        var scorer = try learned.scorer(method, of: s)
        let parts = scorer.score(participant.train.values, count: count).parts
        let width = fleet.variables.count
        for v in 0..<width {
          let scores = (0..<count).map { parts[$0 * width + v] }
          if method == .collabDict || method == .group || method == .fused {
            outcome.remember(scores, method, variable: v, participant: s, of: fleet)
          }
          guard let accuracy = AccuracyCoverage(scores) else { continue }
          areas.append(accuracy.area)
          for i in grid.indices { curve[i] += accuracy.accuracy(at: grid[i]) }
        }
        var whole = try learned.scorer(method, of: s, isTotal: true)
        let scores = whole.score(participant.train.values, count: count).scores
        if let accuracy = AccuracyCoverage(scores) { totals.append(accuracy.area) }
      }
      let drawn = Double(max(1, areas.count))
      outcome.methods.append(
        MethodOutcome(
          method, [variableWise.key: areas.mean, total.key: totals.mean],
          curve: curve.map { $0 / drawn }))
    }
    outcome.graphs = graphs(learned.mixture, fleet)
    return outcome
  }

  /// The patterns that at least every twentieth row is of, at most three, the most frequent first.
  private static func graphs(
    _ mixture: CollaborativeMixture, _ fleet: ExperimentFleet
  ) -> [FleetOutcome.Pattern] {
    let shares = mixture.shares
    let order = shares.indices.sorted { (-shares[$0], $0) < (-shares[$1], $1) }
    return order.filter { shares[$0] >= 0.05 }.prefix(3).map { k in
      FleetOutcome.Pattern(
        share: shares[k],
        graph: DependencyGraph(
          mixture.patterns[k], names: fleet.variables, threshold: FleetOutcome.Pattern.threshold))
    }
  }
}
