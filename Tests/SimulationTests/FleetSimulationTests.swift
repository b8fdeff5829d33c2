import AnomalyDetection
import CollaborativeLearning
import Consensus
import Datasets
import Testing

@testable import Simulation

/// A whole run through nodes, messages and shares gives the bits of a run in one process.
@Suite struct FleetSimulationTests {
  private func fleet(_ participants: Int) -> SensorFleet {
    var recipe = SyntheticFleet()
    recipe.participants = participants
    recipe.variables = 4
    recipe.states = 2
    recipe.trainRows = 120
    recipe.testRows = 10
    return SensorFleet(
      participants: recipe.machines().map { ParticipantData(name: $0.name, train: $0.train) })
  }

  private var configuration: TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.hidden = [4]
    configuration.latent = 2
    configuration.rounds = 12
    configuration.batchSize = 16
    configuration.validationInterval = 3
    configuration.scoring.draws = 4
    return configuration
  }

  private func reference(_ fleet: SensorFleet, log: [[Int]]? = nil) throws -> TrainedModel<
    AutoencoderModel
  > {
    let training = try FleetTraining<VAEParticipant>(fleet, configuration, threads: 1)
    #expect(try training.run(contributorLog: log))
    return try training.trainedModel()
  }

  @Test(arguments: [1, 2]) func theSameBitsAsInOneProcess(threads: Int) throws {
    let fleet = fleet(5)
    let expected = try reference(fleet)
    for (threshold, holders) in [(1, 1), (2, 3), (3, 5)] {
      var simulation = try FleetSimulation<VAEParticipant>(
        fleet, configuration,
        sharing: SecretSharing(threshold: threshold, holders: holders), threads: threads)
      #expect(try simulation.run())
      #expect(try simulation.trainedModel() == expected)
      #expect(simulation.contributorLog.allSatisfy { $0 == Array(0..<5) })
    }
  }

  /// Whoever was missing when: a run in one process with the logged contributors ends with the same
  /// model, encoders included.
  @Test func whatTheLogSaysCanBeRepeated() throws {
    let fleet = fleet(8)
    var missed = 0
    for seed in [0, 1, 2, 3, 4, 5, 17] as [UInt64] {
      var configuration = configuration
      configuration.seed = seed
      var faults = SimulationFaults()
      faults.stopping = 0.25
      faults.cut = 0.25
      // As many as three of five holders can do without.
      faults.mostFailing = 2
      faults.window = 0.3...0.8
      faults.network.loss = 0.01
      var simulation = try FleetSimulation<VAEParticipant>(
        fleet, configuration, sharing: SecretSharing(threshold: 3, holders: 5), faults: faults,
        threads: 2)
      try #require(try simulation.run(), "seed \(seed)")
      let log = simulation.contributorLog
      missed += log.filter { $0.count < 8 }.count
      let training = try FleetTraining<VAEParticipant>(fleet, configuration, threads: 1)
      try #require(try training.run(contributorLog: log), "seed \(seed)")
      let repeated = try training.trainedModel()
      let model = try simulation.trainedModel()
      #expect(model.detector.theta == repeated.detector.theta, "seed \(seed)")
      #expect(model.detector.participants == repeated.detector.participants, "seed \(seed)")
    }
    // Otherwise nothing was tried.
    #expect(missed > 10)
  }

  /// Three holders of five vanish at once and stay away for long: a round whose sum some of them may
  /// have is given up by all, and the log says so.
  @Test func aRoundThatWasGivenUpIsRepeatedAsSuch() throws {
    let fleet = fleet(6)
    var givenUp = 0
    for seed in 0..<12 as Range<UInt64> {
      var configuration = configuration
      configuration.seed = seed
      var faults = SimulationFaults()
      faults.stopping = 0.7
      faults.mostFailing = 3
      // One phase of a round after the other.
      let moment = 1 + 0.012 * Double(seed)
      faults.window = moment...moment + 0.01
      faults.absence = 15...20
      faults.network.latency = 0.01...0.03
      var simulation = try FleetSimulation<VAEParticipant>(
        fleet, configuration, sharing: SecretSharing(threshold: 3, holders: 5), faults: faults,
        threads: 2)
      try #require(try simulation.run(), "seed \(seed)")
      let log = simulation.contributorLog
      givenUp += log.filter(\.isEmpty).count
      let training = try FleetTraining<VAEParticipant>(fleet, configuration, threads: 1)
      try #require(try training.run(contributorLog: log), "seed \(seed)")
      let repeated = try training.trainedModel()
      let model = try simulation.trainedModel()
      #expect(model.detector.theta == repeated.detector.theta, "seed \(seed)")
      #expect(model.detector.participants == repeated.detector.participants, "seed \(seed)")
    }
    // Otherwise nothing was tried.
    #expect(givenUp > 0)
  }

  /// Averages over a graph, rounded to whole steps, are the exact sum.
  @Test(arguments: [ConsensusMethod.metropolis, .chebyshev, .paperStep])
  func iterativeSumsRoundToTheSameBits(method: ConsensusMethod) throws {
    let fleet = fleet(7)
    let expected = try reference(fleet)
    for privacy in [IterativeAggregation.Privacy.none, .masks, .chunks(3)] {
      let aggregation = try IterativeAggregation(
        topology: .cycleWithInverseChords, method: method, privacy: privacy,
        tolerance: 0.05, participants: 7, seed: 3)
      let training = try FleetTraining<VAEParticipant>(
        fleet, configuration, aggregation: aggregation, threads: 1)
      #expect(try training.run())
      #expect(try training.trainedModel() == expected)
      #expect(aggregation.worstError < 0.5 && aggregation.rounds > 0)
    }
  }

  @Test func fewerThanThreeAreRefused() throws {
    #expect(throws: ParticipantFailure.self) {
      _ = try FleetSimulation<VAEParticipant>(
        fleet(2), configuration, sharing: .plain, threads: 1)
    }
  }

  @Test func seriesAreCutIntoParticipants() throws {
    let fleet = fleet(3)
    let split = try #require(fleet.split(into: 10))
    #expect(split.participants.count == 10)
    #expect(split.participants.reduce(0) { $0 + ($1.train?.rowCount ?? 0) } == 360)
    #expect(Set(split.participants.map(\.name)).count == 10)
    #expect(fleet.split(into: 2) == nil && fleet.split(into: 100) == nil)
  }
}
