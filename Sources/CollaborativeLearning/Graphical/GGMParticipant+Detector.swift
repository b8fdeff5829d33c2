import AnomalyDetection
import Datasets
import GraphicalModels

// What a participant detects with.

extension GGMParticipant {
  /// A scorer by some patterns, with this participant's weights, and in the units and with the spread
  /// of the present stage's rows.
  ///
  /// - Parameter smoothing: rows of a mean.
  /// - Throws: `MixtureError`, and whatever the source of the rows throws.
  func scorer(_ patterns: [GaussianPattern], smoothing: Int) throws -> GraphicalScorer {
    try GraphicalScorer(
      patterns, weights: weights.values, standardisation: view.standardisation,
      window: view.window, kind: settings.score, smoothing: smoothing,
      readingNoise: settings.readingNoise, spread: try spread(patterns))
  }

  /// How far this participant's rows of the present stage lie from what patterns let expect.
  func spread(_ patterns: [GaussianPattern]) throws -> ConditionalSpread {
    var accumulator = try ConditionalSpreadAccumulator(
      patterns.withNoise(settings.readingNoise), weights: weights)
    try view.forEachPiece(of: 1024) { rows, windows in
      accumulator.add(windows.span, count: rows.count)
    }
    return accumulator.finish()
  }
}
