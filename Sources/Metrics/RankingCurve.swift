/// Everything that a ranking of rows by score can achieve, one point for each distinct score.
///
/// Lowering the threshold from +∞ raises alarms on ever more rows. Rows with equal scores alarm
/// together, so ties need no arbitrary order. Each ``Point`` holds the confusion counts reached so
/// far, and with them both classical curves:
///
/// - the receiver operating characteristic: `counts.falseAlarmRate` across, `counts.recall` up;
/// - the precision-recall curve: `counts.recall` across, `counts.precision` up.
///
/// The areas depend on the order of the scores alone. Sorting dominates: O(N log N) for N rows.
public struct RankingCurve: Hashable, Sendable {
  /// The alarms on every row whose score is at least `lowestScore`.
  public struct Point: Hashable, Sendable {
    /// The lowest score that alarms here, or +∞ at the first point, where no row does.
    public let lowestScore: Double
    /// Alarms against labels, over all rows.
    public let counts: ConfusionCounts
  }

  /// The points from no alarm to an alarm on every row, by falling `lowestScore`.
  ///
  /// There is always the first point, and one more for each distinct score.
  public let points: [Point]

  /// Ranks the rows of `scores` [N], where higher is more anomalous, against `labels` [N].
  ///
  /// - Precondition: Both arrays have the same length, and no score is NaN.
  public init(scores: [Double], labels: [Bool]) {
    requireOneLabelPerRow("scores", count: scores.count, labels: labels.count)
    requireOrdered(scores, "scores")
    let rows = scores.indices.sorted { scores[$0] > scores[$1] }
    let positives = labels.count { $0 }
    var counts = ConfusionCounts(
      trueNegatives: labels.count - positives, falseNegatives: positives)
    var points = [Point(lowestScore: .infinity, counts: counts)]
    for (position, row) in rows.enumerated() {
      if labels[row] {
        counts.truePositives += 1
        counts.falseNegatives -= 1
      } else {
        counts.falsePositives += 1
        counts.trueNegatives -= 1
      }
      let next = position + 1
      if next == rows.count || scores[rows[next]] < scores[row] {
        points.append(Point(lowestScore: scores[row], counts: counts))
      }
    }
    self.points = points
  }
}

// MARK: - Areas

extension RankingCurve {
  /// The area under the receiver operating characteristic (AUROC).
  ///
  /// It is the probability that a random anomalous row scores above a random normal one, a tie
  /// counting one half: the Mann-Whitney statistic on mid-ranks (Hanley and McNeil, "The meaning and
  /// use of the area under a receiver operating characteristic (ROC) curve", Radiology 143, 1982).
  /// The pairs are counted in integers, so only the last division rounds.
  ///
  /// It is `nil` unless there are both anomalous and normal rows.
  public var areaUnderROC: Double? {
    let (positives, negatives) = (points[0].counts.positives, points[0].counts.negatives)
    guard positives > 0, negatives > 0 else { return nil }
    var twiceThePairs = 0
    for (last, this) in zip(points, points.dropFirst()) {
      let newFalsePositives = this.counts.falsePositives - last.counts.falsePositives
      twiceThePairs += newFalsePositives * (last.counts.truePositives + this.counts.truePositives)
    }
    return Double(twiceThePairs) / (2 * Double(positives) * Double(negatives))
  }

  /// The area under the precision-recall curve (AUPRC), as average precision Σₖ (Rₖ − Rₖ₋₁) Pₖ.
  ///
  /// Rₖ and Pₖ are recall and precision at point k. The sum does not interpolate between points,
  /// which would promise more than any threshold keeps (Davis and Goadrich, "The relationship
  /// between precision-recall and ROC curves", ICML 2006); scikit-learn's `average_precision_score`
  /// is the same sum.
  ///
  /// It is `nil` without an anomalous row, and 1 without a normal one.
  public var averagePrecision: Double? {
    let positives = points[0].counts.positives
    guard positives > 0 else { return nil }
    var sum = 0.0
    for (last, this) in zip(points, points.dropFirst()) {
      let newTruePositives = this.counts.truePositives - last.counts.truePositives
      let precision = Double(this.counts.truePositives) / Double(this.counts.alarms)
      sum += Double(newTruePositives) * precision
    }
    return sum / Double(positives)
  }
}
