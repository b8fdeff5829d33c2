import GraphicalModels
import LinearAlgebra

extension PrivateRelease {
  /// What statistics with noise show, and what follows from them without a further look at a row.
  struct Shown {
    /// `nil` where nothing is hidden.
    let noise: NoisedStatistics?
    /// With the noise.
    let statistics: PatternStatistics
    /// The fewest rows of a pattern that stays.
    let needed: Double
    /// The patterns that stay.
    let members: [Int]
    /// ρ̃.
    let penalty: Double
    /// Λ̃ₖ of each member.
    private(set) var precisions: [SymmetricMatrix] = []
    /// Of each member, with λ̃ₖ.
    private(set) var bounds: [PosteriorDivergence] = []

    init(
      _ release: PrivateRelease, _ exact: PatternStatistics, _ normals: inout SecretNormals
    ) throws {
      let (budget, radius) = (release.budget, release.distance / 2)
      let rate = budget.statistics / budget.order / Double(release.rounds)
      noise =
        release.precisions == .noised
        ? NoisedStatistics(rate: rate, rowsPerUnit: release.rowsPerUnit) : nil
      let shown = noise?.draw(exact, radius: radius, &normals) ?? exact
      let needed = max(release.fewestRows, 3 * (noise?.countDeviation ?? 0))
      statistics = shown
      self.needed = needed
      members = (0..<shown.patterns).filter { shown.count($0) >= needed && shown.count($0) > 0 }
      guard !members.isEmpty else {
        throw PrivacyError.nothingLeft(largest: shown.counts.max() ?? 0, needed: needed)
      }
      // An entry of Σ̃ₖ below the noise's own size is no edge.
      penalty = max(release.prior.penalty, noise?.scatterDeviation(radius: radius) ?? 0)
      var prior = release.prior
      prior.penalty = penalty
      for k in members {
        let rows = shown.count(k)
        guard let scatter = prior.scatter(of: shown, k).positivePart else {
          throw PrivacyError.notFinite(pattern: k)
        }
        let precision = try prior.precision(scatter: scatter, rows: rows)
        precisions.append(precision)
        bounds.append(PosteriorDivergence(precision: precision, strength: prior.strength + rows))
      }
    }
  }
}
