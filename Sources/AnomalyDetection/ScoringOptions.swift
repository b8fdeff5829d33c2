import VariationalInference

/// How a threshold is set from the scores of normal rows.
public enum ThresholdRule: String, Sendable, Hashable, CaseIterable {
  /// The conformal quantile: of n normal scores the ⌈(n + 1)(1 - α)⌉-th.
  case conformal
  /// Peaks over threshold: a generalised Pareto distribution of the highest scores, which can be
  /// asked for rates below 1/n (Siffer et al. 2017).
  case peaksOverThreshold = "peaks-over-threshold"
}

/// How rows become scores, and scores alarms. Can be changed without training again.
public struct ScoringOptions: Sendable, Equatable {
  /// J of CollabDict 2024, Eq. (39): draws from q(z | x); even.
  public var draws = 32
  /// How far a value lies from its reconstruction. Student's t with many degrees of freedom is
  /// near a Gaussian for what happens, and lets no single variable take over what should not.
  public var observation = ObservationModel.studentT(degreesOfFreedom: 50)
  /// The weight of the prediction's part: how far a row lies from what the rows before it in the
  /// window let expect. 0 leaves it out.
  public var predictionWeight = 0.5
  /// Its observation model.
  public var predictionObservation = ObservationModel.studentT(degreesOfFreedom: 3)
  /// A score is the mean over this many rows: its own and those before it.
  public var smoothing = 8
  public var rule = ThresholdRule.conformal
  /// α, the share of normal rows that may give an alarm.
  public var falseAlarmRate = 0.01

  public init() {}
}
