import AnomalyDetection
import CollaborativeLearning
import Datasets
import Randomness

/// A small fleet of simulated machines.
func smallFleet(
  participants: Int = 3, trainRows: Int = 120, seed: UInt64 = 1,
  _ change: (Int, inout [Float]) -> Void = { _, _ in }
) -> SensorFleet {
  var recipe = SyntheticFleet()
  recipe.participants = participants
  recipe.variables = 4
  recipe.states = 2
  recipe.trainRows = trainRows
  recipe.testRows = 200
  recipe.seed = seed
  return SensorFleet(
    participants: recipe.machines().enumerated().map { index, machine in
      var values = machine.train.values
      change(index, &values)
      return ParticipantData(
        name: machine.name, train: MemoryRows(columnCount: 4, values: values), test: machine.test,
        testLabels: machine.labels)
    })
}

/// Settings under which a run takes a moment and goes through all stages.
func smallConfiguration(_ change: (inout TrainingConfiguration) -> Void = { _ in })
  -> TrainingConfiguration
{
  var configuration = TrainingConfiguration()
  configuration.hidden = [4]
  configuration.latent = 2
  configuration.rounds = 12
  configuration.batchSize = 16
  configuration.validationInterval = 3
  configuration.learningRate = 1e-3
  configuration.scoring.draws = 4
  change(&configuration)
  return configuration
}

/// Trains to the end.
func trained(
  _ fleet: SensorFleet, _ configuration: TrainingConfiguration, threads: Int = 1
) throws -> TrainedModel<AutoencoderModel> {
  let training = try FleetTraining<VAEParticipant>(fleet, configuration, threads: threads)
  try training.run()
  return try training.trainedModel()
}

extension AutoencoderModel {
  /// Whether every number in it is finite.
  var isFinite: Bool {
    theta.allSatisfy { $0.isFinite } && startTheta.allSatisfy { $0.isFinite }
      && participants.allSatisfy { participant in
        participant.local.phi.allSatisfy { $0.isFinite }
          && participant.local.noise.allSatisfy { $0.isFinite && $0 > 0 }
          && participant.calibration.allSatisfy { $0.isFinite }
          && participant.baseline.allSatisfy { $0.isFinite }
      }
  }
}

/// Machines whose variables lie on a curve, which no linear model follows.
func curvedFleet(rows: Int) -> SensorFleet {
  SensorFleet(
    participants: (0..<2).map { participant in
      let stream = RandomStream(
        seed: 4, participant: UInt32(participant), purpose: .syntheticData)
      let random = stream.normal(rows * 5)
      var values: [Float] = []
      for row in 0..<rows {
        let z = random[5 * row]
        let noise = (1...4).map { 0.1 * random[5 * row + $0] }
        values += [
          z + noise[0], z * z + noise[1], z * z * z / 3 + noise[2], z.magnitude + noise[3],
        ]
      }
      return ParticipantData(
        name: "p\(participant)", train: MemoryRows(columnCount: 4, values: values))
    })
}
