import LinearAlgebra

extension GraphicalLasso {
  /// A solution by ``DensePrecisionSolver``, for small ρ; S is taken for one component.
  ///
  /// The gap is at most ten times ``tolerance``, or as small as the iterations make it, and the objective
  /// never above that of the start: what a step of expectation and maximisation needs.
  /// ``Solution/dualityGap`` says how near.
  ///
  /// - Parameter start: a solution for a similar S or ρ.
  /// - Returns: `nil` where the method does not apply: an unpenalised diagonal, many zeros in the
  ///   start that are better than none, or no digits left.
  func denseSolution(
    _ covariance: SymmetricMatrix, logDeterminantWeight weight: Double, start: SymmetricMatrix?
  ) -> Solution? {
    guard penalisesDiagonal, penalty > 0, covariance.order > 1 else { return nil }
    var scaled = covariance
    for i in scaled.elements.indices { scaled.elements[i] /= weight }
    let share = penalty / weight
    guard let ridge = Self.ridge(scaled, share), let open = Self.value(ridge, scaled, share) else {
      return nil
    }
    let begun = start.flatMap { Self.value($0, scaled, share) }
    if let start, let begun, begun.objective <= open.objective,
      begun.zeros * 2 > start.elements.count
    {
      return nil
    }
    guard var solver = DensePrecisionSolver(scaled, penalty: share, start: start) else {
      return nil
    }
    let tolerance = 10 * self.tolerance * max(1, open.objective.magnitude)
    solver.solve(tolerance: tolerance, iterationLimit: Self.denseIterations)
    var best = solver.precision
    guard var value = Self.value(best, scaled, share) else { return nil }
    // No worse than by what is not known of the minimum anyway.
    let slack = min(tolerance, max(0, value.objective - solver.bound))
    for limit in Self.zeroLimits {
      guard let sparse = solver.sparse(below: limit),
        let other = Self.value(sparse, scaled, share),
        other.objective <= value.objective + slack
      else { continue }
      (best, value) = (sparse, other)
      break
    }
    if let start, let begun, begun.objective < value.objective { (best, value) = (start, begun) }
    guard let factor = best.choleskyFactor() else { return nil }
    return Solution(
      precision: best, covariance: factor.inverse(), objective: weight * value.objective,
      dualityGap: weight * max(0, value.objective - solver.bound), iterations: solver.iterations,
      logDeterminant: factor.logDeterminant, components: [Array(0..<covariance.order)])
  }

  private static let denseIterations = 60
  /// Partial correlations below which an entry may be taken for zero, where the objective hardly moves.
  private static let zeroLimits = [1, 3e-2, 1e-2, 3e-3, 1e-3, 1e-4]

  /// (S + ρ I)⁻¹, the minimum where only the diagonal is penalised.
  private static func ridge(_ covariance: SymmetricMatrix, _ penalty: Double) -> SymmetricMatrix? {
    var sum = covariance
    for i in 0..<sum.order { sum[i, i] += penalty }
    return sum.choleskyFactor()?.inverse()
  }

  /// -ln |Λ| + Tr(S Λ) + ρ Σ |Λᵢⱼ|, and the number of zeros.
  private static func value(
    _ precision: SymmetricMatrix, _ covariance: SymmetricMatrix, _ penalty: Double
  ) -> (objective: Double, zeros: Int)? {
    guard let factor = precision.choleskyFactor() else { return nil }
    var (linear, size, zeros) = (0.0, 0.0, 0)
    for (s, entry) in zip(covariance.elements, precision.elements) {
      linear += s * entry
      size += entry.magnitude
      if entry == 0 { zeros += 1 }
    }
    let objective = linear + penalty * size - factor.logDeterminant
    return objective.isFinite ? (objective, zeros) : nil
  }
}
