import Metrics
import Testing

@Suite struct EventRecallTests {
  @Test func eventsAreMaximalRuns() {
    #expect(events(in: []) == [])
    #expect(events(in: [false, false]) == [])
    #expect(events(in: [true, true]) == [0..<2])
    #expect(events(in: [true, false, true, true, false, false, true]) == [0..<1, 2..<4, 6..<7])
  }

  @Test(arguments: ReferenceValues.series)
  func atAFixedRateAgreesWithTheDefinition(reference: SeriesReference) throws {
    for expected in reference.eventRecalls {
      let recall = try #require(
        EventRecall(
          scores: reference.fixture.scores, labels: reference.fixture.labels,
          falseAlarmRate: expected.falseAlarmRate))
      #expect(recall == EventRecall(detected: expected.detected, events: expected.events))
    }
  }

  @Test func oneAlarmDetectsOneEvent() {
    let labels = [true, true, false, true, false, true, true]
    let alarms = [false, true, true, false, true, true, true]
    let recall = EventRecall(alarms: alarms, labels: labels)
    #expect(recall == EventRecall(detected: 2, events: 3))
    #expect(recall.recall == 2.0 / 3)
  }

  @Test func growsWithTheRate() throws {
    let fixture = Fixture.sample(seed: 60, lift: 0)
    let detected = try (0...20).map {
      try #require(
        EventRecall(
          scores: fixture.scores, labels: fixture.labels, falseAlarmRate: Double($0) / 20)
      ).detected
    }
    #expect(detected == detected.sorted())
    #expect(detected.first == 0)
    #expect(detected.last == 3)
  }

  @Test func tiesWithNormalRowsStayQuiet() {
    let labels = [false, false, false, false, true]
    let scores: [Double] = [5, 5, 1, 1, 5]
    #expect(EventRecall(scores: scores, labels: labels, falseAlarmRate: 0.25)?.detected == 0)
    #expect(EventRecall(scores: scores, labels: labels, falseAlarmRate: 0.5)?.detected == 1)
  }

  @Test func nothingToDetectAndNothingToCompareWith() {
    #expect(EventRecall(alarms: [true], labels: [false]).recall == nil)
    #expect(EventRecall(scores: [1], labels: [true], falseAlarmRate: 0.1) == nil)
    #expect(EventRecall(scores: [1], labels: [false], falseAlarmRate: 0.1)?.recall == nil)
  }

  @Test func poolingAddsEvents() {
    var pooled = [
      EventRecall(detected: 1, events: 4), EventRecall(detected: 2, events: 2),
    ].reduce(.zero, +)
    #expect(pooled.recall == 0.5)
    pooled += EventRecall(detected: 0, events: 2)
    #expect(pooled == EventRecall(detected: 3, events: 8))
  }

  @Test func unequalLengthsAreNamed() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = EventRecall(scores: [1, 2], labels: [true], falseAlarmRate: 0.1)
    }
    #if DEBUG  // release builds stop without a message
      let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(message.contains("2 scores and 1 labels"))
    #endif
  }
}
