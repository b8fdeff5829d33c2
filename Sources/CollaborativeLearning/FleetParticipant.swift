import AnomalyDetection

/// A participant that learns from a sensor fleet, whatever its model class: its run can be
/// interrupted and gone on with, and leaves a detector.
public protocol FleetParticipant: CollaborativeParticipant where Report == TrainingReport {
  associatedtype Model: DetectorModel
  /// What a finished participant hands out: its own part, and what it shares.
  associatedtype Result: Sendable

  /// - Parameters:
  ///   - data: of this participant alone.
  ///   - index: its number among `participants`.
  init(
    _ data: LocalData, index: Int, of participants: Int, configuration: TrainingConfiguration)
    throws

  /// Whether local updates may have to be undone: over a network, not within one process.
  var canWithdraw: Bool { get set }

  /// The state between two rounds.
  var state: ParticipantState { get }

  /// Goes on where a participant with the same data and configuration was.
  ///
  /// - Throws: ``ResumeError`` or what is wrong with the numbers.
  mutating func restore(_ state: ParticipantState) throws

  /// The result of a finished run.
  ///
  /// - Precondition: the run is finished.
  func result(name: String) throws -> Result

  /// The model of participants of a finished run, who share what is shared: of all of them, or of
  /// one alone.
  static func model(
    _ results: [Result], variableNames: [String]?, units: [String]?,
    configuration: TrainingConfiguration
  ) -> Model

  /// The finished run as a file holds it.
  static func finished(_ run: TrainedModel<Model>) -> FinishedRun
}

extension VAEParticipant: FleetParticipant {
  public init(
    _ data: LocalData, index: Int, of participants: Int, configuration: TrainingConfiguration
  ) throws {
    try self.init(data, index: index, configuration: configuration)
  }

  public static func model(
    _ results: [ParticipantResult], variableNames: [String]?, units: [String]?,
    configuration: TrainingConfiguration
  ) -> AutoencoderModel {
    AutoencoderModel(
      results, variableNames: variableNames, units: units, configuration: configuration)
  }

  public static func finished(_ run: TrainedModel<AutoencoderModel>) -> FinishedRun {
    .autoencoder(run)
  }
}
