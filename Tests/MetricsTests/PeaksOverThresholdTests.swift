import Metrics
import Testing

@Suite struct GeneralisedParetoTests {
  /// SciPy's Nelder-Mead was polished until it stood still. A flat maximum locates its parameters
  /// to about the root of the precision of its height, hence the looser tolerance for them.
  @Test(arguments: ReferenceValues.tails.indices)
  func fitAgreesWithSciPy(index: Int) throws {
    let reference = ReferenceValues.tails[index]
    let excesses = reference.kind.sample(seed: reference.seed, count: reference.count)
    let tail = try #require(GeneralisedPareto(fitting: excesses))
    #expect(isClose(tail.shape, reference.shape, within: 1e-6))
    #expect(isClose(tail.scale, reference.scale, within: 1e-6))
    #expect(isClose(tail.logLikelihood(of: excesses), reference.logLikelihood, within: 1e-12))
    #expect(isClose(tail.excess(exceedanceProbability: 0.001), reference.excess, within: 1e-5))
  }

  @Test(arguments: ReferenceValues.tails.indices)
  func noNeighbourIsMoreLikely(index: Int) throws {
    let reference = ReferenceValues.tails[index]
    let excesses = reference.kind.sample(seed: reference.seed, count: reference.count)
    let tail = try #require(GeneralisedPareto(fitting: excesses))
    let best = tail.logLikelihood(of: excesses)
    for (shape, scale) in [(1e-4, 0), (-1e-4, 0), (0, 1e-4), (0, -1e-4)] {
      let neighbour = GeneralisedPareto(
        shape: tail.shape + shape, scale: tail.scale * (1 + scale))
      #expect(neighbour.logLikelihood(of: excesses) < best)
    }
  }

  /// In small samples the likelihood often has a peak that is lower than its edge.
  @Test func neverLessLikelyThanUniformOrExponential() throws {
    for seed in 90..<140 as Range<UInt64> {
      let excesses = TailKind.minusQuarter.sample(seed: seed, count: 6)
      let tail = try #require(GeneralisedPareto(fitting: excesses))
      let largest = try #require(excesses.max())
      for (shape, scale) in [(-1.0, largest), (0, excesses.reduce(0, +) / 6)] {
        let special = GeneralisedPareto(shape: shape, scale: scale)
        #expect(tail.logLikelihood(of: excesses) > special.logLikelihood(of: excesses) - 1e-12)
      }
    }
  }

  @Test func scaleFollowsTheUnit() throws {
    let excesses = TailKind.quarter.sample(seed: 80, count: 200)
    let tail = try #require(GeneralisedPareto(fitting: excesses))
    let scaled = try #require(GeneralisedPareto(fitting: excesses.map { $0 * 1e-6 }))
    #expect(isClose(scaled.shape, tail.shape, within: 1e-9))
    #expect(isClose(scaled.scale * 1e6, tail.scale, within: 1e-9))
  }

  @Test func aBoundedSampleIsUniform() throws {
    let excesses = (1...50).map { Double($0) / 10 }
    let tail = try #require(GeneralisedPareto(fitting: excesses))
    #expect(tail == GeneralisedPareto(shape: -1, scale: 5))
    let equal = try #require(GeneralisedPareto(fitting: Array(repeating: 3, count: 20)))
    #expect(equal == GeneralisedPareto(shape: -1, scale: 3))
    #expect(GeneralisedPareto(fitting: []) == nil)
  }

  @Test func excessInvertsTheSurvivalFunction() {
    // (1 + γ y / σ)^(−1/γ) for shapes whose powers are simple.
    let heavy = GeneralisedPareto(shape: 1, scale: 2)
    #expect(isClose(heavy.excess(exceedanceProbability: 0.25), 6))
    let uniform = GeneralisedPareto(shape: -1, scale: 2)
    #expect(isClose(uniform.excess(exceedanceProbability: 0.25), 1.5))
    let exponential = GeneralisedPareto(shape: 0, scale: 2)
    #expect(isClose(exponential.excess(exceedanceProbability: 0.25), 2.772588722239781))
    let nearly = GeneralisedPareto(shape: 1e-12, scale: 2)
    #expect(isClose(nearly.excess(exceedanceProbability: 0.25), 2.772588722239781, within: 1e-11))
    #expect(heavy.excess(exceedanceProbability: 1) == 0)
    #expect(heavy.excess(exceedanceProbability: 0) == .infinity)
    #expect(uniform.excess(exceedanceProbability: 0) == 2)
  }

  @Test func logLikelihoodIsThatOfTheDensity() {
    let beyond = GeneralisedPareto(shape: -0.5, scale: 1).logLikelihood(of: [1, 2.5])
    #expect(beyond == -.infinity)
    #expect(GeneralisedPareto(shape: -1, scale: 1).logLikelihood(of: [0.5, 1]) == 0)
    #expect(GeneralisedPareto(shape: 0, scale: 1).logLikelihood(of: [0.5, 1]) == -1.5)
    // σ⁻¹ (1 + y)⁻² at γ = σ = 1.
    let heavy = GeneralisedPareto(shape: 1, scale: 1).logLikelihood(of: [1])
    #expect(isClose(heavy, -1.3862943611198906))
  }
}

@Suite struct PeaksOverThresholdTests {
  @Test func thresholdsAgreeWithSciPy() throws {
    let scores = TailKind.quarter.sample(seed: 31, count: 5000)
    let peaks = try #require(PeaksOverThreshold(scores: scores))
    #expect(isClose(peaks.initialThreshold, ReferenceValues.initialThreshold))
    #expect(peaks.excessCount == ReferenceValues.excessCount)
    #expect(peaks.count == 5000)
    for (rate, threshold) in zip(ReferenceValues.tailRates, ReferenceValues.tailThresholds) {
      #expect(isClose(peaks.threshold(falseAlarmRate: rate), threshold, within: 1e-6))
    }
  }

  @Test func theInitialThresholdIsReachedAtItsOwnRate() throws {
    let peaks = try #require(
      PeaksOverThreshold(
        scores: TailKind.half.sample(seed: 81, count: 1000), initialQuantile: 0.9))
    #expect(peaks.excessCount == 100)
    #expect(peaks.threshold(falseAlarmRate: 0.1) == peaks.initialThreshold)
    #expect(peaks.threshold(falseAlarmRate: 0.11) == nil)
    let thresholds = [0.1, 0.01, 1e-3, 1e-4, 1e-6].map {
      peaks.threshold(falseAlarmRate: $0) ?? .nan
    }
    #expect(thresholds == thresholds.sorted())
  }

  @Test func tooFewPeaksHaveNoTail() {
    let scores = (0..<100).map(Double.init)
    #expect(PeaksOverThreshold(scores: scores, initialQuantile: 0.95) == nil)
    #expect(PeaksOverThreshold(scores: scores, initialQuantile: 0.85) != nil)
    #expect(PeaksOverThreshold(scores: []) == nil)
    #expect(PeaksOverThreshold(scores: Array(repeating: 1, count: 1000)) == nil)
  }

  @Test func anInfiniteScoreIsRefusedWithItsRow() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = PeaksOverThreshold(scores: [1, 2, .infinity])
    }
    #if DEBUG  // release builds stop without a message
      let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(message.contains("scores[2] of 3 must be finite, but is inf"))
    #endif
  }
}
