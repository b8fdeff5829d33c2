import Metrics
import Testing

@Suite struct VolumeUnderSurfaceTests {
  @Test(arguments: ReferenceValues.series)
  func agreesWithTheBenchmark(reference: SeriesReference) throws {
    for volume in reference.volumes {
      let surface = try #require(
        VolumeUnderSurface(
          scores: reference.fixture.scores, labels: reference.fixture.labels,
          maximumBufferLength: volume.maximumBufferLength, thresholdCount: volume.thresholdCount))
      #expect(isClose(surface.volume, volume.volume, within: 1e-11))
      #expect(surface.areas.count == volume.maximumBufferLength + 1)
    }
  }

  /// With a threshold at every score and no buffer, recall differs from the pointwise one only by
  /// the share of events found, which is 1 for a single event that always alarms.
  @Test func withoutBufferASingleEventGivesAveragePrecision() throws {
    let labels = (0..<60).map { (20..<35).contains($0) }
    var generator = SplitMix64(seed: 50)
    let scores = labels.map { generator.below(1000) + ($0 ? 300 : 0) }
    let surface = try #require(
      VolumeUnderSurface(
        scores: scores, labels: labels, maximumBufferLength: 0, thresholdCount: 60))
    let curve = RankingCurve(scores: scores, labels: labels)
    #expect(isClose(surface.volume, try #require(curve.averagePrecision)))
  }

  @Test(arguments: [51, 52, 53] as [UInt64])
  func dependsOnOrderAlone(seed: UInt64) {
    let fixture = Fixture.sample(seed: seed)
    let surface = VolumeUnderSurface(scores: fixture.scores, labels: fixture.labels)
    let cubed = VolumeUnderSurface(
      scores: fixture.scores.map { $0 * $0 * $0 - 100 }, labels: fixture.labels)
    #expect(surface != nil)
    #expect(surface == cubed)
  }

  @Test(arguments: [54, 55, 56] as [UInt64])
  func timeHasNoDirection(seed: UInt64) throws {
    let fixture = Fixture.sample(seed: seed)
    let forward = try #require(VolumeUnderSurface(scores: fixture.scores, labels: fixture.labels))
    let backward = try #require(
      VolumeUnderSurface(scores: fixture.scores.reversed(), labels: fixture.labels.reversed()))
    #expect(isClose(forward.volume, backward.volume))
  }

  @Test func aNearMissEarnsCreditThatAFarOneDoesNot() throws {
    let labels = (0..<100).map { (50..<60).contains($0) }
    func volume(alarmAt row: Int) throws -> Double {
      let scores = (0..<100).map { $0 == row ? 1.0 : 0 }
      return try #require(
        VolumeUnderSurface(scores: scores, labels: labels, maximumBufferLength: 20)
      ).volume
    }
    #expect(try volume(alarmAt: 55) > volume(alarmAt: 49))
    #expect(try volume(alarmAt: 49) > volume(alarmAt: 45))
    #expect(try volume(alarmAt: 45) > volume(alarmAt: 5))
    #expect(try volume(alarmAt: 5) == volume(alarmAt: 95))
  }

  @Test func areasAreThoseOfShorterBuffers() throws {
    let fixture = Fixture.sample(seed: 57)
    let long = try #require(
      VolumeUnderSurface(
        scores: fixture.scores, labels: fixture.labels, maximumBufferLength: 30))
    let short = try #require(
      VolumeUnderSurface(
        scores: fixture.scores, labels: fixture.labels, maximumBufferLength: 11))
    #expect(Array(long.areas.prefix(12)) == short.areas)
    #expect(long.areas.allSatisfy { (0...1).contains($0) })
  }

  @Test func oneClassAndOneRow() {
    #expect(VolumeUnderSurface(scores: [], labels: []) == nil)
    #expect(VolumeUnderSurface(scores: [1, 2], labels: [false, false]) == nil)
    #expect(VolumeUnderSurface(scores: [1, 2], labels: [true, true])?.volume == 1)
    #expect(VolumeUnderSurface(scores: [1], labels: [true])?.volume == 1)
  }
}
