import LinearAlgebra

/// How far a participant's own readings lie from what the other variables say of them, beside what
/// the shared patterns let expect.
///
/// Participants share the patterns, and with them by which weights the other variables tell a
/// reading (CollabDict 2018, Eq. 27). How exactly they tell it differs from machine to machine, and
/// a penalty makes the shared variance 1/Λᵢᵢ (Eq. 28) larger than it is. So each participant has,
/// of every pattern and variable, a factor of its own: the mean of Λᵢᵢ (xᵢ - mᵢ)² over its rows.
public struct ConditionalSpread: Sendable, Equatable {
  /// K.
  public let patterns: Int
  /// M.
  public let variables: Int
  /// By what 1/Λᵢᵢ is multiplied, `[K, M]`, positive.
  public let factors: [Double]

  /// For so many rows counts the shared variance.
  public static let priorRows = 16.0
  /// No reading, standardised, is known with a smaller variance: a hundredth of its spread.
  public static let floor = 1e-4

  /// - Parameter factors: `[K, M]`.
  public init(patterns: Int, variables: Int, factors: [Double]) {
    precondition(
      factors.count == patterns * variables && factors.allSatisfy { $0 > 0 },
      "\(factors.count) positive factors for [\(patterns), \(variables)]")
    self.patterns = patterns
    self.variables = variables
    self.factors = factors
  }

  /// The shared variances as they are.
  public static func shared(patterns: Int, variables: Int) -> ConditionalSpread {
    ConditionalSpread(
      patterns: patterns, variables: variables,
      factors: [Double](repeating: 1, count: patterns * variables))
  }
}

/// Adds up what a ``ConditionalSpread`` is made of, row after row.
public struct ConditionalSpreadAccumulator: Sendable {
  private let patterns: [GaussianPattern]
  private let logWeights: [Double]
  private var evaluator: PatternEvaluator
  /// Σₙ rₖ, `[K]`, and Σₙ rₖ Λᵢᵢ (xᵢ - mᵢ)², `[K, M]`.
  private var counts: [Double]
  private var sums: [Double]

  /// A row whose responsibility is below that changes nothing that can be seen.
  private static let negligible = 1e-9

  /// - Parameter weights: πₖ, `[K]`.
  /// - Throws: ``MixtureError``.
  public init(_ patterns: [GaussianPattern], weights: MixtureWeights) throws(MixtureError) {
    precondition(
      weights.values.count == patterns.count,
      "\(weights.values.count) weights of \(patterns.count)")
    self.patterns = patterns
    logWeights = weights.logarithms
    evaluator = try PatternEvaluator(patterns)
    counts = [Double](repeating: 0, count: patterns.count)
    sums = [Double](repeating: 0, count: patterns.count * evaluator.variables)
  }

  /// - Parameter rows: `[count, M]`; NaN where a value is missing, which counts as 0.
  public mutating func add(_ rows: Span<Float>, count: Int) {
    let (patterns, logWeights) = (patterns, logWeights)
    let m = evaluator.variables
    var (counts, sums) = ([Double](), [Double]())
    swap(&counts, &self.counts)
    swap(&sums, &self.sums)
    evaluator.forEachBlock(of: rows, count: count, logWeights: logWeights) { block in
      for r in 0..<block.rows.count {
        for k in patterns.indices {
          let share = block.shares[r * patterns.count + k]
          guard share > Self.negligible else { continue }
          let distances = MixtureScorer.distancesFromMean(r, block, patterns[k])
          counts[k] += share
          for i in 0..<m {
            let weighted = distances.weighted[i]
            sums[k * m + i] += share * weighted * weighted / patterns[k].precision[i, i]
          }
        }
      }
    }
    swap(&counts, &self.counts)
    swap(&sums, &self.sums)
  }

  /// The spread of all rows that were added.
  public consuming func finish() -> ConditionalSpread {
    let m = evaluator.variables
    var factors: [Double] = []
    for (k, pattern) in patterns.enumerated() {
      for i in 0..<m {
        let prior = ConditionalSpread.priorRows
        let factor = (sums[k * m + i] + prior) / (counts[k] + prior)
        factors.append(max(factor, ConditionalSpread.floor * pattern.precision[i, i]))
      }
    }
    return ConditionalSpread(patterns: patterns.count, variables: m, factors: factors)
  }
}

extension GaussianPattern {
  /// The pattern of the same readings with independent noise added to each:
  /// N(x | μ, Λ⁻¹ + s² I).
  ///
  /// Where variables nearly determine one another, the regressions of Eq. (27) have large weights,
  /// which carry a deviation of one reading into the expectation of many. A reading that is itself
  /// uncertain is told by less (errors in variables).
  ///
  /// - Parameter deviation: s, in the unit of the standardised readings.
  /// - Throws: ``MixtureError``.
  public func withNoise(_ deviation: Double) throws(MixtureError) -> GaussianPattern {
    guard deviation > 0 else { return self }
    guard let factor = precision.choleskyFactor() else { throw .notPositiveDefinite(pattern: 0) }
    var covariance = factor.inverse()
    for i in 0..<variables { covariance[i, i] += deviation * deviation }
    guard let noisy = covariance.choleskyFactor() else { throw .notPositiveDefinite(pattern: 0) }
    return GaussianPattern(mean: mean, precision: noisy.inverse())
  }
}

extension [GaussianPattern] {
  /// All of them with noise added: see ``GaussianPattern/withNoise(_:)``.
  ///
  /// - Throws: ``MixtureError``.
  public func withNoise(_ deviation: Double) throws(MixtureError) -> [GaussianPattern] {
    var noisy: [GaussianPattern] = []
    for pattern in self { noisy.append(try pattern.withNoise(deviation)) }
    return noisy
  }
}
