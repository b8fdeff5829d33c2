import LinearAlgebra

/// What the score of a row is.
public enum MixtureScore: String, Sendable, Hashable, CaseIterable {
  /// -ln Σₖ πₖ N(x | μₖ, Λₖ⁻¹): how unlikely the row is (CollabDict 2018, Eq. 24).
  case likelihood
  /// -Σₖ rₖ(x) ln N(x | μₖ, Λₖ⁻¹): the patterns' own scores, weighted by how well they fit
  /// (CollabDict 2024, Eqs. 19 and 20).
  case posterior
  /// Σᵢ -ln p(xᵢ | x₋ᵢ): how unlikely each variable is beside the others (CollabDict 2018,
  /// Eqs. 26 to 28), with the participant's own ``ConditionalSpread``.
  case conditional
}

/// Scores of rows under a dictionary with a participant's own weights.
public struct MixtureScorer: Sendable {
  public let patterns: [GaussianPattern]
  /// ln πₖ.
  public let logWeights: [Double]
  public let spread: ConditionalSpread
  private var evaluator: PatternEvaluator

  /// - Parameters:
  ///   - weights: πₖ, `[K]`.
  ///   - spread: of the conditional scores; `nil` for what the patterns say.
  public init(
    _ patterns: [GaussianPattern], weights: [Double], spread: ConditionalSpread? = nil
  ) throws(MixtureError) {
    precondition(weights.count == patterns.count, "\(weights.count) weights of \(patterns.count)")
    self.patterns = patterns
    logWeights = weights.map { $0 > 0 ? $0.logarithm : -.infinity }
    evaluator = try PatternEvaluator(patterns)
    let (k, m) = (patterns.count, evaluator.variables)
    let spread = spread ?? .shared(patterns: k, variables: m)
    precondition(
      spread.patterns == k && spread.variables == m,
      "a spread of [\(spread.patterns), \(spread.variables)] for patterns of [\(k), \(m)]")
    self.spread = spread
  }

  public var variables: Int { evaluator.variables }

  /// What is known of one row.
  public struct Row: Sendable {
    /// -ln p(x), Eq. (24) of 2018.
    public var likelihood: Double
    /// Eqs. (19) and (20) of 2024.
    public var posterior: Double
    /// The parts of the variables in ``posterior``, which they add up to.
    public var posteriorParts: [Double]
    /// -ln p(xᵢ | x₋ᵢ) under the mixture, with the participant's own spread, `[M]`.
    public var conditional: [Double]
    /// Σₖ rₖ E(xᵢ | x₋ᵢ, k): what would have been expected of each variable, Eq. (27).
    public var expected: [Double]
    /// rₖ(x), Eq. (18).
    public var responsibilities: [Double]

    /// The score of a kind.
    public subscript(_ kind: MixtureScore) -> Double {
      switch kind {
      case .likelihood: likelihood
      case .posterior: posterior
      case .conditional: conditional.reduce(0, +)
      }
    }
  }

  /// Goes through rows one after the other.
  ///
  /// The conditional of a mixture is a mixture of the patterns' conditionals, each with the weight
  /// that it has after the other variables were seen: p(xᵢ | x₋ᵢ) = p(x) / p(x₋ᵢ).
  ///
  /// - Parameter rows: `[count, M]`; NaN where a value is missing, which counts as 0.
  public mutating func forEachRow(
    of rows: Span<Float>, count: Int, _ body: (_ row: Int, _ scores: Row) throws -> Void
  ) rethrows {
    let (patterns, logWeights, spread) = (patterns, logWeights, spread)
    try evaluator.forEachBlock(of: rows, count: count, logWeights: logWeights) { block in
      for r in block.rows {
        try body(r, Self.scores(r - block.rows.lowerBound, block, patterns, logWeights, spread))
      }
    }
  }

  private static func scores(
    _ r: Int, _ block: borrowing PatternEvaluator.Block, _ patterns: [GaussianPattern],
    _ logWeights: [Double], _ spread: ConditionalSpread
  ) -> Row {
    let (m, count) = (patterns[0].variables, patterns.count)
    let zeros = [Double](repeating: 0, count: m)
    let shares = Array(block.shares[r * count..<(r + 1) * count])
    var row = Row(
      likelihood: -block.logSums[r], posterior: 0, posteriorParts: zeros, conditional: zeros,
      expected: zeros, responsibilities: shares)
    // Of every variable, ln Σₖ πₖ Nₖ(x₋ᵢ), and the same times p(xᵢ | x₋ᵢ, k).
    var others = LogSums(count: m)
    var all = LogSums(count: m)
    for k in 0..<count where logWeights[k] > -.infinity {
      let pattern = patterns[k]
      let density = block.logDensities[r * count + k]
      row.posterior -= shares[k] * density
      let distances = distancesFromMean(r, block, pattern)
      var quadratic = 0.0
      for i in 0..<m { quadratic += distances.deviation[i] * distances.weighted[i] }
      let rest = -density - 0.5 * quadratic
      for i in 0..<m {
        let diagonal = pattern.precision[i, i]
        // Eqs. (26) to (28): xᵢ - mᵢ = (Λ (x - μ))ᵢ / Λᵢᵢ.
        let residual = distances.weighted[i] / diagonal
        let logConditional =
          0.5 * ((diagonal / (2 * Double.pi)).logarithm - diagonal * residual * residual)
        row.expected[i] += shares[k] * (block.values[r * (m + 1) + i] - residual)
        row.posteriorParts[i] +=
          shares[k]
          * (0.5 * distances.deviation[i] * distances.weighted[i] + rest / Double(m))
        let term = logWeights[k] + density - logConditional
        let factor = spread.factors[k * m + i]
        let own =
          0.5
          * ((diagonal / (2 * Double.pi * factor)).logarithm
            - diagonal * residual * residual / factor)
        others.add(term, at: i)
        all.add(term + own, at: i)
      }
    }
    for i in 0..<m { row.conditional[i] = others[i] - all[i] }
    return row
  }

  /// x - μ and Λ (x - μ), `[M]` each.
  static func distancesFromMean(
    _ r: Int, _ block: borrowing PatternEvaluator.Block, _ pattern: GaussianPattern
  ) -> (deviation: [Double], weighted: [Double]) {
    let m = pattern.variables
    var deviation = [Double](repeating: 0, count: m)
    for i in 0..<m { deviation[i] = block.values[r * (m + 1) + i] - pattern.mean[i] }
    var weighted = [Double](repeating: 0, count: m)
    var span = weighted.mutableSpan
    multiply(
      pattern.precision.elements.span, .none, deviation.span, .none, into: &span, rows: m,
      columns: 1, inner: m)
    return (deviation, weighted)
  }
}

/// Logarithms of sums, each kept as its largest term and the sum of what is beside it.
private struct LogSums {
  private var largest: [Double]
  private var sums: [Double]

  init(count: Int) {
    largest = [Double](repeating: -.infinity, count: count)
    sums = [Double](repeating: 0, count: count)
  }

  mutating func add(_ term: Double, at i: Int) {
    guard term > -.infinity else { return }
    if term > largest[i] {
      sums[i] = sums[i] * (largest[i] - term).exponential + 1
      largest[i] = term
    } else {
      sums[i] += (term - largest[i]).exponential
    }
  }

  subscript(i: Int) -> Double { largest[i] + sums[i].logarithm }
}
