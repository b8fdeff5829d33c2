import Testing

@testable import Experiments

@Suite struct CurveTests {
  /// Scores 1, 2, 2 and 5 lie at 0, ¼, ¼ and 1 of their range: the curve is ¼ up to ¼, then ¾, and 1 at
  /// its end.
  @Test func accuracyOverCoverageByHand() throws {
    let curve = try #require(AccuracyCoverage([2, 5, 1, 2]))
    #expect(curve.positions == [0, 0.25, 0.25, 1])
    #expect(curve.accuracy(at: 0) == 0.25)
    #expect(curve.accuracy(at: 0.2499) == 0.25)
    #expect(curve.accuracy(at: 0.25) == 0.75)
    #expect(curve.accuracy(at: 0.9999) == 0.75)
    #expect(curve.accuracy(at: 1) == 1)
    // ¼ · ¼ + ¾ · ¾
    #expect(curve.area == 0.625)
  }

  /// The area is that under the step curve, whatever the scores are, in any unit.
  @Test func areaIsThatOfTheCurve() throws {
    var state: UInt64 = 1
    let scores = (0..<137).map { _ -> Double in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let draw = Double(state >> 40) / Double(1 << 24)
      return draw * draw * draw
    }
    let curve = try #require(AccuracyCoverage(scores))
    let steps = 20_000
    var sum = 0.0
    for i in 0..<steps { sum += curve.accuracy(at: (Double(i) + 0.5) / Double(steps)) }
    #expect(abs(sum / Double(steps) - curve.area) < 1e-4)
    let scaled = try #require(AccuracyCoverage(scores.map { 7 * $0 - 100 }))
    #expect(abs(scaled.area - curve.area) < 1e-9)
    // One row far above all others makes the others look alike.
    #expect(try #require(AccuracyCoverage(scores + [1000])).area > 0.98)
    #expect(AccuracyCoverage([3, 3, 3]) == nil)
    #expect(AccuracyCoverage([]) == nil)
  }

  /// Faulty: 5 and 2; others: 1, 3 and 0.
  @Test func pinpointingByHand() {
    var pinpointing = FaultPinpointing()
    for (score, isFaulty) in [(5, true), (1, false), (3, false), (2, true), (0, false)] {
      pinpointing.add(Double(score), isFaulty: isFaulty)
    }
    // Of six pairs five are in order.
    #expect(pinpointing.area.map { abs($0 - 5.0 / 6) < 1e-12 } == true)
    // Thresholds: above 5 none; 5: half of the faulty; 3: one other, too; 2: all faulty.
    let curve = pinpointing.truePositives(atTrueNegatives: [1, 5.0 / 6, 2.0 / 3, 1.0 / 3, 0])
    for (found, expected) in zip(curve, [0.5, 0.5, 1, 1, 1]) {
      #expect(abs(found - expected) < 1e-12)
    }
    // At 2: true positives 1, true negatives ⅔, harmonic mean 0.8; at 5: ½ and 1, ⅔.
    #expect(pinpointing.bestThreshold == 2)
    #expect(abs(pinpointing.harmonicMean(at: 2) - 0.8) < 1e-12)
    #expect(abs(pinpointing.harmonicMean(at: 5) - 2.0 / 3) < 1e-12)
    #expect(pinpointing.harmonicMean(at: 6) == 0)
    #expect(FaultPinpointing().area == nil)
  }
}
