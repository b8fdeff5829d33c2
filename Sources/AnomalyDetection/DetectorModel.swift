import Datasets
import Metrics

/// What every trained model keeps of a participant, whatever its class.
public protocol DetectorParticipant: Sendable, Equatable {
  var name: String { get }
  /// Scores of its normal rows by models that had not seen them, ascending.
  var calibration: [Double] { get }
  /// Rows that it learned from.
  var trainingRows: Int { get }
  /// What ``ScoredRows/evidence(_:)`` is in the mean of its training rows, `[variables]`: with that,
  /// a variable's part in an alarm has to be compared.
  var baseline: [Double] { get }
}

/// A trained model of several participants: what they share, and what each keeps.
public protocol DetectorModel: Sendable, Equatable {
  associatedtype Participant: DetectorParticipant

  /// Names and units of the variables, where the data gave them.
  var variableNames: [String]? { get }
  var units: [String]? { get }
  /// M.
  var variables: Int { get }
  var window: CausalWindow { get }
  var seed: UInt64 { get }
  var participants: [Participant] { get }
  var scoring: ScoringOptions { get set }

  /// A scorer with the parameters of the participant of that number.
  func scorer(at index: Int) -> any AnomalyScorer

  /// The same before training, where the model knows what that was.
  func startScorer(at index: Int) -> (any AnomalyScorer)?
}

extension DetectorModel {
  /// The name of a variable, counted from 0.
  public func variableName(_ index: Int) -> String {
    variableNames.flatMap { index < $0.count ? $0[index] : nil } ?? "variable \(index + 1)"
  }

  public subscript(name: String) -> Participant? { participants.first { $0.name == name } }

  /// The participants' names, in order.
  public var names: [String] { participants.map(\.name) }

  /// The score above which a row of this participant gives an alarm, by the model's rule and rate.
  ///
  /// Infinite when there are too few normal scores for so low a rate.
  public func threshold(for participant: some DetectorParticipant) -> Double {
    let scores = participant.calibration
    switch scoring.rule {
    case .conformal:
      return AlarmThreshold.conformal(
        calibrationScores: scores, falseAlarmRate: scoring.falseAlarmRate)
        ?? scores.last ?? .infinity
    case .peaksOverThreshold:
      return PeaksOverThreshold(scores: scores)?
        .threshold(falseAlarmRate: scoring.falseAlarmRate)
        ?? scores.last ?? .infinity
    }
  }

  /// Its participant of that number.
  public func participant(at index: Int) -> any DetectorParticipant { participants[index] }
}
