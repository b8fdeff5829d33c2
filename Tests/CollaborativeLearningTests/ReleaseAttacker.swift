import Cryptography
import Foundation
import GraphicalModels
import LinearAlgebra
import Testing

@testable import CollaborativeLearning

// What an attacker on releases knows and does: ``ReleaseAttackTests``.

extension ReleaseAttackTests {
  static let radius = 3.0
  static let releases = 4000

  func normals(_ byte: UInt8) -> SecretNormals {
    SecretNormals(key: SymmetricKey(bytes: [UInt8](repeating: byte, count: 32)))
  }

  /// Rows about `centres` in turn, clipped to the ball, with the first one replaced.
  func rows(_ count: Int, about centres: [[Double]], first: [Double]) -> [Float] {
    var normals = normals(21)
    var values: [Float] = []
    for r in 0..<count {
      let noise = normals.draws(2)
      let centre = centres[r % centres.count]
      let x = r == 0 ? first : [centre[0] + 0.4 * noise[0], centre[1] + 0.4 * noise[1]]
      values += x.map { Float($0) }
    }
    RowClipping.clip(&values, count: count, features: 2, radius: Self.radius)
    return values
  }

  func prior(penalty: Double = 1, strength: Double = 1) -> PatternPrior {
    PatternPrior(mean: [0, 0], strength: strength, penalty: penalty)
  }

  /// Learns from a start at the given centres, and gives the dictionary with its last statistics.
  func learned(
    _ rows: [Float], start centres: [[Double]], prior: PatternPrior, fewestRows: Double = 4
  ) throws -> (dictionary: PatternDictionary, statistics: PatternStatistics) {
    let start = PatternDictionary(
      patterns: centres.map {
        GaussianPattern(mean: $0, precision: SymmetricMatrix(identityOfOrder: 2))
      },
      rows: centres.map { _ in 1 }, prior: prior, cardinalityPenalty: 0, fewestRows: fewestRows)
    var learning = MixtureLearning(start)
    learning.trialLimit = 0
    let mixture = try PooledMixture([rows], variables: 2, learning)
    return (
      mixture.learning.dictionary, try #require(mixture.learning.settledStatistics)
    )
  }

  // MARK: Which of two data sets

  /// Everything in a release, with what the attacker can work out of it: how much likelier its
  /// centres are with one of the two sums than with the other, and the squares.
  func features(
    _ release: PrivateRelease.Dictionary, _ sums: ([[Double]], [[Double]]), strength: Double
  ) -> [Double] {
    var features: [Double] = []
    var ratio = 0.0
    for (k, pattern) in release.patterns.enumerated() {
      let total = strength + release.rows[k]
      let shape = pattern.precision
      for i in 0..<2 {
        for j in 0..<2 {
          let (a, b) = (sums.0[k], sums.1[k])
          let middle = pattern.mean[j] - (a[j] + b[j]) / (2 * total)
          ratio += (a[i] - b[i]) * shape[i, j] * middle / release.statement.widenings[k]
        }
      }
      features += pattern.mean
      features += [shape[0, 0], shape[0, 1], shape[1, 1], release.rows[k]]
    }
    return features + features.map { $0 * $0 } + [ratio]
  }

  /// Fisher's discriminant: trained on one half, it scores the other one.
  func scores(
    _ a: [[Double]], _ b: [[Double]]
  ) throws -> (a: [Double], b: [Double]) {
    let (width, half) = (a[0].count, a.count / 2)
    func mean(_ rows: ArraySlice<[Double]>) -> [Double] {
      (0..<width).map { i in rows.reduce(0) { $0 + $1[i] } / Double(rows.count) }
    }
    let (first, second) = (mean(a[..<half]), mean(b[..<half]))
    var within = SymmetricMatrix(
      order: width, elements: [Double](repeating: 0, count: width * width))
    for (rows, centre) in [(a[..<half], first), (b[..<half], second)] {
      var centred: [Double] = []
      for row in rows { centred += zip(row, centre).map { $0 - $1 } }
      var target = within.elements.mutableSpan
      addOuterProducts(of: centred.span, count: rows.count, columns: width, to: &target)
    }
    for i in 0..<width {
      within[i, i] = within[i, i] * (1 + 1e-6) + 1e-9 * (1 + first[i] * first[i])
    }
    let inverse = try #require(within.choleskyFactor()).inverse()
    let direction = (0..<width).map { i in
      (0..<width).reduce(0) { $0 + inverse[i, $1] * (first[$1] - second[$1]) }
    }
    func score(_ row: [Double]) -> Double {
      zip(row, direction).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return (a[half...].map(score), b[half...].map(score))
  }

  /// The shares of both that are above a threshold, for many thresholds.
  func rates(_ a: [Double], _ b: [Double]) -> [(a: Double, b: Double)] {
    let (first, second) = (a.sorted(by: >), b.sorted(by: >))
    var rates: [(a: Double, b: Double)] = []
    var place = 0
    for (i, score) in first.enumerated() {
      while place < second.count && second[place] > score { place += 1 }
      if i % 20 == 19 {
        rates.append((Double(i + 1) / Double(a.count), Double(place) / Double(b.count)))
      }
    }
    return rates
  }

  func tail(_ x: Double) -> Double { 0.5 * erfc(x / 2.0.squareRoot()) }

  /// What no attack on the two Gaussian mechanisms exceeds: δ of ε for normal distributions that are
  /// √(2 rate) apart (Dong, Roth and Su 2022, Corollary 3.3).
  func exactDelta(rate: Double, epsilon: Double) -> Double {
    let shift = (2 * rate).squareRoot()
    return tail(epsilon / shift - shift / 2) - exp(epsilon) * tail(epsilon / shift + shift / 2)
  }

  struct Attack {
    var advantage: Double
    var rates: [(a: Double, b: Double)]
  }

  func attack(
    _ first: PatternStatistics, _ second: PatternStatistics, _ release: PrivateRelease
  ) throws -> Attack {
    let patterns = 0..<first.patterns
    let sums = (patterns.map { first.sum($0) }, patterns.map { second.sum($0) })
    func draws(_ statistics: PatternStatistics, _ byte: UInt8) throws -> [[Double]] {
      var normals = normals(byte)
      return try (0..<Self.releases).map { _ in
        let drawn = try release.draw(from: statistics, &normals)
        try #require(drawn.patterns.count == first.patterns)
        return features(drawn, sums, strength: release.prior.strength)
      }
    }
    let (a, b) = try scores(draws(first, 31), draws(second, 32))
    let rates = rates(a, b)
    return Attack(advantage: rates.map { $0.a - $0.b }.max() ?? 0, rates: rates)
  }

  /// Holds an attack to what a release promises. Every rate is within `error` of the true one with
  /// a probability of 1 - 10⁻⁴ (Dvoretzky, Kiefer and Wolfowitz 1956, with Massart's constant).
  func check(
    _ attack: Attack, _ statement: PrivacyStatement, releases: Int = Self.releases
  ) {
    let error = (log(2e4) / Double(releases)).squareRoot()
    let rate = statement.epsilon / statement.order
    #expect(attack.advantage - 2 * error <= exactDelta(rate: rate, epsilon: 0))
    #expect(attack.advantage - 2 * error <= statement.largestAdvantage)
    for (a, b) in attack.rates {
      for epsilon in [0.25, 0.5, 1, 1.5, 2] {
        let seen = a - error - exp(epsilon) * (b + error)
        #expect(seen <= exactDelta(rate: rate, epsilon: epsilon))
      }
      for figure in statement.approximations {
        #expect(a - error - exp(figure.epsilon) * (b + error) <= figure.delta)
      }
    }
  }

  func release(_ prior: PatternPrior) -> PrivateRelease {
    var release = PrivateRelease(
      prior: prior, fewestRows: 4, distance: 2 * Self.radius,
      budget: .init(order: 2, statistics: 1, means: 0.5))
    release.deltas = [0.1, 0.01]
    return release
  }

  func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }
}
