import LinearAlgebra

/// What is taken for granted of every pattern before a row is seen:
/// p(μ, Λ) ∝ N(μ | m₀, (λ₀ Λ)⁻¹) exp(-ρ/2 ‖Λ‖₁) (CollabDict 2024, Eq. 8).
public struct PatternPrior: Sendable, Equatable {
  /// m₀, `[M]`.
  public var mean: [Double]
  /// λ₀: as many rows as the prior's centre counts for.
  public var strength: Double
  /// ρ: how dear an entry of Λ is, the diagonal included.
  public var penalty: Double

  public init(mean: [Double], strength: Double = 1, penalty: Double) {
    precondition(strength > 0 && penalty > 0, "λ₀ = \(strength), ρ = \(penalty)")
    self.mean = mean
    self.strength = strength
    self.penalty = penalty
  }

  /// ln p(μ, Λ), but for the constant of the exponential's norm, which is the same for all patterns.
  public func logDensity(of pattern: GaussianPattern, logDeterminant: Double) -> Double {
    let m = pattern.variables
    var distance = 0.0
    var norm = 0.0
    for i in 0..<m {
      var row = 0.0
      for j in 0..<m {
        let entry = pattern.precision[i, j]
        row += entry * (pattern.mean[j] - mean[j])
        norm += entry.magnitude
      }
      distance += (pattern.mean[i] - mean[i]) * row
    }
    let scale = Double(m) * (strength / (2 * Double.pi)).logarithm
    return 0.5 * (scale + logDeterminant - strength * distance - penalty * norm)
  }
}

/// The sufficient statistics of one pattern.
struct PatternMoments: Sendable {
  /// N̄.
  var count: Double
  /// N̄ m̄, `[M]`.
  var sum: [Double]
  /// N̄ C̄: the scatter about 0.
  var scatter: SymmetricMatrix

  init(_ statistics: PatternStatistics, _ k: Int) {
    count = statistics.count(k)
    sum = statistics.sum(k)
    scatter = statistics.scatter(k)
  }

  /// The moments of both patterns' rows together.
  static func + (a: PatternMoments, b: PatternMoments) -> PatternMoments {
    var result = a
    result.count += b.count
    for i in a.sum.indices { result.sum[i] += b.sum[i] }
    for i in a.scatter.elements.indices { result.scatter.elements[i] += b.scatter.elements[i] }
    return result
  }

  /// μ of Eq. (15) and Σ of Eq. (16).
  func posterior(_ prior: PatternPrior) -> (mean: [Double], scatter: SymmetricMatrix) {
    let m = sum.count
    let total = prior.strength + count
    let shift = prior.strength / total
    var mean = [Double](repeating: 0, count: m)
    var centre = mean
    for i in 0..<m {
      mean[i] = (prior.strength * prior.mean[i] + sum[i]) / total
      centre[i] = sum[i] / count
    }
    var result = scatter
    for i in 0..<m {
      for j in 0..<m {
        let pull = shift * (centre[i] - prior.mean[i]) * (centre[j] - prior.mean[j])
        result[i, j] = scatter[i, j] / count - centre[i] * centre[j] + pull
      }
    }
    return (mean, result)
  }
}
