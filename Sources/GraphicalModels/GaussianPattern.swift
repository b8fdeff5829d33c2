import LinearAlgebra

/// A pattern of the dictionary that participants share: the Gaussian N(x | μ, Λ⁻¹)
/// (CollabDict 2024, Eq. 7).
public struct GaussianPattern: Sendable, Equatable {
  /// μ, `[variables]`.
  public var mean: [Double]
  /// Λ: where it is zero, two variables are independent given all the others.
  public var precision: SymmetricMatrix

  public init(mean: [Double], precision: SymmetricMatrix) {
    precondition(
      mean.count == precision.order,
      "a centre of \(mean.count) variables and a precision of order \(precision.order)")
    self.mean = mean
    self.precision = precision
  }

  /// M.
  public var variables: Int { mean.count }

  /// Pairs of variables that depend on one another directly: i < j with Λᵢⱼ ≠ 0.
  public var edges: [(Int, Int)] {
    var edges: [(Int, Int)] = []
    for i in 0..<variables {
      for j in (i + 1)..<max(variables, i + 1) where precision[i, j] != 0 { edges.append((i, j)) }
    }
    return edges
  }

  /// The partial correlation of two variables: what remains of their correlation when all others
  /// are known, in [-1, 1].
  public func partialCorrelation(_ i: Int, _ j: Int) -> Double {
    i == j ? 1 : -precision[i, j] / (precision[i, i] * precision[j, j]).squareRoot()
  }
}

/// Why a mixture cannot be formed or improved.
public enum MixtureError: Error, Equatable, CustomStringConvertible {
  case notPositiveDefinite(pattern: Int)
  case noPattern
  case notFinite(pattern: Int)

  public var description: String {
    switch self {
    case .notPositiveDefinite(let pattern):
      "the precision matrix of pattern \(pattern + 1) is not positive definite; "
        + "raise the penalty"
    case .noPattern: "no pattern is left; lower the fewest rows of a pattern"
    case .notFinite(let pattern):
      "the statistics of pattern \(pattern + 1) are not finite numbers"
    }
  }
}
