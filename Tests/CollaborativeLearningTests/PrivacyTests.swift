import CollaborativeLearning
import Consensus
import Datasets
import Testing

/// What leaves a participant: counts, a triangle of second moments, and gradients, nothing a row.
@Suite struct PrivacyTests {
  private func participant(
    _ fleet: SensorFleet, _ index: Int, _ configuration: TrainingConfiguration
  ) throws -> VAEParticipant {
    try VAEParticipant(
      LocalData(try #require(fleet.participants[index].train), configuration), index: index,
      configuration: configuration)
  }

  /// All contributions of a run among the participants of a fleet, `[round][participant]`.
  private func contributions(
    _ fleet: SensorFleet, _ configuration: TrainingConfiguration
  ) throws -> (rounds: [[[UInt32]]], theta: Int) {
    var participants = try fleet.participants.indices.map {
      try participant(fleet, $0, configuration)
    }
    var rounds: [[[UInt32]]] = []
    while !participants[0].isFinished {
      var round: [[UInt32]] = []
      for index in participants.indices { round.append(try participants[index].localUpdate()) }
      let sum = try ExactSum().sum(round)
      for index in participants.indices {
        try participants[index].optimise(sum, contributors: participants.count)
      }
      rounds.append(round)
    }
    #expect(participants.allSatisfy { $0.isFinished })
    return (rounds, try participants[0].result(name: "a").theta.count)
  }

  @Test(arguments: [40, 120, 500])
  func lengthsDoNotDependOnTheNumberOfRows(rows: Int) throws {
    let configuration = smallConfiguration()
    let (rounds, theta) = try contributions(smallFleet(trainRows: rows), configuration)
    let features = 4 * configuration.window
    // Wide numbers take three elements each; behind a triangle, and behind a gradient, come counts.
    let triangle = 3 * (features * (features + 1) / 2 + 1)
    #expect(rounds[0].allSatisfy { $0.count == 3 * (3 + 5) })
    #expect(rounds[1].allSatisfy { $0.count == triangle })
    for round in rounds[2...] {
      for contribution in round {
        #expect(contribution.count == triangle || contribution.count == theta + 3 * 5)
      }
    }
    #expect(rounds.filter { $0[0].count == triangle }.count == 1 + 1 + 5)
    #expect(rounds.suffix(5).allSatisfy { $0[0].count == triangle })
  }

  @Test func whatEveryoneSeesOfTheOthersIsTheSum() throws {
    let configuration = smallConfiguration { $0.rounds = 6 }
    let fleet = smallFleet()
    // Two runs of participant 0 with the same sums, from whomever they come.
    var first = try participant(fleet, 0, configuration)
    var second = try participant(fleet, 0, configuration)
    var others = try [1, 2].map { try participant(fleet, $0, configuration) }
    while !first.isFinished {
      let own = try first.localUpdate()
      #expect(try second.localUpdate() == own)
      let parts = try others.indices.map { try others[$0].localUpdate() }
      let sum = try ExactSum().sum([own] + parts)
      let reversed = try ExactSum().sum(parts.reversed() + [own])
      #expect(sum == reversed)
      try first.optimise(sum, contributors: 3)
      try second.optimise(reversed, contributors: 3)
      for index in others.indices { try others[index].optimise(sum, contributors: 3) }
    }
    let a = try first.result(name: "a")
    let b = try second.result(name: "a")
    #expect(a.theta == b.theta && a.detector == b.detector)
    // Encoders, units and noise differ from participant to participant; θ does not.
    let c = try others[0].result(name: "a")
    #expect(a.theta == c.theta && a.startTheta == c.startTheta)
    #expect(a.detector.local.standardisation != c.detector.local.standardisation)
    #expect(a.detector.local.phi != c.detector.local.phi)
  }

  /// Units are a participant's own: another unit of measurement changes nothing that leaves it.
  @Test func meansAndScalesDoNotLeave() throws {
    let configuration = smallConfiguration { $0.rounds = 4 }
    // Powers of two, so that standardised values are the same bits.
    let plain = smallFleet()
    let scaled = smallFleet { _, values in for i in values.indices { values[i] *= 8 } }
    let a = try contributions(plain, configuration).rounds
    let b = try contributions(scaled, configuration).rounds
    #expect(a == b)
  }

  /// The order of rows inside a minibatch apart, moments say nothing of where a row stood.
  @Test func momentsAreSumsOverRows() throws {
    let configuration = smallConfiguration {
      $0.window = 1
      $0.rounds = 0
    }
    let fleet = smallFleet()
    let shuffled = smallFleet { _, values in
      values = stride(from: values.count - 4, through: 0, by: -4).flatMap {
        Array(values[$0..<$0 + 4])
      }
    }
    let a = try contributions(fleet, configuration).rounds[1]
    let b = try contributions(shuffled, configuration).rounds[1]
    for (x, y) in zip(a.flatMap { $0 }, b.flatMap { $0 }) {
      #expect(abs(Double(x - y)) <= 1e-6 * Double(1 << 40))
    }
  }
}
