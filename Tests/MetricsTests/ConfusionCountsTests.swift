import Metrics
import Testing

@Suite struct ConfusionCountsTests {
  @Test(arguments: ReferenceValues.series)
  func agreesWithScikitLearn(reference: SeriesReference) {
    let alarms = reference.fixture.scores.map { $0 > reference.alarmsAbove }
    let counts = ConfusionCounts(alarms: alarms, labels: reference.fixture.labels)
    #expect(counts == reference.counts)
    // Where a ratio is undefined, scikit-learn was told to say 0.
    #expect(isClose(counts.precision ?? 0, reference.precision))
    #expect(isClose(counts.recall ?? 0, reference.recall))
    #expect(isClose(counts.f1 ?? 0, reference.f1))
  }

  @Test func ratiosAreThoseOfTheirDefinitions() {
    let counts = ConfusionCounts(
      truePositives: 3, falsePositives: 1, trueNegatives: 15, falseNegatives: 6)
    #expect(counts.precision == 3.0 / 4)
    #expect(counts.recall == 3.0 / 9)
    #expect(counts.f1 == 6.0 / 13)
    #expect(counts.falseAlarmRate == 1.0 / 16)
    #expect(counts.missedAlarmRate == 6.0 / 9)
    #expect(counts.prevalence == 9.0 / 25)
    #expect(counts.alarms == 4)
    #expect(counts.rows == 25)
  }

  @Test func oneAlarmInALongEventEarnsOneRow() {
    let counts = ConfusionCounts(
      alarms: [false, false, true, false], labels: [true, true, true, true])
    #expect(counts.truePositives == 1)
    #expect(counts.falseNegatives == 3)
  }

  @Test func ratiosOverNothingAreNil() {
    #expect(ConfusionCounts.zero.f1 == nil)
    #expect(ConfusionCounts.zero.prevalence == nil)
    let quiet = ConfusionCounts(trueNegatives: 5)
    #expect(quiet.precision == nil)
    #expect(quiet.recall == nil)
    #expect(quiet.missedAlarmRate == nil)
    #expect(quiet.falseAlarmRate == 0)
    let missed = ConfusionCounts(falseNegatives: 5)
    #expect(missed.falseAlarmRate == nil)
    #expect(missed.f1 == 0)
  }

  @Test func poolingEqualsCountingEverythingAtOnce() {
    let parts = (1...3).map { Fixture.sample(seed: $0) }
    let pooled = parts.map {
      ConfusionCounts(alarms: $0.scores.map { $0 > 6 }, labels: $0.labels)
    }.reduce(.zero, +)
    let whole = ConfusionCounts(
      alarms: parts.flatMap(\.scores).map { $0 > 6 }, labels: parts.flatMap(\.labels))
    #expect(pooled == whole)
    var growing = pooled
    growing += whole
    #expect(growing.rows == 2 * whole.rows)
    #expect(growing.f1 == whole.f1)
  }

  @Test func unequalLengthsAreNamed() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = ConfusionCounts(alarms: [true, false], labels: [true, false, true])
    }
    #if DEBUG  // release builds stop without a message
      let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(message.contains("2 alarms and 3 labels"))
    #endif
  }
}
