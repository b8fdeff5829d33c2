import LinearAlgebra

// Eq. (16) for one pattern, apart from a dictionary: for statistics to which noise was added.

extension PatternPrior {
  /// Σₖ of CollabDict 2024, Eq. (16): the scatter of a pattern's rows about their centre, with the
  /// pull of m₀, of order M.
  ///
  /// - Precondition: the pattern has rows.
  public func scatter(of statistics: PatternStatistics, _ k: Int) -> SymmetricMatrix {
    precondition(
      statistics.variables == mean.count,
      "statistics of \(statistics.variables) variables with a prior of \(mean.count)")
    precondition(statistics.count(k) > 0, "pattern \(k) has \(statistics.count(k)) rows")
    return PatternMoments(statistics, k).posterior(self).scatter
  }

  /// Λₖ of Eq. (16): maximises (N + 1)/N ln|Λ| - Tr(Λ Σ) - ρ/N ‖Λ‖₁.
  ///
  /// - Parameters:
  ///   - scatter: Σₖ, positive semidefinite.
  ///   - rows: N, positive.
  ///   - tolerance: the relative duality gap.
  public func precision(
    scatter: SymmetricMatrix, rows: Double, tolerance: Double = 1e-7
  ) throws(GraphicalLassoError) -> SymmetricMatrix {
    precondition(rows > 0, "a pattern of \(rows) rows")
    return try GraphicalLasso(penalty: penalty / rows, tolerance: tolerance)
      .solve(scatter, logDeterminantWeight: (rows + 1) / rows).precision
  }
}

extension PatternStatistics {
  /// Puts a pattern of other statistics in the place of pattern k.
  public mutating func replace(_ k: Int, by other: PatternStatistics, pattern j: Int = 0) {
    precondition(
      variables == other.variables && k < patterns && j < other.patterns,
      "pattern \(j) of [\(other.patterns), \(other.variables)] for pattern \(k) of "
        + "[\(patterns), \(variables)]")
    let width = Self.width(variables: variables)
    var numbers = flattened
    numbers.replaceSubrange(
      k * width..<(k + 1) * width, with: other.flattened[j * width..<(j + 1) * width])
    let likelihood = logLikelihood
    self = PatternStatistics(flattened: numbers, variables: variables)
    logLikelihood = likelihood
  }
}
