import GraphicalModels
import LinearAlgebra
import Randomness
import Testing

@testable import CollaborativeLearning

/// What a silent client counts for.
@Suite struct ClientHoldingTests {
  private static let variables = 3

  /// Rows around two centres.
  private func rows(_ client: UInt32, count: Int) -> [Float] {
    let m = Self.variables
    let noise = RandomStream(seed: 3, participant: client, purpose: .syntheticData).normal(
      count * m)
    return (0..<count * m).map { i in
      (i / m) % 3 == 0 ? 2.5 + 0.6 * noise[i] : noise[i] + 0.3 * noise[(i / m) * m]
    }
  }

  private func statistics(
    _ rows: [Float], _ dictionary: PatternDictionary, _ weights: [Double]
  ) throws -> PatternStatistics {
    var evaluator = try PatternEvaluator(dictionary.patterns)
    return PooledMixture.statistics(
      of: rows, variables: Self.variables, &evaluator, MixtureWeights(weights))
  }

  /// Shares of the counts: the weights that suit the statistics.
  private func shares(_ statistics: PatternStatistics) -> [Double] {
    let total = statistics.counts.reduce(0, +)
    return statistics.counts.map { $0 / total }
  }

  private func start(_ clients: [[Float]], clusters: Int) throws -> PatternDictionary {
    let m = Self.variables
    var pooled = PatternStatistics(patterns: clusters, variables: m)
    for (s, rows) in clients.enumerated() {
      let groups = RowClusters(
        of: rows, variables: m, clusters: clusters,
        stream: RandomStream(seed: 1, participant: UInt32(s), purpose: .initialisation))
      var accumulator = PatternAccumulator(patterns: clusters, variables: m)
      for (r, group) in groups.assignment.enumerated() {
        var shares = [Double](repeating: 0, count: clusters)
        shares[group] = 1
        accumulator.add(
          rows[r * m..<(r + 1) * m].map { Double($0) } + [1], shares: shares, count: 1)
      }
      pooled.add(accumulator.finish())
    }
    var dictionary = PatternDictionary(
      prior: PatternPrior(mean: [0, 0, 0], penalty: 1), cardinalityPenalty: 10, fewestRows: 1)
    try dictionary.update(with: pooled, joins: false)
    return dictionary
  }

  /// Under every later dictionary the bound is below the log likelihood; at once it is above the one
  /// that the client reported, since its weights are better ones by then.
  @Test func theBoundStaysBelowTheLikelihood() throws {
    let clients = [rows(0, count: 200), rows(1, count: 150), rows(2, count: 90)]
    var dictionary = try start(clients, clusters: 4)
    var weights = clients.map { _ in [0.25, 0.25, 0.25, 0.25] }
    let silent = try statistics(clients[2], dictionary, weights[2])
    var densities = try ExpectedDensity.all(dictionary.patterns)
    var holding = ClientHolding(height: 1, silent, weights: weights[2], under: densities)
    // At once it is worth what the better weights are worth.
    let first = holding.bound(under: densities)
    let better = try statistics(clients[2], dictionary, shares(silent)).logLikelihood
    #expect(first > silent.logLikelihood)
    #expect(first <= better)
    #expect(holding.slack < 0)

    var last = -Double.infinity
    for round in 0..<12 {
      var pooled = PatternStatistics(patterns: dictionary.count, variables: Self.variables)
      var objective = 0.0
      for s in 0..<2 {
        let own = try statistics(clients[s], dictionary, weights[s])
        weights[s] = shares(own)
        pooled.add(own)
      }
      var stale = holding.statistics
      stale.logLikelihood = holding.bound(under: densities)
      pooled.add(stale)
      objective = pooled.logLikelihood + dictionary.logPrior
      // Expectation and maximisation with stale responsibilities still climbs, as long as it is the
      // same client that is silent.
      #expect(objective >= last - 1e-9 * objective.magnitude, "round \(round)")
      last = objective
      let succession = try dictionary.update(with: pooled, joins: false)
      densities = try ExpectedDensity.all(dictionary.patterns)
      holding.carry(succession, to: densities)
      let now = try statistics(clients[2], dictionary, shares(holding.statistics))
      #expect(holding.bound(under: densities) <= now.logLikelihood + 1e-9)
    }
  }

  /// Where patterns become one, statistics add up; where one is discarded, its rows go to another.
  /// Both leave the bound a bound, and lose no row.
  @Test(arguments: [[0, 1, 1, 2], [0, 0, 0, 0], [0, nil, 1, 2], [nil, 0, nil, 1]] as [[Int?]])
  func whatIsCarriedAlongKeepsItsRows(succession: PatternDictionary.Succession) throws {
    let clients = [rows(0, count: 200), rows(2, count: 90)]
    let dictionary = try start(clients, clusters: 4)
    let weights = [0.4, 0.2, 0.1, 0.3]
    let own = try statistics(clients[1], dictionary, weights)
    var holding = ClientHolding(
      height: 1, own, weights: weights, under: try ExpectedDensity.all(dictionary.patterns))
    let slack = holding.slack
    // The dictionary after the step: of those that stay, the first of each place.
    let places = (succession.compactMap { $0 }.max() ?? 0) + 1
    let patterns = (0..<places).map { place in
      dictionary.patterns[succession.firstIndex(of: place) ?? 0]
    }
    let after = PatternDictionary(
      patterns: patterns, rows: patterns.map { _ in 1 }, prior: dictionary.prior,
      cardinalityPenalty: 0, fewestRows: 0)
    let densities = try ExpectedDensity.all(patterns)
    holding.carry(succession, to: densities)
    #expect(holding.slack == slack)
    #expect(holding.statistics.patterns == places)
    #expect(abs(holding.statistics.counts.reduce(0, +) - 90) < 1e-9)
    for place in 0..<places where !succession.contains(nil) {
      let expected = succession.indices.filter { succession[$0] == place }
        .reduce(0.0) { $0 + own.count($1) }
      #expect(abs(holding.statistics.count(place) - expected) < 1e-12)
      let sum = succession.indices.filter { succession[$0] == place }
        .reduce(0.0) { $0 + own.sum($1)[0] }
      #expect(abs(holding.statistics.sum(place)[0] - sum) < 1e-9)
    }
    let now = try statistics(clients[1], after, shares(holding.statistics))
    #expect(holding.bound(under: densities) <= now.logLikelihood + 1e-9)
  }

  /// Groups of rows have no weights; their bound is that of rows given whole to one pattern.
  @Test func groupsOfRowsAreABound() throws {
    let clients = [rows(0, count: 120)]
    let dictionary = try start(clients, clusters: 3)
    let m = Self.variables
    let groups = RowClusters(
      of: clients[0], variables: m, clusters: 3,
      stream: RandomStream(seed: 1, participant: 0, purpose: .initialisation))
    var accumulator = PatternAccumulator(patterns: 3, variables: m)
    for (r, group) in groups.assignment.enumerated() {
      var shares = [0.0, 0.0, 0.0]
      shares[group] = 1
      accumulator.add(
        clients[0][r * m..<(r + 1) * m].map { Double($0) } + [1], shares: shares, count: 1)
    }
    let own = accumulator.finish()
    let densities = try ExpectedDensity.all(dictionary.patterns)
    let holding = ClientHolding(height: 1, own, weights: [], under: densities)
    let now = try statistics(clients[0], dictionary, shares(own))
    #expect(holding.bound(under: densities) <= now.logLikelihood)
    #expect(holding.bound(under: densities) > now.logLikelihood - 0.2 * now.logLikelihood.magnitude)
  }
}
