import AnomalyDetection
import CollaborativeLearning
import Datasets
import GraphicalModels

/// What is compared: the methods of CollabDict 2018, Sec. V-A, and two references that learn from each
/// participant's own rows only.
public enum ComparedMethod: String, Sendable, Hashable, CaseIterable, Codable {
  /// From three blocks a participant, as published.
  case collabDict = "CollabDict"
  case group
  case fused
  /// T² and Q of principal components.
  case principalComponents = "T² + Q alone"
  /// Hotelling's T² with the full covariance.
  case hotelling = "T² alone"
}

/// All methods, learned on one fleet.
struct LearnedMethods {
  let mixture: CollaborativeMixture
  let group: JointSelection
  let fused: JointSelection
  private let rows: [MemoryRows]

  init(_ fleet: ExperimentFleet) throws {
    var configuration = TrainingConfiguration()
    configuration.window = 1
    configuration.rounds = 300
    rows = fleet.participants.map(\.train)
    mixture = try .selected(rows, configuration: configuration)
    group = try JointSelection(.group, rows, configuration: configuration)
    fused = try JointSelection(.fused, rows, configuration: configuration)
  }

  /// What was chosen, in words.
  var choices: String {
    func joint(_ selection: JointSelection) -> String {
      "λ₁ = \(selection.lasso.sparsity), λ₂ = \(selection.lasso.similarity)"
    }
    return "CollabDict K = \(mixture.patterns.count), ρ = \(mixture.penalty); "
      + "group \(joint(group)); fused \(joint(fused))"
  }

  /// A participant's scorer, whose parts are variable-wise scores.
  ///
  /// - Parameter isTotal: whether its scores are those of whole rows, Eq. (24), rather than the sum of
  ///   the variables' conditionals. The two references have one kind of score only.
  func scorer(
    _ method: ComparedMethod, of participant: Int, isTotal: Bool = false
  ) throws -> any AnomalyScorer {
    let kind = isTotal ? MixtureScore.likelihood : .conditional
    func joint(_ selection: JointSelection) throws -> JointScorer {
      try JointScorer(
        selection.patterns[participant], of: selection.tasks[participant], kind: kind)
    }
    switch method {
    case .collabDict: return try mixture.scorer(participant, kind: kind)
    case .group: return try joint(group)
    case .fused: return try joint(fused)
    case .principalComponents:
      guard
        let scorer = try PrincipalComponentScorer(
          training: rows[participant], window: 1, smoothing: 1)
      else { throw ExperimentError("principal components of rows without variance") }
      return scorer
    case .hotelling:
      guard
        let scorer = try MahalanobisScorer(training: rows[participant], window: 1, smoothing: 1)
      else { throw ExperimentError("Hotelling's T² of rows without variance") }
      return scorer
    }
  }
}
