import AnomalyDetection
import CollaborativeLearning
import Datasets
import Foundation
import GraphicalModels
import Storage
import Testing

@Suite struct MixtureCheckpointTests {
  let directory = try! TemporaryDirectory()
  var path: String { directory("model.h5") }

  private func training() throws -> FleetTraining<GGMParticipant> {
    var recipe = SyntheticFleet()
    recipe.participants = 3
    recipe.variables = 4
    recipe.trainRows = 150
    var configuration = TrainingConfiguration()
    configuration.modelClass = .ggm
    configuration.window = 2
    configuration.mixture.penalty = 0.02
    configuration.mixture.score = .conditional
    configuration.mixture.leastDiversity = 2
    return try FleetTraining<GGMParticipant>(
      SensorFleet(
        variables: recipe.variableNames, units: recipe.units,
        participants: recipe.machines().map { ParticipantData(name: $0.name, train: $0.train) }),
      configuration, threads: 1)
  }

  private func finished() throws -> TrainedModel<MixtureModel> {
    let training = try training()
    try training.run()
    var run = try training.trainedModel()
    run.report.stage = "finished"
    run.report.rounds = run.report.round
    return run
  }

  private func read() throws -> TrainedModel<MixtureModel> {
    guard case .finished(.mixture(let run)) = try Checkpoint(reading: path) else {
      throw StorageError(.malformed, "no mixture", at: .init(file: path), remedy: "train one")
    }
    return run
  }

  @Test func aFinishedMixtureComesBackBitForBit() throws {
    let run = try finished()
    try Checkpoint.finished(.mixture(run)).write(to: path)
    let found = try read()
    #expect(found.detector == run.detector)
    #expect(found.configuration == run.configuration)
    #expect(found.report.round == run.report.round && found.report.loss == run.report.loss)
    let rows = MemoryRows(columnCount: 4, values: (0..<40).map { Float($0 % 7) })
    var (before, after) = (run.detector.scorer(at: 1), found.detector.scorer(at: 1))
    #expect(try before.scores(of: rows) == after.scores(of: rows))
  }

  /// Stopped after any sum and gone on with from a file: the same model. A file has no empty arrays.
  @Test func aRunGoesOnFromAFileAfterAnySum() throws {
    let whole = try training()
    var sums = 0
    try whole.run {
      sums += 1
      return true
    }
    let expected = try whole.model()
    for stop in 1..<sums {
      let first = try training()
      var done = 0
      try first.run {
        done += 1
        return done < stop
      }
      let round = first.report.round
      try Checkpoint.running(
        configuration: first.configuration, names: first.names, states: first.states
      ).write(to: path)
      guard case .running(let configuration, let names, let states) = try Checkpoint(reading: path)
      else { return #expect(Bool(false), "no run on its way after \(stop) sums") }
      #expect(names == first.names && configuration == first.configuration)
      #expect(ModelClass.ggm.round(in: states[0]) == round)
      let second = try training()
      try second.restore(states)
      try second.run()
      #expect(try second.model() == expected, "after \(stop) sums")
    }
  }

  @Test func damagedMixturesAreRefused() throws {
    let run = try finished()
    let changes: [(inout MixtureModel) -> Void] = [
      { $0.patterns[0].precision[0, 0] = -1 },
      { $0.patterns[0].precision[0, 1] += 0.5 },
      { $0.patterns[0].precision[2, 2] = .nan },
      { $0.participants[0].weights.append(0.1) },
      { $0.participants[0].weights[0] = -1 },
      { $0.participants[1].baseline.removeLast() },
      { $0.participants[1].spread = .shared(patterns: 1, variables: 3) },
      { $0.participants[1].standardisation = Standardisation(mean: [0], scale: [1]) },
      { $0.prior.mean.append(0) },
      { $0.prior.strength = -1 },
      { $0.statistics = PatternStatistics(patterns: 1, variables: 3) },
      { $0.startedWith = 0 },
      { $0.participants = [] },
    ]
    for (number, change) in changes.enumerated() {
      var damaged = run
      change(&damaged.detector)
      try Checkpoint.finished(.mixture(damaged)).write(to: path)
      #expect(throws: StorageError.self, "change \(number)") { try read() }
    }
  }

  @Test func aDictionaryHoldsNothingOfAnybody() throws {
    let run = try finished()
    let dictionary = PretrainedDictionary(run.detector)
    try dictionary.write(to: directory("dictionary.h5"))
    #expect(try PretrainedDictionary(reading: directory("dictionary.h5")) == dictionary)
    try dictionary.write(to: directory("dictionary.json"))
    let text = try String(contentsOfFile: directory("dictionary.json"), encoding: .utf8)
    #expect(text.contains("\"precision\"") && !text.contains("machine"))
    #expect(throws: StorageError.self) { try dictionary.write(to: directory("dictionary.onnx")) }
    #expect(throws: StorageError.self) {
      try Checkpoint.finished(.mixture(run)).write(to: path)
      _ = try PretrainedDictionary(reading: path)
    }
  }
}
