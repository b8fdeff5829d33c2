import Metrics
import Testing

@Suite struct RankingCurveTests {
  @Test(arguments: ReferenceValues.series)
  func areasAgreeWithScikitLearn(reference: SeriesReference) {
    let curve = RankingCurve(scores: reference.fixture.scores, labels: reference.fixture.labels)
    #expect(isClose(curve.areaUnderROC, reference.areaUnderROC))
    #expect(isClose(curve.averagePrecision, reference.averagePrecision))
  }

  @Test func pointsAgreeWithScikitLearn() {
    let fixture = ReferenceValues.series[0].fixture
    let curve = RankingCurve(scores: fixture.scores, labels: fixture.labels)
    let counts = curve.points.map(\.counts)
    #expect(curve.points.map(\.lowestScore) == ReferenceValues.lowestScores)
    #expect(counts.map(\.falseAlarmRate) == ReferenceValues.falseAlarmRates)
    #expect(counts.map(\.recall) == ReferenceValues.recalls)
    #expect(counts.map(\.precision) == [nil] + ReferenceValues.precisions)
  }

  @Test func pointsAreTheAlarmsThatTheyDescribe() {
    let fixture = Fixture.sample(seed: 40)
    let curve = RankingCurve(scores: fixture.scores, labels: fixture.labels)
    #expect(curve.points.count == Set(fixture.scores).count + 1)
    for point in curve.points {
      let alarms = fixture.scores.map { $0 >= point.lowestScore }
      #expect(point.counts == ConfusionCounts(alarms: alarms, labels: fixture.labels))
    }
  }

  /// A pair of an anomalous and a normal row counts 1 if in order and one half if tied.
  @Test(arguments: [41, 42, 43] as [UInt64])
  func areaUnderROCIsTheShareOfPairsInOrder(seed: UInt64) {
    let fixture = Fixture.sample(seed: seed)
    let rows = zip(fixture.scores, fixture.labels)
    let anomalous = rows.filter(\.1).map(\.0)
    let normal = rows.filter { !$0.1 }.map(\.0)
    var pairs = 0.0
    for high in anomalous {
      for low in normal { pairs += high > low ? 1 : high == low ? 0.5 : 0 }
    }
    let area = RankingCurve(scores: fixture.scores, labels: fixture.labels).areaUnderROC
    #expect(area == pairs / Double(anomalous.count * normal.count))
  }

  @Test(arguments: [44, 45, 46] as [UInt64])
  func areasDependOnOrderAlone(seed: UInt64) {
    let fixture = Fixture.sample(seed: seed)
    let curve = RankingCurve(scores: fixture.scores, labels: fixture.labels)
    let cubed = RankingCurve(
      scores: fixture.scores.map { $0 * $0 * $0 - 100 }, labels: fixture.labels)
    #expect(cubed.areaUnderROC == curve.areaUnderROC)
    #expect(cubed.averagePrecision == curve.averagePrecision)
    #expect(cubed.points.map(\.counts) == curve.points.map(\.counts))
  }

  @Test(arguments: [47, 48, 49] as [UInt64])
  func swappingTheClassesMirrorsTheArea(seed: UInt64) throws {
    let fixture = Fixture.sample(seed: seed)
    let area = try #require(
      RankingCurve(scores: fixture.scores, labels: fixture.labels).areaUnderROC)
    let flipped = RankingCurve(scores: fixture.scores, labels: fixture.labels.map { !$0 })
    let negated = RankingCurve(scores: fixture.scores.map(-), labels: fixture.labels)
    #expect(isClose(flipped.areaUnderROC, 1 - area))
    #expect(isClose(negated.areaUnderROC, 1 - area))
    #expect(area > 0.6)
  }

  @Test func perfectAndInverseRankings() {
    let labels = [false, false, true, false, true]
    let perfect = RankingCurve(scores: [0, 1, 8, 2, 9], labels: labels)
    #expect(perfect.areaUnderROC == 1)
    #expect(perfect.averagePrecision == 1)
    let inverse = RankingCurve(scores: [9, 8, 1, 7, 0], labels: labels)
    #expect(inverse.areaUnderROC == 0)
    #expect(inverse.averagePrecision == (1.0 / 4 + 2.0 / 5) / 2)
  }

  @Test func constantScoreEarnsTheReferences() {
    let labels = [true, false, false, false, true, false, false, false]
    let curve = RankingCurve(scores: Array(repeating: 1, count: 8), labels: labels)
    #expect(curve.areaUnderROC == 0.5)
    #expect(curve.averagePrecision == 0.25)
    #expect(curve.points.last?.counts.prevalence == 0.25)
    #expect(curve.points.last?.counts.f1 == 0.4)
  }

  @Test func oneClassHasNoArea() {
    let normal = RankingCurve(scores: [1, 2], labels: [false, false])
    #expect(normal.areaUnderROC == nil)
    #expect(normal.averagePrecision == nil)
    let anomalous = RankingCurve(scores: [1, 2], labels: [true, true])
    #expect(anomalous.areaUnderROC == nil)
    #expect(anomalous.averagePrecision == 1)
    let empty = RankingCurve(scores: [], labels: [])
    #expect(empty.areaUnderROC == nil)
    #expect(empty.points.count == 1)
  }

  @Test func infiniteScoresHaveTheirPlace() {
    let curve = RankingCurve(
      scores: [.infinity, -.infinity, 0], labels: [true, false, false])
    #expect(curve.areaUnderROC == 1)
    #expect(curve.points.map(\.lowestScore) == [.infinity, .infinity, 0, -.infinity])
  }

  @Test func unequalLengthsAreNamed() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = RankingCurve(scores: [1, 2, 3], labels: [true])
    }
    #if DEBUG  // release builds stop without a message
      let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(message.contains("3 scores and 1 labels"))
    #endif
  }

  @Test func notANumberIsRefusedWithItsRow() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = RankingCurve(scores: [1, .nan, 3], labels: [true, false, true])
    }
    #if DEBUG  // release builds stop without a message
      let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(message.contains("scores[1] of 3 is NaN"))
    #endif
  }
}
