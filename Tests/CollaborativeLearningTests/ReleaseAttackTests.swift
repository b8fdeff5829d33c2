import Cryptography
import Foundation
import GraphicalModels
import LinearAlgebra
import Testing

@testable import CollaborativeLearning

/// Attacks on releases: an attacker who knows all rows but one, and for that one two candidates,
/// decides which of them was learned from; and one who reads a row off the dictionary.
@Suite struct ReleaseAttackTests {
  /// One pattern has all rows, so that the guarantee is on no condition. The row jumps from one end
  /// of a diameter to the other, which moves statistics and sums as far as they go.
  @Test func whoSeesAReleaseKnowsNoMoreThanItSays() throws {
    let prior = prior()
    let (a, b) = try (
      learned(rows(120, about: [[0, 0]], first: [9, 0]), start: [[0, 0]], prior: prior),
      learned(rows(120, about: [[0, 0]], first: [-9, 0]), start: [[0, 0]], prior: prior)
    )
    let release = release(prior)
    let attack = try attack(a.statistics, b.statistics, release)
    let statement = try release.draw(from: a.statistics).statement
    #expect(statement.epsilon == 1.5)
    check(attack, statement)
    // The attack is none that fails for its own weakness: it takes what the centres alone give away.
    #expect(attack.advantage > 0.7 * exactDelta(rate: 0.25, epsilon: 0))
  }

  /// From the rows to the release, with learning in between: where patterns are far apart, the
  /// responsibilities of the other rows hardly depend on one row.
  @Test func withTwoPatternsNeither() throws {
    let prior = prior()
    let centres = [[1.8, 0], [-1.8, 0]]
    let (a, b) = try (
      learned(rows(200, about: centres, first: [9, 0]), start: centres, prior: prior),
      learned(rows(200, about: centres, first: [-9, 0]), start: centres, prior: prior)
    )
    try #require(a.dictionary.count == 2 && b.dictionary.count == 2)
    let release = release(prior)
    let attack = try attack(a.statistics, b.statistics, release)
    let statement = try release.draw(from: a.statistics).statement
    check(attack, statement)
    #expect(attack.advantage > 0.15)
  }

  /// Both parts are as good as stated and no better: with the row that moves them farthest, an
  /// attacker who knows what to look at gets what the figure allows.
  @Test func theFiguresAreNoLooserThanTheyMustBe() throws {
    // Rows in pairs x, -x, so that Λ is the same with either end of the diameter.
    var normals = normals(22)
    let half = (0..<24).flatMap { _ -> [Float] in
      let noise = normals.draws(2)
      return [Float(0.1 * noise[0]), Float(max(-2, min(2, noise[1])))]
    }
    let others = half + half.map { -$0 }
    let prior = prior()
    let sets = try [Float(3), -3].map { end in
      try learned([end, 0] + others, start: [[0, 0]], prior: prior).statistics
    }
    var plain = release(prior)
    plain.precisions = .unprotected
    let centres = try attack(sets[0], sets[1], plain)
    check(centres, try plain.draw(from: sets[0]).statement)
    #expect(centres.advantage > 0.85 * exactDelta(rate: 0.25, epsilon: 0))

    // Of statistics with noise, the likelihood ratio is along their difference. Rows on the sphere
    // with (s, x/B) at right angles differ most.
    let noise = NoisedStatistics(rate: 0.5, rowsPerUnit: 1)
    let weight = NoisedStatistics.countWeight
    func scaled(_ statistics: PatternStatistics) -> [Double] {
      let (sum, scatter) = (statistics.sum(0), statistics.scatter(0))
      let square = Self.radius * Self.radius
      let share = (2 * weight).squareRoot() / Self.radius
      return [
        weight * statistics.count(0), share * sum[0], share * sum[1], scatter[0, 0] / square,
        scatter[1, 1] / square, 2.0.squareRoot() * scatter[0, 1] / square,
      ]
    }
    let height: Double = 3 * (1 - weight * weight).squareRoot()
    let ends: [[Double]] = [[3, 0], [-3 * weight, height]]
    let angled = try ends.map { end in
      try learned(end.map { Float($0) } + others, start: [[0, 0]], prior: prior).statistics
    }
    let direction = zip(scaled(angled[0]), scaled(angled[1])).map { $0 - $1 }
    let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(length - NoisedStatistics.sensitivity) < 1e-6)
    let count = Self.releases
    let shares = angled.map { set in
      (0..<count).map { _ in
        let drawn = scaled(noise.draw(set, radius: Self.radius, &normals))
        return zip(direction, drawn).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    let rates = rates(shares[0], shares[1])
    let advantage = rates.map { $0.a - $0.b }.max() ?? 0
    #expect(abs(advantage - exactDelta(rate: 0.5, epsilon: 0)) < 0.05)
  }

  /// The same attacker, and what is not protected.
  @Test func whatIsNotProtectedGivesTheRowAway() throws {
    let prior = prior()
    let (a, b) = try (
      learned(rows(120, about: [[0, 0]], first: [9, 0]), start: [[0, 0]], prior: prior),
      learned(rows(120, about: [[0, 0]], first: [0, 0.5]), start: [[0, 0]], prior: prior)
    )
    // Λ as it is, beside centres that are drawn: the statement's figure is not about Λ.
    var plain = release(prior)
    plain.precisions = .unprotected
    #expect(try attack(a.statistics, b.statistics, plain).advantage == 1)
    // The dictionary itself is another one, always.
    let (first, second) = (a.dictionary.patterns[0], b.dictionary.patterns[0])
    #expect(abs(first.mean[0] - second.mean[0]) > 0.01)
    #expect(abs(first.precision[0, 0] - second.precision[0, 0]) > 0.01)
    // And the private release of the same is not.
    let release = release(prior)
    let attack = try attack(a.statistics, b.statistics, release)
    #expect(attack.advantage < 0.9)
    check(attack, try release.draw(from: a.statistics).statement)
  }

  // MARK: Which row

  /// A row that owns a pattern is its centre, and can be read; of a private release it is not part.
  @Test func anOutlierIsReadOffADictionaryAndNotOffAPrivateRelease() throws {
    let prior = prior(penalty: 0.5, strength: 0.01)
    var (open, hidden) = (0.0, 0.0)
    let outliers = (0..<12).map { step -> [Double] in
      let angle = Double(step) / 12 * 2 * Double.pi
      return [2.9 * cos(angle), 2.9 * sin(angle)]
    }
    for (step, outlier) in outliers.enumerated() {
      let (dictionary, statistics) = try learned(
        rows(200, about: [[0, 0]], first: outlier), start: [[0, 0], outlier], prior: prior,
        fewestRows: 0.5)
      try #require(dictionary.count == 2)
      func farthest(_ patterns: [GaussianPattern]) -> [Double] {
        patterns.map(\.mean).max { distance($0, [0, 0]) < distance($1, [0, 0]) } ?? [0, 0]
      }
      let centre = farthest(dictionary.patterns)
      open = max(open, distance(centre, outlier))
      var release = release(prior)
      release.fewestRows = 0.5
      var normals = normals(UInt8(50 + step))
      for _ in 0..<20 {
        let drawn = try release.draw(from: statistics, &normals)
        hidden += distance(farthest(drawn.patterns), outlier) / 240
      }
    }
    #expect(open < 0.2)
    // Who guesses the middle of the ball is 2.9 away.
    #expect(hidden > 2.5)
  }

  /// An attacker who knows all rows but one solves for it. With the private release the error has at
  /// least the deviation R / √(2 ε/α) that the budget asks for, more than the ball is wide.
  @Test func whoKnowsAllOtherRowsDoesNotFindTheLast() throws {
    let prior = prior()
    let target = [2.0, -1.5]
    let all = rows(120, about: [[0, 0]], first: target)
    let (dictionary, statistics) = try learned(all, start: [[0, 0]], prior: prior)
    var others = [0.0, 0.0]
    for r in 1..<120 { for i in 0..<2 { others[i] += Double(all[2 * r + i]) } }
    func solved(_ mean: [Double], rows: Double) -> [Double] {
      (0..<2).map { (prior.strength + rows) * mean[$0] - others[$0] }
    }
    let open = solved(dictionary.patterns[0].mean, rows: 120)
    #expect(distance(open, target) < 1e-5)
    let release = release(prior)
    var normals = normals(77)
    var squares = 0.0
    for _ in 0..<2000 {
      let drawn = try release.draw(from: statistics, &normals)
      let error = distance(solved(drawn.patterns[0].mean, rows: drawn.rows[0]), target)
      squares += error * error / 2000
    }
    let deviation = (squares / 2).squareRoot()
    let rate = 0.25
    #expect(deviation > 0.95 * 2 * Self.radius / (2 * rate).squareRoot())
  }

  // MARK: The condition

  /// The guarantee holds the responsibilities of the other rows fixed. Learning moves them: hardly
  /// where patterns are apart, and by far more than the row itself where they overlap.
  @Test func whereThePatternsOverlapTheConditionIsNotMet() throws {
    let prior = prior()
    let weight = NoisedStatistics.countWeight
    func moved(_ gap: Double) throws -> Double {
      let centres = [[gap, 0], [-gap, 0]]
      let (a, b) = try (
        learned(rows(4000, about: centres, first: [9, 0]), start: centres, prior: prior).statistics,
        learned(rows(4000, about: centres, first: [0, 9]), start: centres, prior: prior).statistics
      )
      try #require(a.patterns == 2 && b.patterns == 2)
      var square = 0.0
      for k in 0..<2 {
        let count = weight * (a.count(k) - b.count(k))
        square += count * count
        for i in 0..<2 {
          let sum = (a.sum(k)[i] - b.sum(k)[i]) / Self.radius
          square += 2 * weight * sum * sum
          for j in 0..<2 {
            let entry = (a.scatter(k)[i, j] - b.scatter(k)[i, j]) / (Self.radius * Self.radius)
            square += entry * entry
          }
        }
      }
      return square.squareRoot() / NoisedStatistics.sensitivity
    }
    #expect(try moved(1.8) < 1)
    #expect(try moved(0.5) > 5)
  }
}
