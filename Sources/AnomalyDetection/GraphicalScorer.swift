import Datasets
import GraphicalModels
import LinearAlgebra

/// Scores rows by a dictionary of Gaussian graphical models with a participant's own weights
/// (CollabDict 2024, Eqs. 19 and 20; 2018, Eqs. 24 and 26 to 28).
///
/// What is scored is the window that ends at the row; the conditional score is that of the row's own
/// variables beside the rest of the window. The scores are then averaged over the last rows.
public struct GraphicalScorer: AnomalyScorer {
  public let variables: Int
  /// Of what kind the scores are.
  public let kind: MixtureScore
  private let window: CausalWindow
  private let standardisation: Standardisation
  private var scorer: MixtureScorer
  /// By patterns of readings with noise.
  private var conditionalScorer: MixtureScorer
  private var smoothedScores: CausalMean
  private var smoothedParts: CausalMean
  private var smoothedConditionals: CausalMean
  // The last rows of the series, standardised.
  private var context: [Float] = []

  /// - Parameters:
  ///   - weights: πˢ, `[K]`.
  ///   - smoothing: rows of a mean.
  ///   - readingNoise: what each reading may be off by in conditional scores, in standard deviations.
  ///   - spread: the participant's own, for conditional scores; `nil` for what the patterns say.
  /// - Throws: ``MixtureError``.
  public init(
    _ patterns: [GaussianPattern], weights: [Double], standardisation: Standardisation,
    window: CausalWindow, kind: MixtureScore, smoothing: Int, readingNoise: Double = 0,
    spread: ConditionalSpread? = nil
  ) throws(MixtureError) {
    scorer = try MixtureScorer(patterns, weights: weights)
    conditionalScorer = try MixtureScorer(
      try patterns.withNoise(readingNoise), weights: weights, spread: spread)
    precondition(
      scorer.variables % window.length == 0,
      "patterns of \(scorer.variables) numbers for windows of \(window.length) rows")
    variables = scorer.variables / window.length
    self.kind = kind
    self.window = window
    self.standardisation = standardisation
    smoothedScores = CausalMean(length: smoothing, width: 1)
    smoothedParts = CausalMean(length: smoothing, width: variables)
    smoothedConditionals = CausalMean(length: smoothing, width: variables)
  }

  public mutating func reset() {
    context = []
    smoothedScores.reset()
    smoothedParts.reset()
    smoothedConditionals.reset()
  }

  public mutating func score(_ rows: [Float], count: Int) -> ScoredRows {
    precondition(
      rows.count >= count * variables, "\(rows.count) values are not \(count) rows of \(variables)")
    var result = ScoredRows(variables: variables)
    var standardised: [Float] = []
    standardisation.apply(rows, count: count, into: &standardised)
    let before = context.count / variables
    var series = context
    series.append(contentsOf: standardised.prefix(count * variables))
    let features = scorer.variables
    var windows = [Float](repeating: 0, count: count * features)
    do {
      var span = windows.mutableSpan
      for row in 0..<count {
        window.write(
          endingAt: before + row, of: series, columns: variables, into: &span, at: row * features)
      }
    }
    let (kind, standardisation, variables) = (kind, standardisation, variables)
    conditionalScorer.forEachRow(of: windows.span, count: count) { _, row in
      let conditionals = row.conditional[..<variables]
      result.conditionals.append(contentsOf: conditionals)
      if kind == .conditional { result.scores.append(conditionals.reduce(0, +)) }
    }
    if kind == .conditional { result.parts = result.conditionals }
    scorer.forEachRow(of: windows.span, count: count) { _, row in
      if kind != .conditional {
        result.scores.append(row[kind])
        result.parts.append(contentsOf: Self.parts(row, kind, variables: variables))
      }
      result.responsibilities.append(contentsOf: row.responsibilities)
      for v in 0..<variables {
        result.reconstruction.append(standardisation.restore(row.expected[v], column: v))
      }
    }
    let kept = min(before + count, window.length - 1) * variables
    context = Array(series.suffix(kept))
    for row in 0..<count {
      smoothedScores.apply(&result.scores, at: row)
      smoothedParts.apply(&result.parts, at: row * variables)
      smoothedConditionals.apply(&result.conditionals, at: row * variables)
    }
    return result
  }

  /// The parts of the variables in a row's score, which they add up to.
  private static func parts(
    _ row: MixtureScorer.Row, _ kind: MixtureScore, variables: Int
  ) -> [Double] {
    var parts = [Double](repeating: 0, count: variables)
    for (i, part) in row.posteriorParts.enumerated() { parts[i % variables] += part }
    // The uncertainty which pattern it is belongs to no variable more than to another.
    let rest = (row[kind] - row.posterior) / Double(variables)
    return parts.map { $0 + rest }
  }
}
