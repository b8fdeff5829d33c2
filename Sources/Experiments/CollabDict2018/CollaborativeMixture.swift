import AnomalyDetection
import CollaborativeLearning
import Datasets
import GraphicalModels

/// What participants learn together through the loop of CollabDict: patterns that all share, and each
/// one's own weights.
public struct CollaborativeMixture: Sendable {
  public let patterns: [GaussianPattern]
  /// πˢ by participant, `[S][K]`.
  public let weights: [[Double]]
  /// ρ as a share of the rows.
  public let penalty: Double
  private let standardisations: [Standardisation]

  /// Runs the loop on one thread.
  ///
  /// The start is that of CollabDict 2018, Sec. V-B: three blocks of each participant's rows, with
  /// twice their spread added.
  ///
  /// - Parameter penalty: ρ as a share of the rows.
  /// - Throws: `ParticipantError`, and ``ExperimentError`` when a result is missing.
  public init(
    _ rows: [MemoryRows], penalty: Double, configuration: TrainingConfiguration
  ) throws {
    var chosen = configuration
    chosen.modelClass = .ggm
    chosen.mixture.start = .blocks
    chosen.mixture.startPatterns = 3
    chosen.mixture.penalty = penalty
    chosen.mixture.score = .conditional
    let fixed = chosen
    let loop = try CollabDict(names: rows.indices.map { "\($0 + 1)" }, threads: 1) { index in
      try GGMParticipant(
        LocalData(rows[index], configuration), index: index, of: rows.count,
        configuration: fixed)
    }
    // Thresholds, for which participants learn on five times, are not needed here.
    try loop.run { loop.withParticipant(0) { $0.report.stage != "thresholds" } }
    let states = rows.indices.map { index in loop.withParticipant(index) { $0.state } }
    guard let mixture = states.first?.shared.doubles["mixture"] else {
      throw ExperimentError("the loop of CollabDict ended without a mixture")
    }
    patterns = try MixtureLearning(numbers: mixture).dictionary.patterns
    self.penalty = penalty
    weights = states.map { $0.local.doubles["weights"] ?? [] }
    standardisations = try rows.map {
      Standardisation(
        try DataSummary($0), bound: configuration.bound,
        constantScale: configuration.constantScale)
    }
  }

  /// ρ as a share of the rows. Smaller ones would take minutes on the nearly singular correlations of the
  /// Tennessee Eastman process.
  static let penalties = [1e-3, 3e-3, 1e-2, 3e-2, 1e-1]

  /// The mixture of all rows with the ρ at which a mixture of the other blocks of time makes the held-out
  /// ones most likely: from the largest downwards, until they become less likely or a graphical
  /// lasso cannot be solved any more.
  ///
  /// - Throws: ``ExperimentError`` when none can be solved.
  static func selected(
    _ rows: [MemoryRows], configuration: TrainingConfiguration
  ) throws -> CollaborativeMixture {
    let blocks = rows.map {
      TimeBlocks(
        rowCount: $0.rowCount, blocks: configuration.blocks, every: configuration.validationEvery)
    }
    let training = try zip(rows, blocks).map { rows, blocks in
      MemoryRows(
        columnCount: rows.columnCount,
        values: try SelectedRows(rows, parts: blocks.training).readAll())
    }
    var found: [(penalty: Double, likelihood: Double)] = []
    for penalty in penalties.reversed() {
      guard
        let mixture = try? CollaborativeMixture(
          training, penalty: penalty, configuration: configuration)
      else { break }
      var likelihood = 0.0
      for s in rows.indices {
        var scorer = try mixture.scorer(s, kind: .likelihood)
        let held = SelectedRows(rows[s], parts: blocks[s].validation)
        likelihood -= try scorer.scores(of: held).reduce(0, +)
      }
      let isLess = found.contains { $0.likelihood > likelihood }
      found.append((penalty, likelihood))
      if isLess { break }
    }
    // Of equals the largest: it leaves fewer edges.
    for (penalty, _) in found.sorted(by: {
      ($0.likelihood, $0.penalty) > ($1.likelihood, $1.penalty)
    }) {
      if let mixture = try? CollaborativeMixture(
        rows, penalty: penalty, configuration: configuration)
      {
        return mixture
      }
    }
    throw ExperimentError("no penalty of the table solves the graphical lasso of the patterns")
  }

  /// A participant's scorer.
  func scorer(_ participant: Int, kind: MixtureScore) throws -> GraphicalScorer {
    try GraphicalScorer(
      patterns, weights: weights[participant], standardisation: standardisations[participant],
      window: CausalWindow(1), kind: kind, smoothing: 1)
  }

  /// The share of each pattern in all participants' rows, `[K]`, when all have as many.
  public var shares: [Double] {
    patterns.indices.map { k in
      weights.reduce(0) { $0 + $1[k] } / Double(max(1, weights.count))
    }
  }
}
