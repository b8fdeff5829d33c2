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
  /// Passes over the rows in batches, before rounds over all rows; 0 for none.
  public var onlinePasses = 0
  /// Batches of a pass.
  public var onlineBatches = 10
  /// κ of ``OnlineStatistics``.
  public var onlineDecay = 0.6
  /// R of CollabDict 2024, Theorem 1: windows are held within R/2 of 0, so that no two of them are
  /// further apart; `nil` for as they are. A private release needs it.
  public var radius: Double?
  /// l₀ of CollabDict 2024, Sec. 6.2: behind what a participant tells of a pattern stand at least so
  /// many effective rows, or noise is put on them; `nil` for no watch.
  public var leastDiversity: Double?

  public init() {}

  /// The shares from which ρ is chosen.
  static let penalties = [1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
  /// With which the patterns are looked for.
  static let firstPenalty = 1e-2
}

extension TrainingConfiguration {
  /// The options of mixtures.
  static let mixtureOptions: [ConfigurationOption] = [
    cases(
      "mixture-start", "patterns start from clusters of rows, or from blocks of consecutive rows",
      \.mixture.start),
    number(
      "start-patterns", "patterns with which each participant starts", 1...1000,
      \.mixture.startPatterns),
    number(
      "pattern-limit", "patterns at the start in all", 1...10000, \.mixture.patternLimit),
    automatic(
      "penalty", "price of an edge as a share of all rows; auto for the best on held-out rows",
      1e-9...1e3, \.mixture.penalty),
    number(
      "prior-strength", "rows that the prior's centre counts for", 1e-6...1e6,
      \.mixture.priorStrength),
    automatic(
      "cardinality-penalty", "what a pattern has to be worth, in nats", 0...1e12,
      \.mixture.cardinalityPenalty),
    number(
      "fewest-rows", "a pattern of fewer rows is discarded", 0...1e12, \.mixture.fewestRows),
    cases("score", "what the score of a row is under a mixture", \.mixture.score),
    number(
      "reading-noise", "for conditional scores, what each reading may be off by, in deviations",
      0...10, \.mixture.readingNoise),
    number(
      "online-passes", "passes over the rows in batches, before rounds over all rows", 0...10000,
      \.mixture.onlinePasses),
    number("online-batches", "batches of such a pass", 1...100_000, \.mixture.onlineBatches),
    number(
      "online-decay", "how fast batches past are forgotten: the step falls with t to minus this",
      0.501...1, \.mixture.onlineDecay),
    automatic(
      "radius", "R: windows are held within R/2 of 0, in standard deviations, for private export",
      1e-6...1e9, \.mixture.radius, absent: "none"),
    automatic(
      "least-diversity", "effective rows that must stand behind a pattern, or noise is added",
      1...1e12, \.mixture.leastDiversity, absent: "none"),
  ].map { $0.only(.ggm) }
}
