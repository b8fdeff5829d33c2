import AnomalyDetection
import CollaborativeLearning
import Datasets
import Testing

@Suite struct ReproducibilityTests {
  @Test func threadsChangeNoBit() throws {
    let fleet = smallFleet(participants: 5)
    let configuration = smallConfiguration()
    let models = try [1, 2, 4, 7].map { try trained(fleet, configuration, threads: $0) }
    for model in models.dropFirst() { #expect(model == models[0]) }
    #expect(models[0].detector.theta != models[0].detector.startTheta)
  }

  @Test func theSeedChangesTheModel() throws {
    let fleet = smallFleet()
    let one = try trained(fleet, smallConfiguration { $0.seed = 1 })
    let two = try trained(fleet, smallConfiguration { $0.seed = 2 })
    #expect(one.detector.theta != two.detector.theta)
  }

  static let configurations: [TrainingConfiguration] = [
    smallConfiguration(),
    smallConfiguration { $0.hidden = [] },
    smallConfiguration { $0.rounds = 0 },
    smallConfiguration {
      $0.linearPath = false
      $0.scale = .network
      $0.observation = .gaussian
    },
    smallConfiguration {
      $0.scale = .closedForm
      $0.optimiser = .stochasticGradientDescent(momentum: 0.9)
      $0.order = .simultaneous
    },
    smallConfiguration {
      $0.optimiser = .adamW()
      $0.warmUp = 6
      $0.window = 1
      $0.rounds = 8
      $0.schedule = .cosine(warmUp: 1, total: 8, final: 0.01)
    },
    smallConfiguration {
      $0.patience = 1
      $0.validationInterval = 1
      $0.learningRate = 0.05
    },
  ]

  /// Saved between any two rounds and restored in a new training, a run ends in the same bits.
  @Test(arguments: configurations)
  func resumedAtEveryRoundBoundary(configuration: TrainingConfiguration) throws {
    var fleet = smallFleet { participant, values in
      if participant == 1 {
        for i in stride(from: 3, to: values.count, by: 17) { values[i] = .nan }
      }
    }
    // A short series has no held-out blocks.
    fleet.participants[2].train = SelectedRows(
      try #require(fleet.participants[2].train), parts: [0..<30])
    let undisturbed = try FleetTraining<VAEParticipant>(fleet, configuration, threads: 1)
    var states = [undisturbed.states]
    try undisturbed.run {
      states.append(undisturbed.states)
      return true
    }
    let expected = try undisturbed.trainedModel()
    #expect(states.count >= 3)
    for state in states {
      let resumed = try FleetTraining<VAEParticipant>(fleet, configuration, threads: 2)
      try resumed.restore(state)
      #expect(resumed.states.text == state.text)
      try resumed.run()
      let model = try resumed.trainedModel()
      #expect(model.detector.theta == expected.detector.theta)
      #expect(model.detector.participants == expected.detector.participants)
      #expect(model.detector == expected.detector)
      #expect("\(model.report)" == "\(expected.report)")
    }
  }

  @Test func aRunPausedAndGoneOnWithIsUndisturbed() throws {
    let fleet = smallFleet()
    let configuration = smallConfiguration()
    let expected = try trained(fleet, configuration)
    let training = try FleetTraining<VAEParticipant>(fleet, configuration, threads: 2)
    while !(try training.run { false }) {}
    #expect(try training.trainedModel() == expected)
  }

  /// Where a series is read from makes no difference.
  @Test func aSourceReadInPiecesGivesTheSameModel() throws {
    let fleet = smallFleet()
    var joined = fleet
    for index in joined.participants.indices {
      guard let rows = fleet.participants[index].train else { continue }
      joined.participants[index].train = JoinedRows([
        SelectedRows(rows, parts: [0..<50]), SelectedRows(rows, parts: [50..<51, 51..<120]),
      ])
    }
    let configuration = smallConfiguration()
    #expect(try trained(fleet, configuration) == trained(joined, configuration))
  }
}

extension [ParticipantState] {
  /// NaN is not equal to itself, but reads the same.
  fileprivate var text: String {
    map { state in
      [state.shared, state.local].map { arrays in
        "\(arrays.floats.sorted { $0.key < $1.key }) \(arrays.doubles.sorted { $0.key < $1.key })"
      }.joined()
    }.joined()
  }
}
