import GraphicalModels
import LinearAlgebra

extension SymmetricMatrix {
  /// ‖A‖₂, the largest magnitude of an eigenvalue; infinite where there are none.
  var spectralNorm: Double {
    guard let values = eigendecomposition()?.values else { return .infinity }
    return values.reduce(0) { max($0, $1.magnitude) }
  }
}

/// The figures of CollabDict 2024, Sec. 6.1, for one pattern: μₖ is drawn from its posterior
/// N(wₖ, (λₖ Λₖ)⁻¹), λₖ = λ₀ + N̄ₖ, once with a row and once with another in its place (Eq. 42).
///
/// They cover μₖ only, with Λₖ, λₖ and the responsibilities of all rows held fixed.
public struct PosteriorDivergence: Sendable {
  /// ‖Λₖ‖₂.
  public let spectralNorm: Double
  /// λₖ.
  public let strength: Double
  private let precision: SymmetricMatrix

  /// - Parameter strength: λₖ, positive.
  public init(precision: SymmetricMatrix, strength: Double) {
    precondition(strength > 0, "λ = \(strength)")
    self.precision = precision
    self.strength = strength
    spectralNorm = precision.spectralNorm
  }

  /// Eq. (43) for one pair of posterior means and any order: two Gaussians with one covariance have
  /// D_α = α/2 (w - w̃)ᵀ λΛ (w - w̃).
  public func divergence(order: Double, _ mean: [Double], _ other: [Double]) -> Double {
    let m = precision.order
    precondition(
      order >= 1 && mean.count == m && other.count == m,
      "α = \(order), means of \(mean.count) and \(other.count) variables, Λ of \(m)")
    var sum = 0.0
    for i in 0..<m {
      var row = 0.0
      for j in 0..<m { row += precision[i, j] * (mean[j] - other[j]) }
      sum += (mean[i] - other[i]) * row
    }
    return order / 2 * strength * sum
  }

  /// Eq. (44): α r² ‖Λₖ‖₂ R² / (2 λₖ), whatever the two rows are.
  ///
  /// - Parameters:
  ///   - distance: R, the largest distance of two rows.
  ///   - responsibility: the most that one row can have in the pattern.
  public func bound(order: Double, distance: Double, responsibility: Double = 1) -> Double {
    precondition(order >= 1 && distance >= 0, "α = \(order), R = \(distance)")
    let square = responsibility * responsibility * distance * distance
    return order / (2 * strength) * spectralNorm * square
  }

  /// The theorem's bound, Eq. (46): α K B R² / (2 λ₀) with B the largest ‖Λₖ‖₂. It leaves out that
  /// the responsibilities of a row add up to 1, and that λₖ is larger than λ₀.
  public static func theoremBound(
    order: Double, spectralNorms: [Double], priorStrength: Double, distance: Double
  ) -> Double {
    precondition(order >= 1 && priorStrength > 0, "α = \(order), λ₀ = \(priorStrength)")
    let patterns = Double(spectralNorms.count)
    let largest = spectralNorms.max() ?? 0
    return order * patterns * largest * distance * distance / (2 * priorStrength)
  }

  /// A bound of ‖Λₖ‖₂ that is known before a row is seen: M (N + 1) / ρ.
  ///
  /// At the maximum of Eq. (16), (N + 1)/N Λ⁻¹ = Σ + ρ/N G with Gᵢⱼ Λᵢⱼ = |Λᵢⱼ|. The trace of it
  /// times Λ is M (N + 1)/N = Tr ΣΛ + ρ/N ‖Λ‖₁ ≥ ρ/N Tr Λ ≥ ρ/N ‖Λ‖₂.
  public static func spectralBound(variables: Int, rows: Double, penalty: Double) -> Double {
    precondition(penalty > 0 && rows >= 0, "ρ = \(penalty), \(rows) rows")
    return Double(variables) * (rows + 1) / penalty
  }

  /// The bound of ‖Λₖ‖₂ of Appendix B: the largest t with
  /// t - (1 + h/c) b ln t - (1 + h/c) f(I) = 0, where b = M (N + 1)/N, c = ρ/N,
  /// h = max |Σ - I| and f(I) = Tr Σ + ρ M/N.
  ///
  /// It depends on the rows through Σ, which ``spectralBound(variables:rows:penalty:)`` does not.
  public static func appendixBound(
    scatter: SymmetricMatrix, rows: Double, penalty: Double
  ) -> Double {
    precondition(penalty > 0 && rows > 0, "ρ = \(penalty), \(rows) rows")
    let m = scatter.order
    let (b, c) = (Double(m) * (rows + 1) / rows, penalty / rows)
    var (h, trace) = (0.0, 0.0)
    for i in 0..<m {
      trace += scatter[i, i]
      for j in 0..<m { h = max(h, (scatter[i, j] - (i == j ? 1 : 0)).magnitude) }
    }
    let factor = 1 + h / c
    let (slope, constant) = (factor * b, factor * (trace + c * Double(m)))
    // Right of its minimum at t = slope the function grows; from a point where it is positive,
    // Newton's steps come down to the root, as it is convex.
    var t = max(2 * slope, 1)
    while t - slope * t.logarithm - constant < 0 { t *= 2 }
    for _ in 0..<200 {
      let value = t - slope * t.logarithm - constant
      let next = t - value / (1 - slope / t)
      guard next < t, next > slope else { break }
      t = next
    }
    return t
  }
}
