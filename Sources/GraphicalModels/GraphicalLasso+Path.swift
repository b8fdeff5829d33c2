import LinearAlgebra

extension GraphicalLasso {
  /// Solutions for falling penalties, and the one that a criterion prefers.
  public struct Path: Sendable {
    /// One for each penalty, the largest first.
    public var points: [Point]
    /// The place of the point with the smallest criterion.
    public var best: Int

    public struct Point: Sendable {
      /// ρ.
      public var penalty: Double
      public var solution: Solution
      /// The extended Bayesian information criterion, -2 ℓ + |E| (ln n + 4 γ ln p).
      public var criterion: Double
    }
  }

  /// Solves for each penalty, the largest first, each from the last solution, and weighs the
  /// solutions by the extended Bayesian information criterion (Foygel and Drton 2010).
  ///
  /// - Parameters:
  ///   - covariance: S, `[p, p]`, of maximum likelihood.
  ///   - penalties: at least one ρ, in any order.
  ///   - observations: n, the rows that S comes from; at least 1.
  ///   - gamma: γ; 0 is the usual criterion, and more prefers fewer edges.
  /// - Throws: as ``solve(_:logDeterminantWeight:start:)``.
  public static func path(
    _ covariance: SymmetricMatrix, penalties: [Double], observations: Double, gamma: Double = 0.5,
    penalisesDiagonal: Bool = true, tolerance: Double = 1e-6
  ) throws(GraphicalLassoError) -> Path {
    precondition(!penalties.isEmpty, "a path without penalties")
    guard observations >= 1 && observations.isFinite else {
      throw .invalidParameter(name: "observations", value: observations)
    }
    guard gamma >= 0 && gamma.isFinite else { throw .invalidParameter(name: "gamma", value: gamma) }
    var points: [Path.Point] = []
    for penalty in penalties.sorted(by: >) {
      let lasso = GraphicalLasso(
        penalty: penalty, penalisesDiagonal: penalisesDiagonal, tolerance: tolerance)
      let solution = try lasso.solve(covariance, start: points.last?.solution)
      var trace = 0.0
      for k in covariance.elements.indices {
        trace += covariance.elements[k] * solution.precision.elements[k]
      }
      // Without the constant p ln 2π, which all points share.
      let twiceLikelihood = observations * (solution.logDeterminant - trace)
      let edges = Double(solution.support.count)
      let price = observations.logarithm + 4 * gamma * Double(max(covariance.order, 1)).logarithm
      points.append(
        Path.Point(
          penalty: penalty, solution: solution, criterion: edges * price - twiceLikelihood))
    }
    let best = points.indices.min { points[$0].criterion < points[$1].criterion } ?? 0
    return Path(points: points, best: best)
  }
}
