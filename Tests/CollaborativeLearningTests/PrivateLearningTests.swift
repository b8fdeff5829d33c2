import Cryptography
import Foundation
import GraphicalModels
import LinearAlgebra
import Testing

@testable import CollaborativeLearning

// Learning with noise in every round, which needs no condition on responsibilities.

extension ReleaseAttackTests {
  /// Rounds of private learning from a start that no row had a say in.
  private func privately(
    _ rows: [Float], _ release: PrivateRelease, rounds: Int, _ normals: inout SecretNormals
  ) throws -> PrivateRelease.Dictionary {
    var learning = PrivateLearning(
      release,
      start: [[1, 0.5], [-1, 0]].map {
        GaussianPattern(mean: $0, precision: SymmetricMatrix(identityOfOrder: 2))
      }, rounds: rounds)
    while true {
      var evaluator = try PatternEvaluator(learning.patterns)
      let statistics = PooledMixture.statistics(
        of: rows, variables: 2, &evaluator, learning.weights)
      if learning.round + 1 == rounds { return try learning.finish(statistics, &normals) }
      try learning.take(statistics, &normals)
    }
  }

  @Test func privateLearningFindsThePatterns() throws {
    let data = rows(6000, about: [[1.2, -0.5], [-1.2, 0.5]], first: [9, 0])
    var draws = normals(90)
    var release = release(prior(penalty: 6))
    release.budget.statistics = 4
    let drawn = try privately(data, release, rounds: 8, &draws)
    try #require(drawn.patterns.count == 2)
    for (pattern, centre) in zip(drawn.patterns, [[1.2, -0.5], [-1.2, 0.5]]) {
      #expect(distance(pattern.mean, centre) < 0.1)
      // Rows scatter with deviation 0.4, so that Λ is 6.25 without noise and penalty.
      for i in 0..<2 { #expect(pattern.precision[i, i] > 4 && pattern.precision[i, i] < 8) }
    }
    #expect(drawn.statement.epsilon == 4.5 && drawn.statement.statisticsEpsilon == 4)
    let sentences = drawn.statement.conditions
    #expect(!sentences.contains { $0.contains("responsibilities") })
    #expect(sentences.contains { $0.contains("started") })
    // Eight rounds share the budget.
    let single = NoisedStatistics(rate: 2, rowsPerUnit: 1).countDeviation
    #expect(abs(drawn.statement.deviation / single - 8.0.squareRoot()) < 1e-12)
  }

  /// From the rows to the release, where patterns overlap: nothing is held fixed but the start.
  @Test func privateLearningNeedsNoFixedResponsibilities() throws {
    var release = release(prior())
    release.budget = .init(order: 2, statistics: 4, means: 0.5)
    let releases = 1500
    let nothing = [[Double]](repeating: [0, 0], count: 2)
    func draws(_ first: [Double], _ byte: UInt8) throws -> [[Double]] {
      let rows = rows(240, about: [[0.5, 0], [-0.5, 0]], first: first)
      var normals = normals(byte)
      return try (0..<releases).map { _ in
        let drawn = try privately(rows, release, rounds: 2, &normals)
        // A pattern that was left out shows, too.
        var row = drawn.patterns.count == 2 ? features(drawn, (nothing, nothing), strength: 1) : []
        row += [Double](repeating: 0, count: 25 - row.count)
        return row + [drawn.patterns.count == 2 ? 1 : 0]
      }
    }
    let (a, b) = try scores(draws([9, 0], 91), draws([0, 9], 92))
    let rates = rates(a, b)
    let attack = Attack(advantage: rates.map { $0.a - $0.b }.max() ?? 0, rates: rates)
    var further = normals(93)
    let data = rows(240, about: [[0.5, 0], [-0.5, 0]], first: [9, 0])
    let statement = try privately(data, release, rounds: 2, &further).statement
    check(attack, statement, releases: releases)
  }
}
