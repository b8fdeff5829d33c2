import Datasets
import GraphicalModels

/// What was watched of a participant during training: how many rows stood behind what it told of its
/// patterns (CollabDict 2024, Sec. 6.2).
public struct WatchedDiversity: Sendable, Equatable {
  /// Effective rows behind the pattern with the fewest, in any round.
  public var leastEffectiveRows: Double
  /// Rounds in which noise was put on rows.
  public var noisedRounds: Int

  public init(leastEffectiveRows: Double = .infinity, noisedRounds: Int = 0) {
    self.leastEffectiveRows = leastEffectiveRows
    self.noisedRounds = noisedRounds
  }
}

/// What training of a mixture leaves to one participant.
public struct MixtureParticipant: DetectorParticipant {
  public let name: String
  public var standardisation: Standardisation
  /// πˢ, how often it is in each pattern, `[K]`.
  public var weights: [Double]
  /// How far its own readings lie from what the other variables say of them.
  public var spread: ConditionalSpread
  /// Scores of its normal rows by patterns that had not seen them, ascending.
  public var calibration: [Double]
  /// Rows that it learned from.
  public var trainingRows: Int
  /// The mean conditional of each variable in its training rows, `[variables]`.
  public var baseline: [Double]
  /// What was watched in training; `nil` where nobody asked for it.
  public var diversity: WatchedDiversity?

  public init(
    name: String, standardisation: Standardisation, weights: [Double], spread: ConditionalSpread,
    calibration: [Double], trainingRows: Int, baseline: [Double],
    diversity: WatchedDiversity? = nil
  ) {
    self.name = name
    self.standardisation = standardisation
    self.weights = weights
    self.spread = spread
    self.calibration = calibration
    self.trainingRows = trainingRows
    self.baseline = baseline
    self.diversity = diversity
  }
}

/// A trained mixture of sparse Gaussian graphical models: the patterns that all participants share,
/// and the weights that each keeps (CollabDict 2024, Sec. 4.3).
public struct MixtureModel: DetectorModel {
  public var variableNames: [String]?
  public var units: [String]?
  public var window: CausalWindow
  public var seed: UInt64
  /// What the patterns were found with: m₀, λ₀ and ρ.
  public var prior: PatternPrior
  /// (μₖ, Λₖ), each over the numbers of a window.
  public var patterns: [GaussianPattern]
  /// N̄ₖ, how many rows of all participants together each pattern stands for, `[K]`.
  public var rows: [Double]
  /// Patterns that the participants started with, before those without use were dropped and joined.
  public var startedWith: Int
  /// The sums over all participants' rows that the patterns came from (CollabDict 2024, Eq. 14).
  public var statistics: PatternStatistics
  public var kind: MixtureScore
  /// What each reading may be off by in conditional scores, in standard deviations.
  public var readingNoise: Double
  public var participants: [MixtureParticipant]
  public var scoring: ScoringOptions

  public init(
    variableNames: [String]? = nil, units: [String]? = nil, window: CausalWindow, seed: UInt64,
    prior: PatternPrior, patterns: [GaussianPattern], rows: [Double], startedWith: Int,
    statistics: PatternStatistics, kind: MixtureScore, readingNoise: Double,
    participants: [MixtureParticipant], scoring: ScoringOptions
  ) {
    precondition(
      !patterns.isEmpty && rows.count == patterns.count,
      "\(patterns.count) patterns with \(rows.count) numbers of rows")
    self.variableNames = variableNames
    self.units = units
    self.window = window
    self.seed = seed
    self.prior = prior
    self.patterns = patterns
    self.rows = rows
    self.startedWith = startedWith
    self.statistics = statistics
    self.kind = kind
    self.readingNoise = readingNoise
    self.participants = participants
    self.scoring = scoring
  }

  /// D, the numbers of a window.
  public var features: Int { patterns[0].variables }

  public var variables: Int { features / window.length }

  /// The name of a number of a window: the variable, and how many rows ago it was read.
  public func featureName(_ index: Int) -> String {
    let lag = index / variables
    return variableName(index % variables) + (lag == 0 ? "" : " (\(lag) before)")
  }

  /// The share of all rows that a pattern stands for.
  public func share(of pattern: Int) -> Double {
    rows[pattern] / max(rows.reduce(0, +), .leastNormalMagnitude)
  }

  /// A scorer with a participant's weights and units.
  ///
  /// - Parameters:
  ///   - kind: `nil` for the score that the model's thresholds are of.
  ///   - smoothing: rows of a mean; `nil` for as many as in those.
  /// - Throws: ``MixtureError`` when a precision matrix is none.
  public func scorer(
    for participant: MixtureParticipant, _ kind: MixtureScore? = nil, smoothing: Int? = nil
  ) throws(MixtureError) -> GraphicalScorer {
    try GraphicalScorer(
      patterns, weights: participant.weights, standardisation: participant.standardisation,
      window: window, kind: kind ?? self.kind, smoothing: smoothing ?? scoring.smoothing,
      readingNoise: readingNoise, spread: participant.spread)
  }

  public func scorer(at index: Int) -> any AnomalyScorer {
    do {
      return try scorer(for: participants[index])
    } catch {
      // Training and reading of files let no such matrix pass.
      preconditionFailure("\(error)")
    }
  }

  public func startScorer(at index: Int) -> (any AnomalyScorer)? { nil }
}
