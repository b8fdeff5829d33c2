import CollaborativeLearning
import Cryptography
import Datasets
import GraphicalModels
import Ledger
import LinearAlgebra
import Randomness
import Testing

@testable import Simulation

/// The ordered-block protocol from the first block to the last.
@Suite struct OrderedRunTests {
  /// The mixture that one process learns from the same rows and the same start.
  private func pooled(
    _ sources: [(name: String, rows: any RowSource)], _ settings: MixtureSettings
  ) throws -> PooledMixture {
    let configuration = OrderedSamples.configuration
    let m = 3
    let rows = try sources.map { source in
      let data = try LocalData(source.rows, configuration)
      let view = try LocalView(source.rows, parts: [0..<data.source.rowCount], configuration)
      var rows: [Float] = []
      try view.forEachPiece(of: 1000) { range, windows in
        rows += windows.prefix(range.count * m)
      }
      return rows
    }
    let own = settings.startPatterns
    let slots = sources.count * own
    var statistics = PatternStatistics(patterns: slots, variables: m)
    for (s, values) in rows.enumerated() {
      let groups = RowClusters(
        of: values, variables: m, clusters: own,
        stream: RandomStream(
          seed: configuration.seed, participant: UInt32(s), purpose: .initialisation))
      let count = values.count / m
      var accumulator = PatternAccumulator(patterns: slots, variables: m)
      var extended: [Double] = []
      var shares = [Double](repeating: 0, count: count * slots)
      for r in 0..<count {
        extended += values[r * m..<(r + 1) * m].map { Double($0) } + [1]
        shares[r * slots + s * own + groups.assignment[r]] = 1
      }
      accumulator.add(extended, shares: shares, count: count)
      statistics.add(accumulator.finish())
    }
    let total = statistics.counts.reduce(0, +)
    var dictionary = PatternDictionary(
      prior: PatternPrior(
        mean: [0, 0, 0], strength: settings.priorStrength,
        penalty: (settings.penalty ?? 1e-2) * total),
      cardinalityPenalty: 1.5 * Double(m) * total.logarithm, fewestRows: settings.fewestRows)
    try dictionary.update(with: statistics)
    return try PooledMixture(
      rows, variables: m,
      MixtureLearning(dictionary, roundLimit: configuration.rounds))
  }

  @Test(arguments: [1, 4]) func theyLearnWhatOneProcessWould(orderers: Int) throws {
    let sources = OrderedSamples.machines(3, rows: 150, seed: 5)
    var settings = OrderedSamples.settings
    settings.startPatterns = 3
    let reference = try pooled(sources, settings)
    var plan = OrderedSimulation.Plan()
    plan.orderers = orderers
    var simulation = try OrderedSimulation(
      sources, OrderedSamples.configuration, settings, plan: plan)
    let isOver = simulation.run(until: 200)
    try #require(isOver, "\(simulation.notes)")
    let result = try #require(simulation.result)
    // The first block, one for each round with the start, and the one that concludes.
    #expect(result.chain.count == reference.learning.rounds + 3)
    #expect(result.patterns.count == reference.learning.dictionary.count)
    #expect(reference.course.contains { $0.isTrial })
    for (a, b) in zip(result.patterns, reference.learning.dictionary.patterns) {
      for (x, y) in zip(a.mean, b.mean) { #expect(abs(x - y) < 1e-9) }
      for (x, y) in zip(a.precision.elements, b.precision.elements) { #expect(abs(x - y) < 1e-9) }
    }
    for (a, b) in zip(result.weights, reference.weights) {
      for (x, y) in zip(a, b.values) { #expect(abs(x - y) < 1e-9) }
    }
  }
}
