import Metrics
import Testing

@Suite struct AlarmThresholdTests {
  /// The scores 1...n in scrambled order, so that the threshold is its own rank.
  private func ranks(_ count: Int) -> [Double] {
    var generator = SplitMix64(seed: 70)
    return (1...count).map(Double.init).shuffled(using: &generator)
  }

  @Test func conformalRanksAgreeWithExactArithmetic() {
    for reference in ReferenceValues.conformalRanks {
      let threshold = AlarmThreshold.conformal(
        calibrationScores: ranks(reference.count), falseAlarmRate: reference.falseAlarmRate)
      #expect(threshold == (reference.rank == 0 ? nil : Double(reference.rank)), "\(reference)")
    }
  }

  @Test func conformalAtTheEnds() {
    #expect(AlarmThreshold.conformal(calibrationScores: [], falseAlarmRate: 0.5) == nil)
    #expect(AlarmThreshold.conformal(calibrationScores: [3, 1], falseAlarmRate: 0) == nil)
    #expect(AlarmThreshold.conformal(calibrationScores: [3, 1], falseAlarmRate: 1) == -.infinity)
  }

  /// The promise itself, over every way to choose the next score from one exchangeable pool.
  @Test(arguments: [0.05, 0.1, 0.34, 0.5])
  func conformalKeepsItsPromise(rate: Double) throws {
    var generator = SplitMix64(seed: 71)
    let pool = (0..<40).map { _ in generator.below(15) }
    let alarms = try pool.indices.count { next in
      var calibration = pool
      calibration.remove(at: next)
      let threshold = try #require(
        AlarmThreshold.conformal(calibrationScores: calibration, falseAlarmRate: rate))
      return pool[next] > threshold
    }
    #expect(Double(alarms) / Double(pool.count) <= rate)
  }

  @Test(arguments: [0, 0.01, 0.07, 0.29, 0.57, 0.58, 0.99])
  func empiricalIsTheSmallestThatKeepsTheRate(rate: Double) throws {
    var generator = SplitMix64(seed: 72)
    let scores = (0..<100).map { _ in generator.below(40) }
    func share(above threshold: Double) -> Double {
      Double(scores.count { $0 > threshold }) / Double(scores.count)
    }
    let threshold = try #require(
      AlarmThreshold.empirical(normalScores: scores, falseAlarmRate: rate))
    #expect(share(above: threshold) <= rate)
    #expect(share(above: threshold.nextDown) > rate)
  }

  /// 0.29 · 100 is 28.999… in binary, but 29 of 100 rows are a share of 0.29.
  @Test func empiricalAllowsExactlyTheRate() {
    #expect(AlarmThreshold.empirical(normalScores: ranks(100), falseAlarmRate: 0.29) == 71)
    #expect(AlarmThreshold.empirical(normalScores: ranks(100), falseAlarmRate: 0) == 100)
    #expect(AlarmThreshold.empirical(normalScores: ranks(100), falseAlarmRate: 1) == -.infinity)
    #expect(AlarmThreshold.empirical(normalScores: [], falseAlarmRate: 0.1) == nil)
  }

  @Test func aRateOutsideTheUnitIntervalIsNamed() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = AlarmThreshold.conformal(calibrationScores: [1, 2, 3], falseAlarmRate: 5)
    }
    #if DEBUG  // release builds stop without a message
      let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(message.contains("falseAlarmRate must lie in 0...1, but is 5.0"))
    #endif
  }
}
