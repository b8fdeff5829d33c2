import Cryptography
import GraphicalModels
import LinearAlgebra
import Testing

@testable import CollaborativeLearning

/// What the mechanism of a private release rests on: how far one row can move the statistics, and
/// how much noise there is.
@Suite struct PrivateReleaseTests {
  private func normals(_ byte: UInt8) -> SecretNormals {
    SecretNormals(key: SymmetricKey(bytes: [UInt8](repeating: byte, count: 32)))
  }

  private func statistics(_ row: [Double], _ shares: [Double]) -> PatternStatistics {
    var accumulator = PatternAccumulator(patterns: shares.count, variables: row.count)
    accumulator.add(row + [1], shares: shares, count: 1)
    return accumulator.finish()
  }

  /// The Frobenius norm of the difference of [[s²N, sSᵀ/B], [sS/B, C/B²]], and Σₖ ‖ΔSₖ‖².
  private func distances(
    _ a: PatternStatistics, _ b: PatternStatistics, radius: Double
  ) -> (all: Double, sums: Double) {
    var (all, sums) = (0.0, 0.0)
    let weight = NoisedStatistics.countWeight
    for k in 0..<a.patterns {
      let count = a.count(k) - b.count(k)
      all += weight * weight * count * count
      let (c, d) = (a.scatter(k), b.scatter(k))
      for i in 0..<a.variables {
        let sum = a.sum(k)[i] - b.sum(k)[i]
        sums += sum * sum
        all += 2 * weight * sum * sum / (radius * radius)
        for j in 0..<a.variables {
          let entry = (c[i, j] - d[i, j]) / (radius * radius)
          all += entry * entry
        }
      }
    }
    return (all.squareRoot(), sums)
  }

  /// Random rows in the ball and random responsibilities never move the statistics by more than the
  /// bounds, and some come near.
  @Test(arguments: [1, 2, 4]) func oneRowMovesNoMoreThanTheBounds(patterns: Int) {
    var normals = normals(1)
    let (variables, radius) = (3, 2.5)
    func row(_ previous: [Double]?) -> [Double] {
      let kind = normals.next()
      if let previous, kind > 0.8 { return previous.map { -$0 } }
      let x = normals.draws(variables)
      let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let length = kind > 0 ? radius : radius * min(1, normals.next().magnitude)
      return x.map { $0 / norm * length }
    }
    func shares() -> [Double] {
      // The more alike the weights, the smaller the power.
      let power = [0.5, 2, 40][Int(normals.next().magnitude * 10) % 3]
      let raw = normals.draws(patterns).map { (power * $0.magnitude.logarithm).exponential }
      let total = raw.reduce(0, +)
      return raw.map { $0 / total }
    }
    var largest = (all: 0.0, sums: 0.0)
    for _ in 0..<5000 {
      let x = row(nil)
      let (r, other) = (shares(), shares())
      let found = distances(statistics(x, r), statistics(row(x), other), radius: radius)
      largest = (max(largest.all, found.all), max(largest.sums, found.sums))
    }
    #expect(largest.all <= NoisedStatistics.sensitivity * (1 + 1e-12))
    #expect(largest.all > 0.8 * NoisedStatistics.sensitivity)
    #expect(largest.sums <= 4 * radius * radius * (1 + 1e-12))
    #expect(largest.sums > 0.8 * 4 * radius * radius)
  }

  /// Along any direction the noise has deviation σ, and σ is what the rate asks for.
  @Test func theNoiseIsTheSameInAllDirections() {
    var normals = normals(2)
    let (variables, radius, rate) = (3, 2.0, 0.25)
    let noise = NoisedStatistics(rate: rate, rowsPerUnit: 3)
    // ε(α) = α Δ² / (2σ²) for Δ three times that of a row.
    let moved = 3 * NoisedStatistics.sensitivity
    #expect(abs(moved * moved / (2 * noise.deviation * noise.deviation) - rate) < 1e-12)
    let zero = PatternStatistics(patterns: 2, variables: variables)
    let directions: [[[Double]]] = (0..<4).map { trial in
      (0..<2).map { _ in
        var matrix = normals.draws(16)
        if trial == 0 { matrix = [Double](repeating: 0, count: 15) + [1] }
        for i in 0..<4 { for j in 0..<i { matrix[i * 4 + j] = matrix[j * 4 + i] } }
        return matrix
      }
    }
    var squares = [Double](repeating: 0, count: 4)
    for _ in 0..<4000 {
      let drawn = noise.draw(zero, radius: radius, &normals)
      let weight = NoisedStatistics.countWeight
      let share = weight.squareRoot() / radius
      for (d, direction) in directions.enumerated() {
        var (product, norm) = (0.0, 0.0)
        for k in 0..<2 {
          let (sum, scatter) = (drawn.sum(k), drawn.scatter(k))
          for i in 0..<4 {
            for j in 0..<4 {
              let entry =
                i == 3 && j == 3
                ? weight * drawn.count(k)
                : i == 3 ? share * sum[j] : j == 3 ? share * sum[i] : scatter[i, j] / 4
              product += direction[k][i * 4 + j] * entry
              norm += direction[k][i * 4 + j] * direction[k][i * 4 + j]
            }
          }
        }
        squares[d] += product * product / norm / 4000
      }
    }
    for square in squares {
      let ratio = square / (noise.deviation * noise.deviation)
      #expect(ratio > 0.9 && ratio < 1.1)
    }
  }

  /// Two clusters of rows in the ball of radius 4.
  private func twoClusters(rows: Int, scale: Double = 0.5) -> PatternStatistics {
    var normals = normals(4)
    var accumulator = PatternAccumulator(patterns: 2, variables: 2)
    for r in 0..<rows {
      let k = r % 2
      let noise = normals.draws(2).map { max(-1, min(1, scale * $0)) }
      let x = [(k == 0 ? 2 : -2) + noise[0], (k == 0 ? 1 : 0) + noise[1]]
      accumulator.add(x + [1], shares: k == 0 ? [1, 0] : [0, 1], count: 1)
    }
    return accumulator.finish()
  }

  private func release(
    _ change: (inout PrivateRelease) -> Void = { _ in }
  ) -> PrivateRelease {
    var release = PrivateRelease(
      prior: PatternPrior(mean: [0, 0], penalty: 20), fewestRows: 16, distance: 8,
      budget: .init(order: 4, statistics: 2, means: 1))
    change(&release)
    return release
  }

  @Test func theStatementSaysWhatWasReleased() throws {
    let statistics = twoClusters(rows: 4000)
    let drawn = try release().draw(from: statistics)
    let statement = drawn.statement
    #expect(drawn.patterns.count == 2)
    #expect(statement.unprotected.isEmpty && statement.covered.count == 3)
    #expect(statement.epsilon == 3 && statement.statisticsEpsilon == 2)
    #expect(statement.meansEpsilon == 1 && statement.meansReached <= 1 + 1e-12)
    for (bound, widening) in zip(statement.patternBounds, statement.widenings) {
      #expect(widening >= 1 && bound / widening <= 1 + 1e-12)
    }
    #expect(statement.theoremBound > statement.patternBounds.reduce(0, +))
    for figure in statement.approximations {
      #expect(
        figure.epsilon == LinearRenyiGuarantee(rate: 0.75).approximateEpsilon(delta: figure.delta))
    }
    // The centres are near those of the rows: the noise is what it costs.
    for (pattern, centre) in zip(drawn.patterns, [[2.0, 1], [-2, 0]]) {
      for i in 0..<2 { #expect(abs(pattern.mean[i] - centre[i]) < 0.3) }
    }
    #expect(try release().draw(from: statistics).patterns != drawn.patterns)
  }

  /// Without a budget for the centres the figure is known before anything is drawn, and holds.
  @Test(arguments: [0.1, 1, 10]) func thePosteriorAsItIsHasItsOwnFigure(strength: Double) throws {
    let unbounded = release {
      $0.budget.means = nil
      $0.prior.strength = strength
    }
    var stated: Set<Double> = []
    for rows in [300, 3000, 30_000] {
      for scale in [0.01, 1] {
        let statement = try unbounded.draw(from: twoClusters(rows: rows, scale: scale)).statement
        #expect(statement.widenings.allSatisfy { $0 < 1 + 1e-5 })
        #expect(statement.meansReached <= statement.meansEpsilon * (1 + 1e-12))
        stated.insert(statement.meansEpsilon)
      }
    }
    #expect(stated.count == 1)
  }

  @Test func windowsCountForEachOther() throws {
    let statistics = twoClusters(rows: 40_000)
    let single = try release { $0.budget.means = nil }.draw(from: statistics).statement
    let group = try release {
      $0.budget.means = nil
      $0.rowsPerUnit = 5
    }.draw(from: statistics).statement
    #expect(abs(group.deviation / single.deviation - 5) < 1e-12)
    #expect(group.statisticsEpsilon == single.statisticsEpsilon)
    #expect(group.conditions.count == single.conditions.count + 1)
    // Five rows move the centres by five times as much; the wider noise raises the penalty as well.
    #expect(group.meansEpsilon > 4 * single.meansEpsilon)
  }

  @Test func whatIsReleasedAsItIsIsNamed() throws {
    let statistics = twoClusters(rows: 400)
    let plain = release { $0.precisions = .unprotected }
    let drawn = try plain.draw(from: statistics)
    #expect(drawn.rows == statistics.counts)
    #expect(drawn.statement.covered.count == 1 && drawn.statement.unprotected.count == 2)
    #expect(drawn.statement.statisticsEpsilon == nil && drawn.statement.deviation == 0)
    #expect(drawn.statement.conditions.contains { $0.contains("precision matrices") })
    var dictionary = PatternDictionary(
      prior: plain.prior, cardinalityPenalty: 0, fewestRows: plain.fewestRows)
    try dictionary.update(with: statistics, joins: false)
    for (a, b) in zip(drawn.patterns, dictionary.patterns) {
      for i in 0..<4 {
        #expect(abs(a.precision.elements[i] - b.precision.elements[i]) < 1e-6)
      }
    }
  }

  @Test func whatCannotBePromisedIsRefused() throws {
    let statistics = twoClusters(rows: 4000)
    func refused(_ change: (inout PrivateRelease) -> Void) -> PrivacyError? {
      do {
        _ = try release(change).draw(from: statistics)
        return nil
      } catch { return error as? PrivacyError }
    }
    #expect(refused { _ in } == nil)
    #expect(refused { $0.distance = 2 } == .notClipped(pattern: 0, radius: 1))
    #expect(refused { $0.distance = .nan } != nil)
    #expect(refused { $0.budget.order = 0.9 } == .invalid("the order", 0.9))
    #expect(refused { $0.budget.statistics = 0 } == .invalid("the statistics' ε", 0))
    #expect(refused { $0.budget.means = -1 } == .invalid("the centres' ε", -1))
    #expect(refused { $0.rowsPerUnit = 0 } != nil)
    #expect(refused { $0.deltas = [1] } != nil)
    #expect(
      refused { $0.prior = PatternPrior(mean: [0], penalty: 1) }
        == .otherVariables(2, expected: 1))
    // Noise of a known key: with any other a pattern stays once in some hundred draws.
    var noise = normals(5)
    var drowned: PrivacyError?
    do {
      _ = try release { $0.budget.statistics = 1e-7 }.draw(from: statistics, &noise)
    } catch { drowned = error as? PrivacyError }
    if case .nothingLeft = drowned {
    } else {
      Issue.record("patterns that drown in noise were released")
    }
  }
}
