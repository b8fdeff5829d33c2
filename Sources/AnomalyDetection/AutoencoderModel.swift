import Datasets
import VariationalInference

/// What training of an autoencoder leaves to one participant.
public struct AutoencoderParticipant: DetectorParticipant {
  public let name: String
  /// Its parameters after training.
  public var local: LocalParameters
  /// Its parameters at the closed-form start, to see what training adds.
  public var start: LocalParameters
  /// Scores of its normal rows by models that had not seen them, ascending.
  public var calibration: [Double]
  /// Rows that it learned from.
  public var trainingRows: Int
  /// The mean part of each variable in the scores of its training rows, `[variables]`: what a part
  /// has to be compared with.
  public var baseline: [Double]

  public init(
    name: String, local: LocalParameters, start: LocalParameters, calibration: [Double],
    trainingRows: Int, baseline: [Double]
  ) {
    self.name = name
    self.local = local
    self.start = start
    self.calibration = calibration
    self.trainingRows = trainingRows
    self.baseline = baseline
  }
}

/// A trained multi-task autoencoder: the shared decoder θ, and what its participants keep.
public struct AutoencoderModel: DetectorModel {
  /// Names and units of the variables, where the data gave them.
  public var variableNames: [String]?
  public var units: [String]?
  public var architecture: VAEArchitecture
  public var window: CausalWindow
  public var seed: UInt64
  /// θ, in the decoder's layout.
  public var theta: [Float]
  /// θ at its closed-form start.
  public var startTheta: [Float]
  public var participants: [AutoencoderParticipant]
  public var scoring: ScoringOptions
  public var collapse: CollapseReport

  public init(
    variableNames: [String]? = nil, units: [String]? = nil, architecture: VAEArchitecture,
    window: CausalWindow, seed: UInt64, theta: [Float], startTheta: [Float],
    participants: [AutoencoderParticipant], scoring: ScoringOptions, collapse: CollapseReport
  ) {
    self.variableNames = variableNames
    self.units = units
    self.architecture = architecture
    self.window = window
    self.seed = seed
    self.theta = theta
    self.startTheta = startTheta
    self.participants = participants
    self.scoring = scoring
    self.collapse = collapse
  }

  /// M.
  public var variables: Int { architecture.features / window.length }

  /// Which of the model's two states is meant.
  public enum State: Sendable {
    case trained, start
  }

  /// A scorer with a participant's parameters.
  public func scorer(for participant: AutoencoderParticipant, _ state: State = .trained)
    -> VAEScorer
  {
    VAEScorer(
      ModelStructure(architecture, window: window), theta: state == .trained ? theta : startTheta,
      local: state == .trained ? participant.local : participant.start, options: scoring, seed: seed
    )
  }

  public func scorer(at index: Int) -> any AnomalyScorer { scorer(for: participants[index]) }

  public func startScorer(at index: Int) -> (any AnomalyScorer)? {
    scorer(for: participants[index], .start)
  }
}
