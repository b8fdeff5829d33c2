import Datasets
import NeuralNetworks
import Testing

@testable import OpportunisticLearning

@Suite struct ModelQualityTests {
  let runner = ModelRunner()

  /// Twelve images, of the classes in turns.
  let images = Samples.images(3, seed: 2)

  @Test func byHand() {
    // Says class 2 to everything: right for a quarter.
    let model = Samples.constant([0, 0, 1, 0])
    #expect(runner.quality(.accuracy, of: model, on: images) == 0.25)
    let logarithm = 1.743668  // ln(3 + e)
    let loss = logarithm - 0.25
    #expect(abs(runner.quality(.loss, of: model, on: images) - loss) < 1e-5)
    // F1 of class 2 is 2·3 / (12 + 3), that of the others 0.
    #expect(abs(runner.quality(.macroF1, of: model, on: images) - 0.1) < 1e-12)
    // Where only class 2 occurs, nothing is wrong, and the others do not count.
    let one = images.selecting(labels: [2])
    #expect(runner.quality(.accuracy, of: model, on: one) == 1)
    #expect(runner.quality(.macroF1, of: model, on: one) == 1)
  }

  @Test func aClassThatWasUnknownIsRare() {
    let (two, one) = (Samples.constant([0, 0, 1, 0]), images.selecting(labels: [2]))
    #expect(runner.recalls(of: two, on: images) == [0, 0, 1, 0])
    #expect(runner.recalls(of: two, on: one) == [nil, nil, 1, nil])
    let rule = RareDataRule()
    #expect(rule.isRare(old: [0.9, 0.1, nil], new: [0.9, 0.5, nil]))
    #expect(!rule.isRare(old: [0.9, 0.11, 0.1], new: [1, 1, 0.49]))
    #expect(!rule.isRare(old: [nil, 0], new: [1, nil]), "nobody knows of a class without images")
  }

  /// More images than are looked at at once.
  @Test func piecesAddUp() throws {
    let participant = Samples.experienced(1)[0]
    let many = Samples.images(50, seed: 3)
    let pieces = [0..<100, 100..<200].map { many.selecting(Array($0)) }
    for metric in [ModelQuality.accuracy, .loss] {
      let parts = pieces.map { runner.quality(metric, of: participant.model, on: $0) }
      let whole = runner.quality(metric, of: participant.model, on: many)
      #expect(abs(whole - (parts[0] + parts[1]) / 2) < 1e-6)
    }
  }

  @Test func whatIsNoNumberIsRightForNothing() {
    let model = Samples.constant([.nan, 0, 0, 0])
    #expect(runner.quality(.accuracy, of: model, on: images) == 0)
    #expect(runner.quality(.macroF1, of: model, on: images) == 0)
    #expect(!runner.quality(.loss, of: model, on: images).isFinite)
  }

  /// Dropout is for training: two looks see the same.
  @Test func lookingIsNotRandom() {
    let participant = Samples.experienced(1)[0]
    let first = runner.quality(.loss, of: participant.model, on: images)
    _ = runner.train(
      participant.model, on: images, Samples.training,
      TrainingSession(seed: 1, participant: 0, counter: 0))
    #expect(runner.quality(.loss, of: participant.model, on: images) == first)
    #expect(ModelRunner().quality(.loss, of: participant.model, on: images) == first)
  }

  @Test func verdictsAtTheTolerance() {
    let rule = ValidationRule(.accuracy, tolerance: 0.03)
    // Each of them a loss of exactly three of a hundred.
    for right in 3...100 {
      #expect(rule.isValid(old: Double(right) / 100, new: Double(right - 3) / 100))
      if right > 3 {
        #expect(!rule.isValid(old: Double(right) / 100, new: Double(right - 4) / 100))
      }
    }
    #expect(rule.isValid(old: 0.5, new: 0.9))
    let strict = ValidationRule(.macroF1, tolerance: 0)
    #expect(strict.isValid(old: 0.5, new: 0.5))
    #expect(!strict.isValid(old: 0.5, new: 0.4999))
    let loss = ValidationRule(.loss, tolerance: 0.25)
    #expect(loss.isValid(old: 1, new: 1.25))
    #expect(!loss.isValid(old: 1, new: 1.26))
    #expect(loss.isValid(old: 1, new: 0.2))
    for metric in ModelQuality.allCases {
      #expect(!ValidationRule(metric, tolerance: 10).isValid(old: 1, new: .nan))
    }
    #expect(!loss.isValid(old: 1, new: .infinity))
    #expect(loss.isValid(old: .infinity, new: 3))
  }

  /// A validator compares both models on what it holds out, and not on what it trains on.
  @Test func validatorsLookAtTheirOwnImages() {
    let all = Samples.images(6, seed: 2)
    let knowsOne = Samples.constant([0, 1, 0, 0])
    let knowsTwo = Samples.constant([0, 0, 1, 0])
    func verdict(_ training: Set<UInt8>, _ validation: Set<UInt8>) -> Bool {
      let validator = Participant(
        number: 4, training: all.selecting(labels: training),
        validation: all.selecting(labels: validation), model: knowsOne)
      return ValidationRule(tolerance: 0.1).verdict(
        of: validator, on: Candidate(validated: knowsTwo), previous: knowsOne, runner: runner)
    }
    #expect(verdict([1], [2]))
    #expect(!verdict([2], [1]))
    #expect(!verdict([1], []))
    #expect(verdict([2], []))
    // As good as before on these.
    #expect(verdict([0], [1, 2]))
  }
}
