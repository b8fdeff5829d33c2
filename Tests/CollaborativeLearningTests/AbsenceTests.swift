import AnomalyDetection
import Consensus
import Datasets
import Testing

@testable import CollaborativeLearning

/// Participants that miss rounds in any stage of a run.
@Suite struct AbsenceTests {
  private func training(threads: Int = 1) throws -> FleetTraining<VAEParticipant> {
    try FleetTraining<VAEParticipant>(
      smallFleet(),
      smallConfiguration {
        $0.rounds = 12
        $0.validationInterval = 4
      },
      threads: threads)
  }

  private func length() throws -> Int {
    let training = try training()
    var sums = 0
    try training.run {
      sums += 1
      return true
    }
    return sums
  }

  /// Whoever is away comes back at every possible moment; the run ends with one θ for all.
  @Test func everyRoundCanBeMissed() throws {
    let length = try length()
    for away in 0..<3 {
      for start in stride(from: 0, to: length, by: 3) {
        let absence = start..<min(start + 4, length)
        let log = (0..<length).map { round in
          (0..<3).filter { $0 != away || !absence.contains(round) }
        }
        let training = try training()
        #expect(try training.run(contributorLog: log), "participant \(away) away in \(absence)")
        let states = training.states
        #expect(states.allSatisfy { $0.shared == states[0].shared })
        let model = try training.model()
        #expect(model.participants.allSatisfy { !$0.calibration.isEmpty })
      }
    }
  }

  /// A round that is given up steps nothing, and nobody contributes the same to the next one. Only
  /// without the first moments there is nothing to go on from.
  @Test func everyRoundButThatOfTheMomentsCanBeGivenUp() throws {
    let length = try length()
    for skipped in 0..<length {
      let log = (0..<length + 1).map { $0 == skipped ? [] : [0, 1, 2] }
      let training = try training()
      if skipped == 1 {
        let error = #expect(throws: ParticipantError.self) {
          try training.run(contributorLog: log)
        }
        #expect(error?.cause is GivenUpError)
        continue
      }
      #expect(try training.run(contributorLog: log), "round \(skipped)")
      let states = training.states
      #expect(states.allSatisfy { $0.shared.digest == states[0].shared.digest })
      let model = try training.model()
      #expect(model.participants.allSatisfy { !$0.calibration.isEmpty })
      // What is stored of the run is all of it.
      let again = try self.training()
      try again.restore(states)
      #expect(again.states.map(\.shared.digest) == states.map(\.shared.digest))
      #expect(again.states.map(\.local.digest) == states.map(\.local.digest))
    }
  }

  /// With what is undone, a participant has nothing of it: neither of an update that was summed nor
  /// of the one after it.
  @Test func whatWasGivenUpLeavesNothing() throws {
    let configuration = smallConfiguration { $0.rounds = 12 }
    let fleet = smallFleet()
    func participants() throws -> [VAEParticipant] {
      try fleet.participants.indices.map { index in
        var participant = try VAEParticipant(
          LocalData(try #require(fleet.participants[index].train), configuration), index: index,
          configuration: configuration)
        participant.canWithdraw = true
        return participant
      }
    }
    var (plain, undoing) = (try participants(), try participants())
    var contributed: [[UInt32]] = []
    for round in 0..<10 {
      let contributions = try plain.indices.map { try plain[$0].localUpdate() }
      #expect(try undoing.indices.map { try undoing[$0].localUpdate() } == contributions)
      let sum = try ExactSum().sum(contributions)
      if round == 5 {
        // One takes the sum and contributes to the next before it hears that nobody else has it.
        try undoing[0].optimise(sum, contributors: 3)
        _ = try undoing[0].localUpdate()
        undoing[0].withdraw()
        undoing[0].withdraw()
        for index in plain.indices {
          plain[index].withdraw()
          try plain[index].skip()
          if index == 0 { continue }
          undoing[index].withdraw()
          try undoing[index].skip()
        }
        try undoing[0].adopt(undoing[1].sharedState)
        contributed = contributions
        continue
      }
      if round == 6 {
        for index in plain.indices { #expect(contributions[index] != contributed[index]) }
      }
      for index in plain.indices {
        try plain[index].optimise(sum, contributors: 3)
        try undoing[index].optimise(sum, contributors: 3)
      }
    }
    for index in plain.indices { #expect(plain[index].state == undoing[index].state) }
  }

  @Test func aRepeatedLogGivesTheSameBits() throws {
    let length = try length()
    let log = (0..<length).map { (5..<9).contains($0) ? [0, 2] : [0, 1, 2] }
    let runs = try [1, 2].map { threads in
      let training = try training(threads: threads)
      try training.run(contributorLog: log)
      return try training.model()
    }
    #expect(runs[0] == runs[1])
  }

  /// An update that is withdrawn leaves no trace: neither in what is contributed next nor at the end.
  @Test func aWithdrawnUpdateNeverWas() throws {
    let configuration = smallConfiguration { $0.rounds = 8 }
    let fleet = smallFleet()
    func participants() throws -> [VAEParticipant] {
      try fleet.participants.indices.map { index in
        var participant = try VAEParticipant(
          LocalData(try #require(fleet.participants[index].train), configuration), index: index,
          configuration: configuration)
        participant.canWithdraw = true
        return participant
      }
    }
    var plain = try participants()
    var hesitant = try participants()
    while !plain[0].isFinished {
      for index in hesitant.indices {
        _ = try hesitant[index].localUpdate()
        hesitant[index].withdraw()
      }
      let contributions = try plain.indices.map { try plain[$0].localUpdate() }
      #expect(try hesitant.indices.map { try hesitant[$0].localUpdate() } == contributions)
      let sum = try ExactSum().sum(contributions)
      for index in plain.indices {
        try plain[index].optimise(sum, contributors: 3)
        try hesitant[index].optimise(sum, contributors: 3)
      }
    }
    for index in plain.indices { #expect(plain[index].state == hesitant[index].state) }
  }

  /// A sum without a participant's contribution, taken with or without an update that was withdrawn:
  /// a record that is gone through again has none. What it looked at earlier is no part of either.
  @Test func aSumWithoutAnUpdateLeavesNoOlderCandidate() throws {
    let configuration = smallConfiguration {
      $0.rounds = 12
      $0.validationInterval = 4
    }
    let fleet = smallFleet()
    func participant(_ index: Int) throws -> VAEParticipant {
      var participant = try VAEParticipant(
        LocalData(try #require(fleet.participants[index].train), configuration), index: index,
        configuration: configuration)
      participant.canWithdraw = true
      return participant
    }
    var others = try [participant(0), participant(1)]
    var live = try participant(2)
    var replayed = try participant(2)
    while !live.isFinished {
      let isAway = live.report.round > 0 && live.report.round % 4 == 0
      var contributions = try others.indices.map { try others[$0].localUpdate() }
      let own = try live.localUpdate()
      if isAway {
        live.withdraw()
      } else {
        contributions.append(own)
        _ = try replayed.localUpdate()
      }
      let sum = try ExactSum().sum(contributions)
      let count = contributions.count
      for index in others.indices { try others[index].optimise(sum, contributors: count) }
      try live.optimise(sum, contributors: count)
      try replayed.optimise(sum, contributors: count)
      #expect(live.sharedState.digest == others[0].sharedState.digest)
      #expect(replayed.sharedState.digest == others[0].sharedState.digest)
    }
    #expect(replayed.state == live.state)
  }

  @Test func theStateOfAnotherRunIsRefused() throws {
    let configuration = smallConfiguration()
    let fleet = smallFleet()
    var participant = try VAEParticipant(
      LocalData(try #require(fleet.participants[0].train), configuration), index: 0,
      configuration: configuration)
    #expect(throws: ResumeError.self) { try participant.adopt(NamedArrays()) }
    var strange = participant.sharedState
    strange.doubles["progress"] = [99, 0, 0, 0, 0]
    #expect(throws: ResumeError.self) { try participant.adopt(strange) }
  }
}
