import CollaborativeLearning
import Datasets

/// Rounds of four participants with windows of 38 variables, on one or two threads.
///
/// - Returns: the time of 300 rounds, in seconds.
func rounds(threads: Int) throws -> Double {
  var recipe = SyntheticFleet()
  recipe.variables = 38
  recipe.participants = 4
  recipe.trainRows = 8192
  recipe.testRows = 16
  recipe.faultsEach = 0
  var configuration = TrainingConfiguration()
  configuration.rounds = 1_000_000
  configuration.validationInterval = 1_000_000
  configuration.hidden = [128]
  configuration.batchSize = 512
  let training = try FleetTraining<VAEParticipant>(
    SensorFleet(
      participants: recipe.machines().map { ParticipantData(name: $0.name, train: $0.train) }),
    configuration, threads: threads)
  // The start and the first rounds, which warm up memory, are not counted.
  try training.run { training.report.round < 20 }
  let clock = ContinuousClock()
  let time = try clock.measure {
    let end = training.report.round + 300
    try training.run { training.report.round < end }
  }
  return time / .seconds(1)
}
