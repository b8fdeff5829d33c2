/// A threshold for false-alarm rates so small that the scores at hand hardly show them.
///
/// Scores beyond a high initial threshold t are taken for the tail of a generalised Pareto
/// distribution, and the tail is followed to the rate asked for (Siffert et al., "Anomaly Detection
/// in Streams with Extreme Value Theory", KDD 2017, the initialisation of SPOT). Unlike
/// ``AlarmThreshold/conformal(calibrationScores:falseAlarmRate:)`` this extrapolates, and its
/// promise is as good as the fit.
public struct PeaksOverThreshold: Hashable, Sendable {
  /// The fewest excesses that a tail is fitted to.
  public static let minimumExcessCount = 10

  /// t, in the unit of the scores.
  public let initialThreshold: Double
  /// n, the number of scores.
  public let count: Int
  /// Nₜ, the number of scores above t.
  public let excessCount: Int
  /// The distribution of the excesses over t.
  public let tail: GeneralisedPareto

  /// Fits the tail of `scores` [n], all finite and of normal rows, by maximum likelihood.
  ///
  /// The result is `nil` with fewer than ``minimumExcessCount`` scores above the initial threshold.
  ///
  /// - Parameter initialQuantile: The ``quantile(_:of:)`` that is t, in 0...1; the paper takes 0.98.
  public init?(scores: [Double], initialQuantile: Double = 0.98) {
    for (row, score) in scores.enumerated() {
      precondition(
        score.isFinite, "scores[\(row)] of \(scores.count) must be finite, but is \(score)")
    }
    guard let initialThreshold = quantile(initialQuantile, of: scores) else { return nil }
    let excesses = scores.filter { $0 > initialThreshold }.map { $0 - initialThreshold }
    guard excesses.count >= Self.minimumExcessCount,
      let tail = GeneralisedPareto(fitting: excesses)
    else { return nil }
    self.initialThreshold = initialThreshold
    self.count = scores.count
    self.excessCount = excesses.count
    self.tail = tail
  }

  /// The threshold z that a normal score exceeds with probability q: equation 1 of the paper,
  /// z = t + (σ/γ) ((q n / Nₜ)^(−γ) − 1).
  ///
  /// - Parameter falseAlarmRate: q, a probability in 0...1.
  /// - Returns: The threshold, or `nil` when q exceeds Nₜ / n: so common a score lies below t, where
  ///   the tail says nothing and ``AlarmThreshold`` needs no model.
  public func threshold(falseAlarmRate: Double) -> Double? {
    requireUnitInterval(falseAlarmRate, "falseAlarmRate")
    let excessRate = Double(excessCount) / Double(count)
    guard falseAlarmRate <= excessRate else { return nil }
    return initialThreshold + tail.excess(exceedanceProbability: falseAlarmRate / excessRate)
  }
}
