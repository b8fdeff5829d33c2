/// Thresholds that keep a promised false-alarm rate without assuming a distribution.
///
/// A row alarms when its score is greater than the threshold: `score > threshold`. Equality stays
/// quiet, so that a flat run of scores cannot break the promise. For rates too small to be seen in
/// the scores at hand, extrapolate with ``PeaksOverThreshold``.
public enum AlarmThreshold {
  /// The smallest threshold at which at most a share `falseAlarmRate` of `normalScores` [N] alarm.
  ///
  /// The promise holds for these very scores; for scores to come, use
  /// ``conformal(calibrationScores:falseAlarmRate:)``. At a rate of 1 every row may alarm, and the
  /// threshold is −∞.
  ///
  /// - Parameter falseAlarmRate: A share of rows, in 0...1.
  /// - Returns: The threshold, or `nil` without a score.
  /// - Precondition: No score is NaN.
  public static func empirical(normalScores: [Double], falseAlarmRate: Double) -> Double? {
    requireUnitInterval(falseAlarmRate, "falseAlarmRate")
    requireOrdered(normalScores, "normalScores")
    guard !normalScores.isEmpty else { return nil }
    let alarms = largestCount(of: normalScores.count, within: falseAlarmRate)
    guard alarms < normalScores.count else { return -.infinity }
    return normalScores.sorted()[normalScores.count - 1 - alarms]
  }

  /// The split-conformal threshold: the ⌈(n + 1)(1 − α)⌉-th smallest of n calibration scores.
  ///
  /// If the calibration scores and the next normal score are exchangeable, that score alarms with
  /// probability at most α, whatever their distribution (Papadopoulos et al., "Inductive confidence
  /// machines for regression", ECML 2002; Angelopoulos and Bates, "A gentle introduction to conformal
  /// prediction", 2021). Calibration rows must be normal, and none the model was trained on.
  ///
  /// - Parameters:
  ///   - calibrationScores: Scores of held-out normal rows, [n].
  ///   - falseAlarmRate: α, a probability in 0...1.
  /// - Returns: The threshold; −∞ when α is 1; or `nil` when the rank exceeds n, that is when
  ///   α < 1 / (n + 1): so few scores cannot promise so small a rate at any finite threshold. A
  ///   caller may then alarm never, gather more scores, or extrapolate with ``PeaksOverThreshold``.
  /// - Precondition: No score is NaN.
  public static func conformal(calibrationScores: [Double], falseAlarmRate: Double) -> Double? {
    requireUnitInterval(falseAlarmRate, "falseAlarmRate")
    requireOrdered(calibrationScores, "calibrationScores")
    let count = calibrationScores.count
    // ⌈(n + 1)(1 − α)⌉ = (n + 1) − ⌊(n + 1) α⌋, which spares α the rounding of 1 − α.
    let rank = count + 1 - largestCount(of: count + 1, within: falseAlarmRate)
    if rank > count { return nil }
    return rank == 0 ? -.infinity : calibrationScores.sorted()[rank - 1]
  }

  /// The largest k in 0...`total` whose share k / `total` is at most `rate`.
  ///
  /// The product `rate * total` alone would lose a row now and then: 0.29 * 100 is below 29.
  static func largestCount(of total: Int, within rate: Double) -> Int {
    var count = Int(rate * Double(total))
    while count > 0, Double(count) / Double(total) > rate { count -= 1 }
    while count < total, Double(count + 1) / Double(total) <= rate { count += 1 }
    return count
  }
}
