/// What Wang et al. 2020 fix and leave open of validation and calibration. Everybody on a chain has
/// the same rules, so that everybody comes to the same models.
public struct CalibrationRules: Sendable, Hashable {
  /// α: m = ⌈α |S(y)|⌉ models count, the model in the middle among them.
  public var memberShare = 1.0
  /// δ of Eq. (9).
  public var leastScore: Float = 0.6
  /// σ of Eq. (10).
  public var greatestSpread: Float = 0.2
  /// η of Eqs. (11) and (12).
  public var learningRate: Float = 0.003
  /// G: the longest gradient of a step.
  public var gradientCap: Float = 1
  public var objective = CalibrationObjective.logLikelihood
  public var scoreRule = ScoreRule.zeroLogit
  /// How parties choose y⁻ when they look for samples.
  public var wrongClass = WrongClassRule.strongest
  /// Messages that are validated with the same scores, and make one step of each model together.
  public var blockSize = 10
  /// What classifies: ``Predictor/krumMean`` or, as Eqs. (13) and (14) are printed, the medoid.
  public var predictor = Predictor.krumMean

  public init() {}
}
