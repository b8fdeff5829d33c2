import AnomalyDetection

/// A finished run: the model, the settings that it was trained with, and how that went.
public struct TrainedModel: Sendable, Equatable {
  public var detector: DetectorModel
  public var configuration: TrainingConfiguration
  public var report: TrainingReport

  public init(
    detector: DetectorModel, configuration: TrainingConfiguration, report: TrainingReport
  ) {
    self.detector = detector
    self.configuration = configuration
    self.report = report
  }
}

extension FleetTraining {
  /// The finished run.
  ///
  /// - Precondition: the run is over.
  public func trainedModel() throws -> TrainedModel {
    TrainedModel(detector: try model(), configuration: configuration, report: report)
  }
}
