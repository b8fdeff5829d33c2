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
  var updates = 0
  let fixedPoint = FixedPoint()

  struct Failure: Error, CustomStringConvertible { let description = "out of order" }

  mutating func localUpdate() throws -> [UInt32] {
    if rounds == failsIn { throw Failure() }
    updates += 1
    return try FieldVector.encode(wide: [fixedPoint.encode(own - shared), 1])
  }

  mutating func optimise(_ sum: [UInt32], contributors: Int) throws {
    let numbers = try FieldVector.decodeWide(sum, narrow: 0, participants: contributors)
    shared += 0.5 * fixedPoint.decode(numbers[0]) / Double(numbers[1])
    rounds += 1
  }

  mutating func skip() { rounds += 1 }

  mutating func withdraw() { updates -= 1 }

  var sharedState: NamedArrays {
    var arrays = NamedArrays()
    arrays.doubles["shared"] = [shared, Double(rounds)]
    return arrays
  }

  mutating func adopt(_ arrays: NamedArrays) throws {
    guard let numbers = arrays.doubles["shared"] else { throw ResumeError.missing("shared") }
    shared = numbers[0]
    rounds = Int(numbers[1])
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
      func sum(_ contributions: [[UInt32]]) throws -> [UInt32] {
        try ExactSum().sum(contributions + contributions)
      }
    }
    let loop = try CollabDict(names: ["a"], aggregation: Doubling(), threads: 1) { _ in
      Averager(own: 4, failsIn: nil, count: 1)
    }
    #expect(throws: ParticipantError.self) {
      // Twice the digits of the largest number are no sum of one contribution.
      let loop = try CollabDict(names: ["a"], aggregation: Doubling(), threads: 1) { _ in
        Averager(own: 8191, failsIn: nil, count: 1)
      }
      try loop.runRound()
    }
    try loop.runRound()
    #expect(loop.withParticipant(0) { $0.shared } == 0.5 * 8 / 2)
  }

  @Test func whoIsAwayIsNotSummedAndCatchesUp() throws {
    let values = [1.0, 2, 3, 50]
    let loop = try loop(values, threads: 2)
    let all = [0, 1, 2, 3]
    let log = (0..<60).map { (10..<40).contains($0) ? [0, 1, 2] : all }
    #expect(try loop.run(contributorLog: log))
    #expect(loop.withParticipant(3) { $0.updates } == 30)
    #expect(loop.withParticipant(0) { $0.updates } == 60)
    let ends = all.map { index in loop.withParticipant(index) { $0.shared } }
    #expect(Set(ends).count == 1)
    // Twenty rounds after its return, the mean is again that of all.
    #expect(abs(ends[0] - 14) < 1e-3)
  }

  @Test func whoIsAwayAtTheEndCatchesUpWithTheLastState() throws {
    let loop = try loop([1, 2, 3], threads: 1)
    #expect(try loop.run(contributorLog: (0..<60).map { $0 < 50 ? [0, 1, 2] : [0, 1] }))
    #expect(loop.withParticipant(2) { $0.rounds } == 60)
    #expect(loop.withParticipant(2) { $0.shared } == loop.withParticipant(0) { $0.shared })
  }
}
