import AnomalyDetection
import GraphicalModels

/// How the patterns of a mixture start.
public enum MixtureStart: String, Sendable, Hashable, CaseIterable {
  /// Clusters of each participant's own rows (k-means++).
  case clusters
  /// Blocks of consecutive rows of each participant, with twice the spread of the data added
  /// (CollabDict 2018, Sec. V-B).
  case blocks
}

/// What the participants of a mixture of Gaussian graphical models agree on beside the rest of
/// ``TrainingConfiguration``.
public struct MixtureSettings: Sendable, Equatable {
  public var start = MixtureStart.clusters
  /// Patterns with which each participant starts.
  public var startPatterns = 5
  /// Patterns at the start in all; beyond that, participants share them.
  public var patternLimit = 60
  /// ρ of Eq. (8), as a share of all rows; `nil` for the best on held-out rows.
  public var penalty: Double?
  /// λ₀ of Eq. (8).
  public var priorStrength = 1.0
  /// What a pattern has to be worth, in nats; `nil` for 3/2 of the variables times ln of the rows.
  public var cardinalityPenalty: Double?
  /// δ: a pattern of fewer rows is discarded.
  public var fewestRows = 16.0
  public var score = MixtureScore.likelihood
  /// For conditional scores, the noise that every reading is taken to carry beside what the patterns
  /// say, in standard deviations of the reading.
  public var readingNoise = 0.3

  public init() {}

  /// The shares from which ρ is chosen.
  static let penalties = [3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
  /// With which the patterns are looked for.
  static let firstPenalty = 1e-2
}
