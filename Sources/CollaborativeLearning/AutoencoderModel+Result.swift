import AnomalyDetection
import Datasets
import VariationalInference

extension AutoencoderModel {
  /// The model of participants of a finished run, who share θ: of all of them, or of one alone.
  public init(
    _ results: [ParticipantResult], variableNames: [String]?, units: [String]?,
    configuration: TrainingConfiguration
  ) {
    self.init(
      variableNames: variableNames, units: units, architecture: results[0].architecture,
      window: CausalWindow(configuration.window), seed: configuration.seed,
      theta: results[0].theta, startTheta: results[0].startTheta,
      participants: results.map(\.detector), scoring: configuration.scoring,
      collapse: CollapseReport(mean: results.map(\.collapse)))
  }
}
