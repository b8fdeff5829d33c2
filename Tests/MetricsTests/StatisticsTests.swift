import Metrics
import Testing

/// Pairs of integers with ties, the second partly following the first.
private let (x, y): ([Double], [Double]) = {
  var generator = SplitMix64(seed: 11)
  let x = (0..<101).map { _ in generator.below(30) }
  let y = x.map { ($0 / 3).rounded(.down) + generator.below(12) }
  return (x, y)
}()

@Suite struct RankCorrelationTests {
  @Test func agreesWithSciPy() {
    #expect(isClose(RankCorrelation.spearman(x, y), ReferenceValues.spearman))
    let ranks = RankCorrelation.midRanks(of: x)
    #expect(Array(ranks.prefix(12)) == ReferenceValues.firstMidRanks)
  }

  @Test func tiesShareTheirMeanRank() {
    #expect(RankCorrelation.midRanks(of: [7, 3, 7, 1, 7]) == [4, 2, 4, 1, 4])
    #expect(RankCorrelation.midRanks(of: []) == [])
  }

  @Test func dependsOnOrderAlone() {
    let cubed = y.map { $0 * $0 * $0 }
    #expect(RankCorrelation.spearman(x, cubed) == RankCorrelation.spearman(x, y))
    #expect(RankCorrelation.spearman(x, x) == 1)
    #expect(RankCorrelation.spearman(x, x.map(-)) == -1)
    #expect(RankCorrelation.spearman(y, x) == RankCorrelation.spearman(x, y))
  }

  @Test func aConstantHasNoCorrelation() {
    #expect(RankCorrelation.spearman([1, 1, 1], [1, 2, 3]) == nil)
    #expect(RankCorrelation.spearman([1], [2]) == nil)
    #expect(RankCorrelation.spearman([], []) == nil)
  }

  @Test func unequalLengthsAreNamed() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = RankCorrelation.spearman([1, 2, 3], [1, 2])
    }
    #if DEBUG  // release builds stop without a message
      let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(message.contains("3 x and 2 y"))
    #endif
  }
}

@Suite struct SampleSummaryTests {
  @Test func agreesWithNumPy() throws {
    let summary = try #require(SampleSummary(of: x))
    #expect(summary.count == 101)
    #expect(isClose(summary.mean, ReferenceValues.mean))
    #expect(isClose(summary.median, ReferenceValues.median))
    #expect(isClose(summary.standardDeviation, ReferenceValues.standardDeviation))
  }

  @Test func smallSamples() {
    #expect(SampleSummary(of: []) == nil)
    let one = SampleSummary(of: [4])
    #expect(one?.mean == 4)
    #expect(one?.median == 4)
    #expect(one?.standardDeviation == nil)
    let four = SampleSummary(of: [9, 1, 3, 5])
    #expect(four?.median == 4)
    #expect(four?.mean == 4.5)
    #expect(isClose(four?.standardDeviation, (35.0 / 3).squareRoot()))
  }

  @Test func aLargeOffsetLeavesTheSpread() {
    let summary = SampleSummary(of: [1, 2, 3].map { $0 + 1e9 })
    #expect(summary?.standardDeviation == 1)
  }
}

@Suite struct QuantileTests {
  @Test func agreesWithNumPy() {
    let values = zip(x, y).map { $0 + $1 / 8 }
    for (probability, expected) in zip(ReferenceValues.probabilities, ReferenceValues.quantiles) {
      #expect(isClose(quantile(probability, of: values), expected))
    }
  }

  @Test func endsAndInfinities() {
    #expect(quantile(0.5, of: []) == nil)
    #expect(quantile(0.3, of: [2]) == 2)
    #expect(quantile(1, of: [3, 1, 2]) == 3)
    #expect(quantile(0.75, of: [0, .infinity, .infinity]) == .infinity)
    #expect(quantile(0.5, of: [0, 1, .infinity]) == 1)
  }
}
