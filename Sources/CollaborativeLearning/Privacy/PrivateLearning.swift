import GraphicalModels
import LinearAlgebra

/// Learns patterns anew with noise in every round, for a release without a condition on
/// responsibilities (expectation and maximisation as in Park, Foulds, Choudhary and Welling 2017).
///
/// Responsibilities come from the patterns and weights of the round before, which are themselves
/// released with noise. Given those, a row in another's place changes its own responsibilities
/// only, and the rounds add up (Mironov 2017, Prop. 1): each has its share of the budget of
/// statistics. It takes a start in which no row had a say, and weights that all participants share:
/// a participant's own would carry one of its rows to the others.
///
/// As a state machine: participants sum their statistics under ``patterns`` and ``weights``, of
/// clipped rows; ``take(_:)`` in every round but the last, ``finish(_:)`` there. The exact sums and
/// the noise are seen by the participants, and by nobody else.
public struct PrivateLearning: Sendable {
  public private(set) var patterns: [GaussianPattern]
  /// πₖ, of all participants, `[K]`.
  public private(set) var weights: MixtureWeights
  /// Rounds so far.
  public private(set) var round = 0
  /// The rounds in all, the last one's release among them.
  public let rounds: Int
  private let release: PrivateRelease

  /// - Parameters:
  ///   - release: its budget of statistics is for all rounds together; noised.
  ///   - start: the patterns to start from. They must not depend on any row.
  ///   - rounds: at least 1.
  public init(_ release: PrivateRelease, start: [GaussianPattern], rounds: Int) {
    precondition(
      rounds >= 1 && !start.isEmpty && release.precisions == .noised,
      "\(rounds) rounds from \(start.count) patterns, \(release.precisions)")
    var release = release
    release.rounds = rounds
    release.startsWithoutRows = true
    self.release = release
    self.rounds = rounds
    patterns = start
    weights = MixtureWeights(patterns: start.count)
  }

  /// Takes the sums over all participants under the present patterns, in a round before the last.
  ///
  /// - Throws: ``PrivacyError`` or `GraphicalLassoError`.
  public mutating func take(_ statistics: PatternStatistics) throws {
    var normals = SecretNormals.fresh()
    try take(statistics, &normals)
  }

  mutating func take(_ statistics: PatternStatistics, _ normals: inout SecretNormals) throws {
    precondition(round + 1 < rounds, "round \(round + 1) of \(rounds) is the last one")
    try check(statistics)
    let shown = try PrivateRelease.Shown(release, statistics, &normals)
    let (prior, radius) = (release.prior, release.distance / 2)
    patterns = shown.members.enumerated().map { place, k in
      let total = prior.strength + shown.statistics.count(k)
      var mean = zip(prior.mean, shown.statistics.sum(k)).map { (prior.strength * $0 + $1) / total }
      // No centre of rows is outside of their ball.
      let length = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if length > radius { mean = mean.map { $0 * radius / length } }
      return GaussianPattern(mean: mean, precision: shown.precisions[place])
    }
    let counts = shown.members.map { shown.statistics.count($0) }
    let all = counts.reduce(0, +)
    weights = MixtureWeights(counts.map { $0 / all })
    round += 1
  }

  /// Takes the last sums, and draws the release.
  ///
  /// - Throws: ``PrivacyError`` or `GraphicalLassoError`.
  public consuming func finish(
    _ statistics: PatternStatistics
  ) throws -> PrivateRelease.Dictionary {
    var normals = SecretNormals.fresh()
    return try finish(statistics, &normals)
  }

  consuming func finish(
    _ statistics: PatternStatistics, _ normals: inout SecretNormals
  ) throws -> PrivateRelease.Dictionary {
    precondition(round + 1 == rounds, "round \(round + 1) of \(rounds) is not the last one")
    try check(statistics)
    return try release.draw(from: statistics, &normals)
  }

  private func check(_ statistics: PatternStatistics) throws {
    precondition(
      statistics.patterns == patterns.count,
      "statistics of \(statistics.patterns) patterns for \(patterns.count)")
    try release.check()
    try release.check(statistics)
  }
}
