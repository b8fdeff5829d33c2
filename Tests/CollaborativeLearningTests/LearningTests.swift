import AnomalyDetection
import CollaborativeLearning
import Datasets
import Metrics
import Testing

@Suite struct LearningTests {
  private let configuration = smallConfiguration {
    $0.window = 1
    $0.hidden = [16]
    $0.latent = 1
    $0.rounds = 300
    $0.batchSize = 64
    $0.validationInterval = 50
    $0.learningRate = 0.01
  }

  @Test(arguments: [UpdateOrder.alternating, .simultaneous])
  func trainingLowersTheHeldOutLoss(order: UpdateOrder) throws {
    var configuration = configuration
    configuration.order = order
    let report = try trained(curvedFleet(rows: 600), configuration, threads: 2).report
    #expect(report.bestValidation < report.startValidation - 0.5)
    #expect(report.bestRound > 0)
  }

  @Test func trainingTellsTheCurveFromItsSurroundings() throws {
    var configuration = configuration
    configuration.latent = 2
    let model = try trained(curvedFleet(rows: 600), configuration, threads: 2).detector
    // Points on the curve, and points with each variable in its range but off the curve.
    let normal = try #require(curvedFleet(rows: 900).participants[0].train).readAll()
    var off = Array(normal[(600 * 4)...])
    for row in 0..<300 { off[4 * row + 1] = normal[(600 + (row + 150) % 300) * 4 + 1] }
    let test = MemoryRows(columnCount: 4, values: Array(normal[(600 * 4)...]) + off)
    let labels = (0..<600).map { $0 >= 300 }
    func auroc(_ state: AutoencoderModel.State) throws -> Double {
      var unsmoothed = model
      unsmoothed.scoring.smoothing = 1
      var scorer = unsmoothed.scorer(for: model.participants[0], state)
      return try #require(
        RankingCurve(scores: scorer.scores(of: test), labels: labels).areaUnderROC)
    }
    #expect(try auroc(.trained) > auroc(.start) + 0.05)
  }

  @Test func closedFormScaleFollowsTheResiduals() throws {
    var configuration = configuration
    configuration.scale = .closedForm
    let model = try trained(curvedFleet(rows: 600), configuration, threads: 2).detector
    let structure = ModelStructure(model.architecture, window: model.window)
    let slot = try #require(structure.decoderLayout["log-scale"])
    let end = slot.range.map { model.theta[$0] }
    let start = slot.range.map { model.startTheta[$0] }
    // The network explains more than the line did: what is left becomes less.
    #expect(end.reduce(0, +) < start.reduce(0, +))
    #expect(end.allSatisfy { $0.isFinite })
  }

  /// With few rows each, participants do better together than each alone.
  @Test func togetherHelpsOnFewRows() throws {
    var together: [Double] = []
    var alone: [Double] = []
    for seed: UInt64 in [1, 2] {
      var recipe = SyntheticFleet()
      recipe.participants = 6
      recipe.variables = 12
      recipe.trainRows = 40
      recipe.testRows = 400
      recipe.seed = seed
      let machines = recipe.machines()
      let fleet = SensorFleet(
        participants: machines.map {
          ParticipantData(name: $0.name, train: $0.train, test: $0.test, testLabels: $0.labels)
        })
      var configuration = smallConfiguration { $0.rounds = 20 }
      configuration.latent = nil
      configuration.scoring.draws = 8
      let shared = try trained(fleet, configuration, threads: 2).detector
      for (index, machine) in machines.enumerated() {
        let single = try trained(
          SensorFleet(participants: [fleet.participants[index]]), configuration
        ).detector
        for (model, participant, result) in [
          (shared, shared.participants[index], 0), (single, single.participants[0], 1),
        ] {
          var scorer = model.scorer(for: participant)
          let scores = try scorer.scores(of: machine.test)
          let value = try #require(
            RankingCurve(scores: scores, labels: machine.labels).areaUnderROC)
          if result == 0 { together.append(value) } else { alone.append(value) }
        }
      }
    }
    let gain = zip(together, alone).reduce(0.0) { $0 + $1.0 - $1.1 }
    #expect(gain > 0)
  }

  @Test func faultsOfTheSyntheticFleetAreFound() throws {
    var recipe = SyntheticFleet()
    recipe.participants = 2
    recipe.trainRows = 400
    recipe.testRows = 400
    let machines = recipe.machines()
    let fleet = SensorFleet(
      participants: machines.map { ParticipantData(name: $0.name, train: $0.train) })
    let model = try trained(
      fleet, smallConfiguration { $0.latent = nil }, threads: 2
    ).detector
    for (machine, participant) in zip(machines, model.participants) {
      var scorer = model.scorer(for: participant)
      let metrics = DetectionMetrics(
        scores: try scorer.scores(of: machine.test), labels: machine.labels,
        threshold: model.threshold(for: participant))
      let auroc = try #require(metrics.auroc)
      #expect(auroc > 0.65)
    }
  }
}
