import AnomalyDetection
import Datasets
import VariationalInference

extension DetectorModel {
  /// The model of one participant of a finished run.
  public init(
    _ result: ParticipantResult, variableNames: [String]?, units: [String]?,
    configuration: TrainingConfiguration
  ) {
    self.init(
      [result], collapse: result.collapse, variableNames: variableNames, units: units,
      configuration: configuration)
  }

  /// The model of all participants of a finished run, who share θ.
  init(
    _ results: [ParticipantResult], collapse: CollapseReport, variableNames: [String]?,
    units: [String]?, configuration: TrainingConfiguration
  ) {
    self.init(
      variableNames: variableNames, units: units, architecture: results[0].architecture,
      window: CausalWindow(configuration.window), seed: configuration.seed,
      theta: results[0].theta, startTheta: results[0].startTheta,
      participants: results.map(\.detector), scoring: configuration.scoring, collapse: collapse)
  }
}
