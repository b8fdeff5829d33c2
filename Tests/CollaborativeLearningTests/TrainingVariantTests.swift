import AnomalyDetection
import CollaborativeLearning
import Datasets
import NeuralNetworks
import Testing
import VariationalInference

/// Every kind of model trains on every kind of data to finite numbers and scores.
@Suite struct TrainingVariantTests {
  private func check(
    _ fleet: SensorFleet, _ configuration: TrainingConfiguration,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let model = try trained(fleet, configuration, threads: 2)
    #expect(model.detector.isFinite, sourceLocation: sourceLocation)
    #expect(model.detector.participants.count == fleet.participants.count)
    for (index, participant) in model.detector.participants.enumerated() {
      guard let test = fleet.participants[index].test else { continue }
      var scorer = model.detector.scorer(for: participant)
      let scores = try scorer.scores(of: test)
      #expect(scores.count == test.rowCount, sourceLocation: sourceLocation)
      #expect(scores.allSatisfy { $0.isFinite }, sourceLocation: sourceLocation)
      #expect(!model.detector.threshold(for: participant).isNaN, sourceLocation: sourceLocation)
    }
  }

  static let models: [TrainingConfiguration] = [
    smallConfiguration { $0.order = .simultaneous },
    smallConfiguration { $0.hidden = [] },
    smallConfiguration { $0.hidden = [5, 3] },
    smallConfiguration {
      $0.hidden = []
      $0.scale = .closedForm
    },
    smallConfiguration { $0.scale = .closedForm },
    smallConfiguration { $0.scale = .network },
    smallConfiguration {
      $0.scale = .network
      $0.linearPath = false
    },
    smallConfiguration {
      $0.linearPath = false
      $0.activation = .relu
    },
    smallConfiguration { $0.observation = .gaussian },
    smallConfiguration { $0.observation = .studentT(degreesOfFreedom: 3) },
    smallConfiguration { $0.warmUp = 50 },
    smallConfiguration { $0.window = 1 },
    smallConfiguration { $0.window = 50 },
    smallConfiguration { $0.batchSize = 100_000 },
    smallConfiguration { $0.batchSize = 1 },
    smallConfiguration { $0.latent = 12 },
    smallConfiguration { $0.validationEvery = 1000 },
    smallConfiguration { $0.scoring.predictionWeight = 0 },
    smallConfiguration { $0.scoring.rule = .peaksOverThreshold },
    smallConfiguration { $0.scoring.draws = 1 },
  ]

  @Test(arguments: models) func everyKindOfModel(configuration: TrainingConfiguration) throws {
    try check(smallFleet(), configuration)
  }

  @Test(arguments: [16, 17, 20, 39, 40])
  func shortSeries(rows: Int) throws {
    try check(smallFleet(trainRows: rows), smallConfiguration())
    try check(
      smallFleet(trainRows: rows),
      smallConfiguration {
        $0.linearPath = false
        $0.scale = .network
      })
  }

  @Test func differentNumbersOfRows() throws {
    var fleet = smallFleet(trainRows: 300)
    for (index, rows) in [16, 75, 300].enumerated() {
      fleet.participants[index].train = SelectedRows(
        try #require(fleet.participants[index].train), parts: [0..<rows])
    }
    try check(fleet, smallConfiguration())
  }

  @Test func missingValues() throws {
    for every in [2, 5, 50] {
      let fleet = smallFleet { participant, values in
        for i in stride(from: participant, to: values.count, by: every) { values[i] = .nan }
      }
      for scale in DecoderScale.allCases {
        try check(fleet, smallConfiguration { $0.scale = scale })
      }
    }
    // A column that one machine does not have, and rows without any value.
    let fleet = smallFleet { participant, values in
      for i in stride(from: 2, to: values.count, by: 4) where participant == 1 { values[i] = .nan }
      for i in 40..<80 where participant == 2 { values[i] = .nan }
    }
    try check(fleet, smallConfiguration())
  }

  @Test func constantAndDuplicateColumns() throws {
    let fleet = smallFleet { participant, values in
      for row in 0..<values.count / 4 {
        if participant == 0 { values[4 * row + 1] = 7 }
        if participant == 1 { values[4 * row + 3] = values[4 * row] }
        values[4 * row + 2] = -1e6
      }
    }
    for scale in DecoderScale.allCases {
      try check(fleet, smallConfiguration { $0.scale = scale })
    }
  }

  @Test func manyOutliers() throws {
    let fleet = smallFleet { participant, values in
      for i in stride(from: participant, to: values.count, by: 7) { values[i] *= 1e6 }
      values[5] = 3e38
      values[22] = -3e38
      for row in 0..<values.count / 4 where row % 9 != 0 { values[4 * row + 3] = values[4 * row] }
    }
    for scale in DecoderScale.allCases {
      for observation in [ObservationModel.gaussian, .studentT(degreesOfFreedom: 50)] {
        try check(
          fleet,
          smallConfiguration {
            $0.scale = scale
            $0.observation = observation
            $0.rounds = 40
            $0.learningRate = 0.01
          })
      }
    }
  }

  @Test func participantsWithoutTrainingRowsAreLeftOut() throws {
    var fleet = smallFleet()
    fleet.participants[1].train = nil
    let model = try trained(fleet, smallConfiguration())
    #expect(model.detector.participants.map(\.name) == ["machine-1", "machine-3"])
    for index in fleet.participants.indices { fleet.participants[index].train = nil }
    #expect(throws: TrainingDataError.noRows) {
      _ = try FleetTraining<VAEParticipant>(fleet, smallConfiguration(), threads: 1)
    }
  }

  @Test func rowsThatCannotBeLearnedFrom() {
    func error(_ values: [Float]) -> TrainingDataError? {
      let fleet = SensorFleet(participants: [
        ParticipantData(name: "a", train: MemoryRows(columnCount: 2, values: values))
      ])
      let error = #expect(throws: ParticipantError.self) {
        _ = try FleetTraining<VAEParticipant>(fleet, smallConfiguration(), threads: 1)
      }
      return error?.cause as? TrainingDataError
    }
    let good = (0..<40).map { Float($0 * $0 % 17) }
    #expect(error([]) == .noRows)
    #expect(error(Array(good[..<30])) == .tooFewRows(15, needed: 16))
    #expect(error(good.map { $0 == 4 ? .infinity : $0 }) != nil)
    #expect(error([Float](repeating: 2, count: 40)) == .nothingMoves)
    #expect(error([Float](repeating: .nan, count: 40)) == .nothingMoves)
  }

  @Test func aDecoderNeedsOneOfTheTwoPaths() {
    #expect(throws: ConfigurationError.self) {
      _ = try FleetTraining<VAEParticipant>(
        smallFleet(),
        smallConfiguration {
          $0.hidden = []
          $0.linearPath = false
        }, threads: 1)
    }
  }
}
