import CollaborativeLearning
import Datasets
import Testing

@Suite struct ResumeErrorTests {
  private func states(_ fleet: SensorFleet, after rounds: Int = 6) throws -> [ParticipantState] {
    let training = try FleetTraining<VAEParticipant>(fleet, smallConfiguration(), threads: 1)
    var done = 0
    try training.run {
      done += 1
      return done < rounds
    }
    return training.states
  }

  @Test func otherDataAreRefused() throws {
    let state = try states(smallFleet())
    for other in [smallFleet(seed: 9), smallFleet(trainRows: 121), smallFleet(participants: 2)] {
      let training = try FleetTraining<VAEParticipant>(other, smallConfiguration(), threads: 1)
      #expect(throws: (any Error).self) { try training.restore(state) }
    }
  }

  @Test func otherSettingsAreRefused() throws {
    let state = try states(smallFleet())
    for configuration in [
      smallConfiguration { $0.hidden = [5] }, smallConfiguration { $0.window = 2 },
      smallConfiguration { $0.linearPath = false },
      smallConfiguration { $0.optimiser = .stochasticGradientDescent(momentum: 0.9) },
    ] {
      let training = try FleetTraining<VAEParticipant>(smallFleet(), configuration, threads: 1)
      #expect(throws: ParticipantError.self) { try training.restore(state) }
    }
  }

  static let changes: [@Sendable (inout ParticipantState) -> Void] = [
    { $0.shared.doubles["progress"] = nil },
    { $0.shared.doubles["progress"]?[0] = .infinity },
    { $0.shared.doubles["progress"]?[0] = 5 },
    { $0.shared.doubles["progress"]?[1] = 5 },
    { $0.shared.doubles["progress"]?[3] = 0.5 },
    { $0.shared.doubles["totals"]?.removeLast() },
    { $0.shared.doubles["latent"]?[0] = 1000 },
    { $0.shared.doubles["latent"] = nil },
    { $0.shared.floats["theta"] = [] },
    { $0.shared.floats["start-of-rounds-theta"]?.removeLast() },
    { $0.local.floats["start-of-rounds-phi"] = nil },
    { $0.local.doubles["phi-steps"] = nil },
    { $0.local.doubles["rows"] = [.nan] },
  ]

  @Test(arguments: changes.indices) func brokenStatesAreRefused(change: Int) throws {
    var states = try states(smallFleet())
    for index in states.indices { Self.changes[change](&states[index]) }
    let training = try FleetTraining<VAEParticipant>(smallFleet(), smallConfiguration(), threads: 1)
    #expect(throws: ParticipantError.self) { try training.restore(states) }
  }
}
