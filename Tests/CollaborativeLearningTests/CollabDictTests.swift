import CollaborativeLearning
import Consensus
import Testing

/// A participant whose model is one number: the mean of all participants' numbers, approached step
/// by step.
private struct Averager: CollaborativeParticipant {
  let own: Double
  let failsIn: Int?
  let count: Int
  var shared = 0.0
  var rounds = 0
  let fixedPoint = FixedPoint()

  struct Failure: Error, CustomStringConvertible { let description = "out of order" }

  mutating func localUpdate() throws -> [Int64] {
    if rounds == failsIn { throw Failure() }
    return [try fixedPoint.encode(own - shared), 1]
  }

  mutating func optimise(_ sum: [Int64]) throws {
    shared += 0.5 * fixedPoint.decode(sum[0]) / Double(sum[1])
    rounds += 1
  }

  var isFinished: Bool { rounds >= 60 }
  var report: Int { rounds }
}

@Suite struct CollabDictTests {
  private func loop(
    _ values: [Double], threads: Int, failing: Int? = nil, in round: Int = 3
  ) throws -> CollabDict<Averager> {
    try CollabDict(names: values.indices.map { "p\($0)" }, threads: threads) {
      Averager(own: values[$0], failsIn: $0 == failing ? round : nil, count: values.count)
    }
  }

  @Test(arguments: 1...5) func everyoneEndsWithTheMean(threads: Int) throws {
    let values = [3.0, -1.5, 0.25, 10, 7, -2.25, 100.125]
    let loop = try loop(values, threads: threads)
    #expect(try loop.run())
    let mean = values.reduce(0, +) / Double(values.count)
    let first = loop.withParticipant(0) { $0.shared }
    #expect(abs(first - mean) < 1e-9)
    for index in values.indices {
      #expect(loop.withParticipant(index) { $0.shared } == first)
      #expect(loop.withParticipant(index) { $0.report } == 60)
    }
  }

  @Test func theNumberOfThreadsChangesNoBit() throws {
    let values = (0..<9).map { 0.1 * Double($0 * $0) - 1.7 }
    let ends = try (1...4).map { threads in
      let loop = try loop(values, threads: threads)
      try loop.run()
      return loop.withParticipant(3) { $0.shared }
    }
    #expect(Set(ends).count == 1)
  }

  @Test func aRunPausesAndGoesOn() throws {
    let loop = try loop([1, 2], threads: 2)
    var rounds = 0
    let isOver = try loop.run {
      rounds += 1
      return rounds < 5
    }
    #expect(!isOver && !loop.isFinished && rounds == 5)
    #expect(try loop.run())
    #expect(loop.withParticipant(1) { $0.rounds } == 60)
  }

  @Test(arguments: [1, 3]) func aFailureNamesItsParticipant(threads: Int) throws {
    let loop = try loop([1, 2, 3], threads: threads, failing: 1)
    let error = #expect(throws: ParticipantError.self) { try loop.run() }
    #expect(error?.name == "p1")
    #expect(error.map { "\($0)" } == "p1: out of order")
    #expect(loop.withParticipant(0) { $0.rounds } == 3)
  }

  @Test func theSumIsWhatTheAggregationSays() throws {
    struct Doubling: Aggregation {
      func sum(_ contributions: [[Int64]]) throws -> [Int64] {
        try ExactSum().sum(contributions).map { 2 * $0 }
      }
    }
    let loop = try CollabDict(names: ["a"], aggregation: Doubling(), threads: 1) { _ in
      Averager(own: 4, failsIn: nil, count: 1)
    }
    try loop.runRound()
    #expect(loop.withParticipant(0) { $0.shared } == 0.5 * 8 / 2)
  }
}
