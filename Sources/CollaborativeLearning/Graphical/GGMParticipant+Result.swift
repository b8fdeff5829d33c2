import AnomalyDetection
import Datasets
import GraphicalModels

/// What a finished participant of a mixture hands out.
public struct MixtureResult: Sendable {
  public let dictionary: PatternDictionary
  public let statistics: PatternStatistics
  public let startedWith: Int
  public let participant: MixtureParticipant
}

extension GGMParticipant: FleetParticipant {
  public func result(name: String) throws -> MixtureResult {
    guard isFinished, let learning, let statistics = learning.settledStatistics else {
      preconditionFailure("a result before the run is finished")
    }
    return MixtureResult(
      dictionary: learning.dictionary, statistics: statistics,
      startedWith: StartStatistics.slots(participants: participants, settings),
      participant: MixtureParticipant(
        name: name, standardisation: view.standardisation, weights: weights.values,
        spread: try spread(learning.dictionary.patterns), calibration: calibration,
        trainingRows: data.source.rowCount,
        baseline: try usualEvidence(learning.dictionary),
        diversity: settings.leastDiversity == nil ? nil : watched))
  }

  /// The mean conditional of each variable over the training rows, `[variables]`.
  private func usualEvidence(_ dictionary: PatternDictionary) throws -> [Double] {
    var scorer = try scorer(dictionary.patterns, smoothing: 1)
    var sums = [Double](repeating: 0, count: scorer.variables)
    try scorer.forEachScoredPiece(of: data.source) { _, scored in
      for row in 0..<scored.count {
        for (variable, value) in scored.evidence(row).enumerated() { sums[variable] += value }
      }
    }
    return sums.map { $0 / Double(data.source.rowCount) }
  }

  public static func model(
    _ results: [MixtureResult], variableNames: [String]?, units: [String]?,
    configuration: TrainingConfiguration
  ) -> MixtureModel {
    let shared = results[0]
    return MixtureModel(
      variableNames: variableNames, units: units, window: CausalWindow(configuration.window),
      seed: configuration.seed, prior: shared.dictionary.prior,
      patterns: shared.dictionary.patterns, rows: shared.dictionary.entries.map(\.rows),
      startedWith: shared.startedWith, statistics: shared.statistics,
      kind: configuration.mixture.score, readingNoise: configuration.mixture.readingNoise,
      participants: results.map(\.participant),
      scoring: configuration.scoring)
  }

  public static func finished(_ run: TrainedModel<MixtureModel>) -> FinishedRun { .mixture(run) }
}
