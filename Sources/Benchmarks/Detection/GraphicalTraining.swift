import AnomalyDetection
import CollaborativeLearning
import Datasets
import Foundation
import GraphicalModels

/// Mixtures of Gaussian graphical models on the public data sets.
struct GraphicalTraining {
  var configuration: TrainingConfiguration

  init() {
    configuration = TrainingConfiguration()
    configuration.modelClass = .ggm
  }

  /// The model of a run over all series.
  func train(_ series: [Series]) throws -> MixtureModel {
    let training = try FleetTraining<GGMParticipant>(
      SensorFleet(
        participants: series.map { ParticipantData(name: $0.name, train: $0.train) }),
      configuration, threads: ProcessInfo.processInfo.activeProcessorCount)
    try training.run()
    return try training.model()
  }
}

extension MixtureModel {
  /// Patterns, ρ and edges, in a few words.
  var summary: String {
    let edges = patterns.reduce(0) { $0 + $1.edges.count }
    let pairs = patterns.reduce(0) { $0 + $1.variables * ($1.variables - 1) / 2 }
    let share = 100 * Double(edges) / Double(max(1, pairs))
    let penalty = prior.penalty / rows.reduce(0, +)
    return "K \(patterns.count), ρ/N \(String(format: "%.0e", penalty)), "
      + "\(Int(share.rounded())) % edges"
  }
}
