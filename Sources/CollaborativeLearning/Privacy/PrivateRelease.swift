import Cryptography
import GraphicalModels
import LinearAlgebra

/// Releases a dictionary to people outside: Λ and the numbers of rows from statistics with noise,
/// and the centres drawn from their posterior (CollabDict 2024, Sec. 6.1, Eq. 42, with a Λ that is
/// covered, too).
///
/// First, ``NoisedStatistics`` of all patterns; what follows from them costs no more: patterns of few
/// rows are left out, Σ̃ₖ is made positive semidefinite, and Λ̃ₖ comes from Eq. (16). Then
/// μₖ ~ N(wₖ, cₖ (λ̃ₖ Λ̃ₖ)⁻¹), wₖ = (λ₀ m₀ + Sₖ) / λ̃ₖ, with the exact Sₖ and λ̃ₖ = λ₀ + Ñₖ. Another row
/// moves S by rₖ x - r̃ₖ x̃, and with B = R/2
///
///     Σₖ ‖rₖ x - r̃ₖ x̃‖² ≤ B² (‖r‖² + ‖r̃‖² + 2 ⟨r, r̃⟩) = B² ‖r + r̃‖² ≤ 4B² = R²,
///
/// so that D_α ≤ α/2 Σₖ ΔSₖᵀ Λ̃ₖ ΔSₖ / (cₖ λ̃ₖ) ≤ α/2 R² maxₖ ‖Λ̃ₖ‖₂ / (cₖ λ̃ₖ). The cₖ are 1 where that
/// is within the budget, and as large as it takes otherwise. The two parts add up (Mironov 2017,
/// Prop. 1): the second one holds whatever the first one showed.
public struct PrivateRelease: Sendable {
  /// What becomes of Λ and the numbers of rows.
  public enum Precisions: Sendable, Equatable {
    /// They come from statistics with noise.
    case noised
    /// They are released as they are. Only the centres are covered then, and only where Λ and the
    /// numbers would be the same with another row: that is Theorem 1 of the paper.
    case unprotected
  }

  /// ε at order α, in nats, of the two parts.
  public struct Budget: Sendable, Equatable {
    /// α, at least 1.
    public var order: Double
    /// Of the statistics, positive; `precisions` other than noised do not use it.
    public var statistics: Double
    /// Of the centres; `nil` for the posterior as it is, whatever that gives.
    public var means: Double?

    public init(order: Double, statistics: Double, means: Double?) {
      self.order = order
      self.statistics = statistics
      self.means = means
    }
  }

  /// (m₀, λ₀, ρ).
  public var prior: PatternPrior
  /// δ: a pattern of fewer rows is left out, and so is one that three deviations of noise could be.
  public var fewestRows: Double
  /// R.
  public var distance: Double
  public var budget: Budget
  /// Rows that one reading takes part in: the length of the windows.
  public var rowsPerUnit = 1
  public var precisions = Precisions.noised
  /// The δ for which the statement gives an ε.
  public var deltas = [1e-5, 1e-6]
  /// Rounds of statistics with noise, this one among them, that share the budget of statistics.
  var rounds = 1
  /// Whether what the responsibilities come from was itself released with noise.
  var startsWithoutRows = false

  public init(prior: PatternPrior, fewestRows: Double, distance: Double, budget: Budget) {
    self.prior = prior
    self.fewestRows = fewestRows
    self.distance = distance
    self.budget = budget
  }

  /// A dictionary that can be shown to others.
  public struct Dictionary: Sendable, Equatable {
    public var patterns: [GaussianPattern]
    /// Ñₖ, `[K]`.
    public var rows: [Double]
    public var statement: PrivacyStatement
  }

  /// Draws a release. Every call is one more release of the same rows, which adds to the others.
  ///
  /// - Parameter statistics: over all participants, of clipped rows, under the final dictionary.
  /// - Throws: ``PrivacyError`` or `GraphicalLassoError`.
  public func draw(from statistics: PatternStatistics) throws -> Dictionary {
    var normals = SecretNormals.fresh()
    return try draw(from: statistics, &normals)
  }

  func draw(
    from statistics: PatternStatistics, _ normals: inout SecretNormals
  ) throws -> Dictionary {
    try check()
    try check(statistics)
    let shown = try Shown(self, statistics, &normals)
    let (bounds, noise) = (shown.bounds, shown.noise)
    let means = meansGuarantee(bounds, penalty: shown.penalty, needed: shown.needed)
    let widenings = bounds.map { max(1, groupBound($0) / (means * budget.order)) }
    var patterns: [GaussianPattern] = []
    for (place, k) in shown.members.enumerated() {
      guard let factor = shown.precisions[place].choleskyFactor() else {
        throw MixtureError.notPositiveDefinite(pattern: k)
      }
      let strength = bounds[place].strength
      let sum = statistics.sum(k)
      var mean = normals.draw(precision: factor, strength: strength / widenings[place])
      for i in mean.indices { mean[i] += (prior.strength * prior.mean[i] + sum[i]) / strength }
      patterns.append(GaussianPattern(mean: mean, precision: shown.precisions[place]))
    }
    return Dictionary(
      patterns: patterns, rows: shown.members.map { shown.statistics.count($0) },
      statement: statement(
        bounds, widenings, means: means, deviation: noise?.countDeviation ?? 0))
  }

  /// Eq. (44) at order α for all rows that change together.
  private func groupBound(_ bound: PosteriorDivergence) -> Double {
    bound.bound(order: budget.order, distance: Double(rowsPerUnit) * distance)
  }

  /// ε/α of the centres that holds before anything is drawn.
  ///
  /// With ‖Λ̃ₖ‖₂ ≤ M (Ñₖ + 1)/ρ, ‖Λ̃ₖ‖₂ / λ̃ₖ is at most M/ρ max(1, (N₀ + 1)/(N₀ + λ₀)), where N₀ are the
  /// fewest rows of a pattern. A Λ that is taken for the same in both cases needs no such bound.
  private func meansGuarantee(
    _ bounds: [PosteriorDivergence], penalty: Double, needed: Double
  ) -> Double {
    let most: Double
    switch precisions {
    case .noised:
      let shrinkage = max(1, (needed + 1) / (needed + prior.strength))
      let group = Double(rowsPerUnit) * distance
      most = group * group / 2 * Double(prior.mean.count) / penalty * shrinkage
    case .unprotected: most = (bounds.map { groupBound($0) }.max() ?? 0) / budget.order
    }
    guard let means = budget.means else { return most }
    return min(most, means / budget.order)
  }

  private func statement(
    _ bounds: [PosteriorDivergence], _ widenings: [Double], means: Double, deviation: Double
  ) -> PrivacyStatement {
    let statistics = precisions == .noised ? budget.statistics / budget.order : 0
    let total = LinearRenyiGuarantee(rate: statistics + means)
    let centres = "the centres of the patterns"
    let others = ["the precision matrices", "the numbers of rows"]
    return PrivacyStatement(
      covered: precisions == .noised ? [centres] + others : [centres],
      unprotected: precisions == .noised ? [] : others,
      distance: distance, rowsPerUnit: rowsPerUnit, order: budget.order,
      statisticsEpsilon: precisions == .noised ? budget.statistics : nil,
      meansEpsilon: means * budget.order,
      meansReached: zip(bounds, widenings).map { groupBound($0) / $1 }.max() ?? 0,
      epsilon: total.at(order: budget.order).epsilon,
      approximations: deltas.map {
        .init(delta: $0, epsilon: total.approximateEpsilon(delta: $0))
      },
      largestAdvantage: total.largestAdvantage, deviation: deviation,
      patternBounds: bounds.map { $0.bound(order: budget.order, distance: distance) },
      widenings: widenings,
      theoremBound: PosteriorDivergence.theoremBound(
        order: budget.order, spectralNorms: bounds.map(\.spectralNorm),
        priorStrength: prior.strength, distance: distance),
      conditions: conditions)
  }
}
