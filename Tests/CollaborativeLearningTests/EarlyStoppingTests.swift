import AnomalyDetection
import CollaborativeLearning
import Datasets
import Testing

@Suite struct EarlyStoppingTests {
  /// Rounds of the first stage of a run, and its report at that stage's end.
  private func firstStage(
    _ fleet: SensorFleet, _ configuration: TrainingConfiguration
  ) throws -> (rounds: Int, model: TrainedModel<AutoencoderModel>) {
    let training = try FleetTraining<VAEParticipant>(fleet, configuration, threads: 1)
    var longest = 0
    var isFirst = true
    try training.run {
      let round = training.report.round
      if round < longest { isFirst = false }
      if isFirst { longest = max(longest, round) }
      return true
    }
    return (longest, try training.trainedModel())
  }

  /// A learning rate so high that no look is better than the start.
  private let hopeless = smallConfiguration {
    $0.rounds = 60
    $0.learningRate = 1
    $0.validationInterval = 2
    $0.patience = 3
  }

  @Test func endsAfterLooksWithoutGain() throws {
    let (rounds, model) = try firstStage(smallFleet(), hopeless)
    #expect(rounds == 2 * 3)
    #expect(model.report.bestRound == 0)
    #expect(model.detector.theta == model.detector.startTheta)
    #expect(model.report.bestValidation == model.report.startValidation)
  }

  @Test func notBeforeTheDivergenceCountsInFull() throws {
    var configuration = hopeless
    configuration.warmUp = 21
    let (rounds, _) = try firstStage(smallFleet(), configuration)
    // β is 1 from round 21 on; the looks at 22, 24 and 26 count.
    #expect(rounds == 26)
  }

  /// When the first stage ends for want of gain, the final model still gets its rounds.
  @Test func theFinalModelIsTrainedAsLongAsWasBest() throws {
    let fleet = curvedFleet(rows: 300)
    func settings(rounds: Int, patience: Int) -> TrainingConfiguration {
      smallConfiguration {
        $0.window = 1
        $0.latent = 1
        $0.rounds = rounds
        $0.batchSize = 64
        $0.learningRate = 0.02
        $0.validationInterval = 10
        $0.patience = patience
      }
    }
    let (rounds, model) = try firstStage(fleet, settings(rounds: 3000, patience: 1))
    let best = model.report.bestRound
    try #require(best > 0 && rounds < 3000, "best \(best) of \(rounds): choose other settings")
    #expect(rounds == best + 10)
    #expect(model.detector.theta != model.detector.startTheta)
    #expect(model.report.round == best)

    // The same rounds without early stopping end in the same model.
    let plain = try trained(fleet, settings(rounds: best, patience: 100_000))
    #expect(plain.report.bestRound == best)
    #expect(plain.detector.theta == model.detector.theta)
  }

  @Test func looksAreAtTheirIntervalAndAtTheEnd() throws {
    let (rounds, model) = try firstStage(
      smallFleet(),
      smallConfiguration {
        $0.rounds = 7
        $0.validationInterval = 5
      })
    #expect(rounds == 7)
    #expect([0, 5, 7].contains(model.report.bestRound))
  }
}
