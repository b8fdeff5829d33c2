import AnomalyDetection
import Datasets
import Metrics
import Testing
import VariationalInference

@Suite struct EvaluationTests {
  private let labels = (0..<200).map { (60..<80).contains($0) || (150..<160).contains($0) }

  @Test func perfectScores() {
    let scores = labels.map { $0 ? 2.0 : 1.0 }
    let metrics = DetectionMetrics(scores: scores, labels: labels, threshold: 1.5)
    #expect(metrics.auroc == 1 && metrics.auprc == 1 && metrics.f1 == 1)
    #expect(metrics.eventRecall == 1)
    #expect(metrics.falseAlarmRate == 0 && metrics.missedAlarmRate == 0)
    #expect(metrics.rows == 200 && metrics.threshold == 1.5)
  }

  @Test func pointwiseWithoutAdjustment() throws {
    // One alarm in an event of twenty rows is one row found, not twenty.
    let scores = (0..<200).map { $0 == 65 || $0 == 10 ? 1.0 : 0 }
    let metrics = DetectionMetrics(scores: scores, labels: labels, threshold: 0.5)
    #expect(metrics.missedAlarmRate == 29.0 / 30)
    #expect(metrics.falseAlarmRate == 1.0 / 170)
    #expect(isNear(try #require(metrics.f1), 2 * 0.5 / 30 / (0.5 + 1.0 / 30), 1e-12))
  }

  @Test func withoutBothClassesThereAreNoRanks() {
    let scores = (0..<50).map { Double($0) }
    let normal = DetectionMetrics(
      scores: scores, labels: [Bool](repeating: false, count: 50), threshold: 25)
    #expect(normal.auroc == nil && normal.auprc == nil && normal.vusPR == nil)
    #expect(normal.eventRecall == nil && normal.falseAlarmRate == 24.0 / 50)
    let anomalous = DetectionMetrics(
      scores: scores, labels: [Bool](repeating: true, count: 50), threshold: 25)
    #expect(anomalous.auroc == nil && anomalous.missedAlarmRate == 26.0 / 50)
    let none = DetectionMetrics(scores: [], labels: [], threshold: 0)
    #expect(none.rows == 0 && none.auroc == nil)
  }

  @Test func theMeanIsOverThoseThatHaveTheNumber() throws {
    let good = DetectionMetrics(
      scores: labels.map { $0 ? 1 : 0 }, labels: labels, threshold: 0.5)
    let flat = DetectionMetrics(
      scores: labels.map { _ in 1 }, labels: labels, threshold: 0.5)
    let normal = DetectionMetrics(
      scores: [0, 1, 1, 0], labels: [false, false, false, false], threshold: 0.5)
    let mean = try #require(DetectionMetrics(mean: [good, flat, normal]))
    #expect(mean.auroc == 0.75)
    #expect(mean.rows == 404)
    #expect(mean.falseAlarmRate == Double(0 + 170 + 2) / Double(170 + 170 + 4))
    #expect(DetectionMetrics(mean: []) == nil)
  }

  private func model(_ calibration: [Double] = []) -> AutoencoderModel {
    let sample = SampleModel(variables: 2, window: 2, latent: 1)
    return AutoencoderModel(
      architecture: sample.structure.architecture, window: sample.structure.window, seed: 1,
      theta: sample.theta, startTheta: sample.structure.theta,
      participants: [
        AutoencoderParticipant(
          name: "a", local: sample.local, start: sample.local, calibration: calibration,
          trainingRows: 10, baseline: [0, 0])
      ], scoring: ScoringOptions(),
      collapse: CollapseReport(
        divergencePerDimension: [1], activeUnits: 1, gainOverConstant: 1, gainOverStart: 0,
        correlationWithNorm: 0))
  }

  @Test func references() throws {
    let model = model()
    let train = MemoryRows(columnCount: 2, values: sampleRows(100, 2))
    var values = sampleRows(200, 2)
    for (row, label) in labels.enumerated() where label { values[2 * row] += 8 }
    let test = MemoryRows(columnCount: 2, values: values)
    func figures(_ reference: Reference, _ train: MemoryRows?) throws -> DetectionMetrics? {
      try model.reference(reference, test: test, labels: labels, train: train)
    }
    let ones = try #require(try figures(.allOnes, nil))
    #expect(ones.auroc == 0.5 && ones.falseAlarmRate == 1 && ones.missedAlarmRate == 0)
    let random = try #require(try figures(.random, nil))
    #expect(try figures(.random, nil) == random)
    let rank = try #require(random.auroc)
    #expect((0.3...0.7).contains(rank))
    let mahalanobis = try #require(try figures(.mahalanobis, train))
    let distance = try #require(mahalanobis.auroc)
    #expect(distance > 0.9)
    #expect(try figures(.mahalanobis, nil) == nil)
  }

  @Test func thresholdsFollowTheRuleAndTheRate() throws {
    var model = model((1...99).map { Double($0) })
    let participant = model.participants[0]
    model.scoring.falseAlarmRate = 0.1
    #expect(model.threshold(for: participant) == 90)
    model.scoring.falseAlarmRate = 0.01
    #expect(model.threshold(for: participant) == 99)
    // Too few scores for so low a rate: the highest of them.
    model.scoring.falseAlarmRate = 1e-6
    #expect(model.threshold(for: participant) == 99)
    model.scoring.rule = .peaksOverThreshold
    let far = model.threshold(for: participant)
    model.scoring.falseAlarmRate = 0.01
    #expect(model.threshold(for: participant) <= far)
    var empty = participant
    empty.calibration = []
    for rule in ThresholdRule.allCases {
      model.scoring.rule = rule
      #expect(model.threshold(for: empty) == .infinity)
    }
  }

  @Test func namesOfVariables() {
    var model = model()
    #expect(model.variables == 2 && model.variableName(1) == "variable 2")
    model.variableNames = ["flow", "speed"]
    #expect(model.variableName(1) == "speed")
    #expect(model["a"]?.name == "a" && model["b"] == nil)
  }
}
