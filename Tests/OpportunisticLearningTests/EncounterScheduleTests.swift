import Testing

@testable import OpportunisticLearning

@Suite struct EncounterScheduleTests {
  @Test func everybodyMeetsOnceARound() throws {
    let schedule = try EncounterSchedule(drawnFor: 50, rounds: 8, seed: 3)
    #expect(schedule.stages.count == 8 && schedule.rounds == 8)
    for (round, stage) in schedule.stages.enumerated() {
      #expect(stage.round == round)
      #expect(stage.encounters.map(\.learner).sorted() == Array(0..<50))
      #expect(stage.encounters.map(\.neighbour).sorted() == Array(0..<50))
      // Both directions of each contact, and no third.
      let directions = Set(stage.encounters.map { [$0.learner, $0.neighbour] })
      #expect(directions.allSatisfy { directions.contains([$0[1], $0[0]]) })
    }
    let numbers = schedule.stages.flatMap { $0.encounters.map(\.number) }
    #expect(numbers == Array(0..<400))
  }

  /// Every pair is as likely as any other: 28 pairs of 8 over 7,000 rounds, four of them a round.
  /// The statistic has 27 degrees of freedom; the bound is beyond its 0.9999 quantile, 63.
  @Test func pairsAreDrawnEvenly() throws {
    let schedule = try EncounterSchedule(drawnFor: 8, rounds: 7000, isSymmetric: false, seed: 1)
    var pairs: [Set<Int>: Int] = [:]
    var learners = [Int](repeating: 0, count: 8)
    for encounter in schedule.stages.flatMap(\.encounters) {
      pairs[[encounter.learner, encounter.neighbour], default: 0] += 1
      learners[encounter.learner] += 1
    }
    #expect(pairs.count == 28)
    // Within a round the pairs exclude one another, which makes the counts more even, not less.
    let statistic = pairs.values.reduce(0.0) {
      $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000
    }
    #expect(statistic < 63)
    // 3,500 times the learner, give or take five deviations of 42.
    #expect(learners.allSatisfy { abs($0 - 3500) < 210 })
  }

  @Test func severalMeetings() throws {
    let schedule = try EncounterSchedule(drawnFor: 6, rounds: 2, meetings: 3, seed: 3)
    #expect(schedule.stages.map(\.round) == [0, 0, 0, 1, 1, 1])
    #expect(schedule.rounds == 2)
    #expect(schedule.stages.allSatisfy { Set($0.encounters.map(\.learner)).count == 6 })
  }

  @Test func anOddOneStaysAloneInTurns() throws {
    let schedule = try EncounterSchedule(drawnFor: 5, rounds: 10, seed: 3)
    var alone = [Int](repeating: 0, count: 5)
    for stage in schedule.stages {
      let learners = Set(stage.encounters.map(\.learner))
      #expect(learners.count == 4)
      for number in 0..<5 where !learners.contains(number) { alone[number] += 1 }
    }
    #expect(alone == [2, 2, 2, 2, 2])
  }

  @Test func seedsAndErrors() throws {
    let one = try EncounterSchedule(drawnFor: 10, rounds: 3, seed: 1)
    #expect(try EncounterSchedule(drawnFor: 10, rounds: 3, seed: 1) == one)
    #expect(try EncounterSchedule(drawnFor: 10, rounds: 3, seed: 2) != one)
    #expect(throws: EncounterError.tooFewParticipants(1)) {
      try EncounterSchedule(drawnFor: 1, rounds: 3, seed: 1)
    }
  }

  @Test func tracesBecomeStages() throws {
    let trace = try ContactTrace(
      parsing: "time,a,b\n# morning\n0,1,2\n1.5,3,4\r\n2,2,3\n\n 2 , 4 , 1 , -60dB\n7,1,2\n",
      participants: 4)
    #expect(trace.contacts.map(\.time) == [0, 1.5, 2, 2, 7])
    #expect(trace.contacts[3] == .init(time: 2, first: 3, second: 0))
    let schedule = EncounterSchedule(trace)
    // 1-2 and 3-4 are apart, 2-3 is not from either; a round is two contacts long.
    #expect(schedule.stages.map(\.round) == [0, 1, 2])
    #expect(schedule.stages.map(\.time) == [1.5, 2, 7])
    #expect(
      schedule.stages.map { $0.encounters.map { [$0.learner, $0.neighbour] } } == [
        [[0, 1], [1, 0], [2, 3], [3, 2]], [[1, 2], [2, 1], [3, 0], [0, 3]], [[0, 1], [1, 0]],
      ])
    // In one round, a stage ends where somebody would be in two contacts.
    let long = EncounterSchedule(trace, contactsPerRound: 5, isSymmetric: false)
    #expect(long.stages.map(\.round) == [0, 0, 0])
    #expect(long.stages.map(\.encounters.count) == [2, 2, 1])
    // Whichever of two somebody was named as.
    for text in ["0,1,2\n1,2,3", "0,1,2\n1,3,1", "0,1,2\n1,1,3", "0,1,2\n1,3,2"] {
      let chain = try ContactTrace(parsing: text, participants: 4)
      #expect(EncounterSchedule(chain, contactsPerRound: 5).stages.count == 2)
    }
  }

  @Test(
    arguments: [
      ("0,1,2\n1,1,9", 2, "names participant \"9\""),
      ("0,1,2\n1,0,2", 2, "names participant \"0\""),
      ("time,a,b\n0,1,x", 2, "names participant \"x\""),
      ("0,1,2\n3,2,2", 2, "meet itself"),
      ("0,1,2\n\nnoon,1,3", 3, "\"noon\" for a time"),
      ("0,1,2\nnan,1,3", 2, "\"nan\" for a time"),
      ("5,1,2\n4,1,3", 2, "back in time, from 5.0 to 4.0"),
      ("0,1,2\n1,3", 2, "has 2 of the three columns"),
      ("0,1,2\ntime,a,b", 2, "\"time\" for a time"),
      ("time,a,b\n", 2, "no contact"),
      ("", 1, "no contact"),
    ])
  func damagedTraces(_ text: String, line: Int, says: String) {
    let error = #expect(throws: ContactTraceError.self) {
      try ContactTrace(parsing: text, participants: 4)
    }
    #expect(error?.line == line)
    #expect(error?.description.contains(says) == true, "\(error.debugDescription)")
    #expect(error?.description.contains("\n") == false)
    #expect(error?.description.hasPrefix("line \(line) of the contact trace") == true)
  }

  @Test func longTextIsNotRepeated() {
    let text = String(repeating: "9", count: 5000) + "\u{1B}[2J"
    let error = #expect(throws: ContactTraceError.self) {
      try ContactTrace(parsing: "0,1,\(text)", participants: 4)
    }
    #expect((error?.description.count ?? 1000) < 200)
  }
}
