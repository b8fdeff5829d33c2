import AnomalyDetection
import Datasets
import GraphicalModels

// What a participant detects with.

extension GGMParticipant {
  /// What a run came to for one participant.
  public struct Outcome: Sendable {
    /// The patterns that all share.
    public let patterns: [GaussianPattern]
    /// πˢ of this participant, `[K]`.
    public let weights: [Double]
    /// The patterns that conditional scores are of, and how far its own rows lie from what they let
    /// expect.
    public let noisyPatterns: [GaussianPattern]
    public let spread: ConditionalSpread
    /// ρ, as a share of the rows.
    public let penalty: Double
    /// Scores of this participant's normal rows by patterns that had not seen them, ascending.
    public let calibration: [Double]
    let standardisation: Standardisation
    let window: CausalWindow
    let kind: MixtureScore
    let smoothing: Int

    /// A scorer with all that was learned.
    ///
    /// - Parameters:
    ///   - kind: `nil` for the score that ``calibration`` is of.
    ///   - smoothing: rows of a mean; `nil` for as many as in ``calibration``.
    /// - Throws: `MixtureError`.
    public func scorer(
      _ kind: MixtureScore? = nil, smoothing: Int? = nil
    ) throws -> GraphicalScorer {
      let kind = kind ?? self.kind
      return try GraphicalScorer(
        kind == .conditional ? noisyPatterns : patterns, weights: weights,
        standardisation: standardisation, window: window, kind: kind,
        smoothing: smoothing ?? self.smoothing, spread: spread)
    }
  }

  /// What the run came to.
  ///
  /// - Precondition: the run is finished.
  /// - Throws: `MixtureError`, and whatever the source of the rows throws.
  public func outcome() throws -> Outcome {
    precondition(isFinished, "an outcome before the run is finished")
    return try outcome(learning?.dictionary.patterns ?? [])
  }

  /// What some patterns detect with, in the units and with the spread of the present stage's rows.
  func outcome(_ patterns: [GaussianPattern]) throws -> Outcome {
    let noisy = try patterns.map { try $0.withNoise(settings.readingNoise) }
    return Outcome(
      patterns: patterns, weights: weights.values, noisyPatterns: noisy, spread: try spread(noisy),
      penalty: penalty, calibration: calibration, standardisation: view.standardisation,
      window: view.window, kind: settings.score, smoothing: configuration.scoring.smoothing)
  }

  /// The spread of the rows of the present stage under some patterns.
  private func spread(_ patterns: [GaussianPattern]) throws -> ConditionalSpread {
    var accumulator = try ConditionalSpreadAccumulator(patterns, weights: weights)
    try view.forEachPiece(of: 1024) { rows, windows in
      accumulator.add(windows.span, count: rows.count)
    }
    return accumulator.finish()
  }
}
