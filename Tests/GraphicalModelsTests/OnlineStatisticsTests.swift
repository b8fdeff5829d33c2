import GraphicalModels
import Randomness
import Testing

@Suite struct OnlineStatisticsTests {
  private func rows(_ count: Int) -> [Float] {
    let noise = RandomStream(seed: 3, purpose: .syntheticData).normal(2 * count)
    return (0..<count).flatMap { row -> [Float] in
      let state: Float = row % 3 == 0 ? 4 : 0
      return [state + noise[2 * row], -state + 0.5 * noise[2 * row + 1] + 0.3 * noise[2 * row]]
    }
  }

  private func start() throws -> PatternDictionary {
    var dictionary = PatternDictionary(
      prior: PatternPrior(mean: [0, 0], penalty: 1), cardinalityPenalty: 0, fewestRows: 0)
    let far = rows(12)
    var statistics = PatternStatistics(patterns: 2, variables: 2)
    // Two patterns that are not yet those of the rows.
    var accumulator = PatternAccumulator(patterns: 2, variables: 2)
    for row in 0..<12 {
      let values = [Double(far[2 * row]), Double(far[2 * row + 1]), 1]
      accumulator.add(values, shares: row % 2 == 0 ? [0.7, 0.3] : [0.3, 0.7], count: 1)
    }
    statistics.add(accumulator.finish())
    try dictionary.update(with: statistics, joins: false)
    return dictionary
  }

  @Test func ofOneBatchTheyAreThatBatch() throws {
    let all = rows(90)
    var evaluator = try PatternEvaluator(start().patterns)
    let batch = PooledMixture.statistics(
      of: all, variables: 2, &evaluator, MixtureWeights(patterns: 2))
    var online = OnlineStatistics(decay: 0.7)
    online.take(batch, of: 90)
    let found = try #require(online.statistics)
    for (a, b) in zip(found.flattened, batch.flattened) { #expect(abs(a - b) < 1e-9) }
    // A batch stands for all rows, however many it has itself.
    online.take(batch, of: 180)
    let expected = 1 + (180.0 / 90 - 1) * 0.615572206672458  // 2^-0.7
    #expect(abs(try #require(online.statistics).counts.reduce(0, +) - 90 * expected) < 1e-6)
    #expect(online.batches == 2)
    online.take(PatternStatistics(patterns: 2, variables: 2), of: 90)
    #expect(online.batches == 2)
  }

  /// A pass in batches comes further than a round over the same rows.
  @Test func aPassInBatchesComesFurtherThanARound() throws {
    let all = rows(600)
    func likelihood(_ dictionary: PatternDictionary) throws -> Double {
      var evaluator = try PatternEvaluator(dictionary.patterns)
      return PooledMixture.statistics(
        of: all, variables: 2, &evaluator, MixtureWeights(patterns: 2)
      ).logLikelihood
    }
    var full = try start()
    var evaluator = try PatternEvaluator(full.patterns)
    try full.update(
      with: PooledMixture.statistics(
        of: all, variables: 2, &evaluator, MixtureWeights(patterns: 2)), joins: false)
    var batched = try start()
    var online = OnlineStatistics(decay: 0.6)
    for batch in 0..<10 {
      let rows = Array(all[batch * 120..<(batch + 1) * 120])
      var evaluator = try PatternEvaluator(batched.patterns)
      online.take(
        PooledMixture.statistics(
          of: rows, variables: 2, &evaluator, MixtureWeights(patterns: 2)), of: 600)
      try batched.update(with: try #require(online.statistics), joins: false)
    }
    #expect(try likelihood(batched) > likelihood(full) + 10)
  }
}
