import CollaborativeLearning

/// What a checkpoint file holds: a run on its way, or a trained model.
///
/// ```
/// /                        attributes: format, version, state
/// /configuration           one attribute a setting
/// /global                  θ and whatever else all participants share
/// /participants/<name>     φˢ or πˢ, standardisation, threshold: the participant's own
/// ```
public enum Checkpoint: Sendable {
  /// A run between two rounds.
  case running(configuration: TrainingConfiguration, names: [String], states: [ParticipantState])
  /// A trained model.
  case finished(FinishedRun)

  static let format = "collabdict-checkpoint"
  static let version: Int64 = 1

  /// The settings of the run.
  public var configuration: TrainingConfiguration {
    switch self {
    case .running(let configuration, _, _): configuration
    case .finished(let run): run.configuration
    }
  }
}

/// Paths inside a checkpoint.
enum CheckpointPath {
  static let configuration = "/configuration"
  static let global = "/global"
  static let participants = "/participants"

  static func participant(_ name: String) -> String { "\(participants)/\(name)" }
}
