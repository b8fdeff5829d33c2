/// How often alarms and labels agreed and disagreed, row by row.
///
/// Rows are counted one at a time and never point-adjusted: an alarm inside an anomaly earns credit
/// for its own row only. (Point adjustment lets a random score look excellent; see Kim et al.,
/// "Towards a rigorous evaluation of time-series anomaly detection", AAAI 2022.)
///
/// Counts add up, so the pooled result of several participants is
/// `participants.map(\.counts).reduce(.zero, +)`. A ratio whose denominator counts no row is `nil`,
/// because no number would be a fair answer.
public struct ConfusionCounts: Hashable, Sendable {
  /// Anomalous rows with an alarm.
  public var truePositives: Int
  /// Normal rows with an alarm.
  public var falsePositives: Int
  /// Normal rows without an alarm.
  public var trueNegatives: Int
  /// Anomalous rows without an alarm.
  public var falseNegatives: Int

  /// Creates counts from the four cells of the confusion matrix, each at least zero.
  public init(
    truePositives: Int = 0, falsePositives: Int = 0, trueNegatives: Int = 0, falseNegatives: Int = 0
  ) {
    precondition(
      min(truePositives, falsePositives, trueNegatives, falseNegatives) >= 0,
      """
      counts must not be negative, but are TP \(truePositives), FP \(falsePositives), \
      TN \(trueNegatives), FN \(falseNegatives)
      """
    )
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.trueNegatives = trueNegatives
    self.falseNegatives = falseNegatives
  }

  /// Counts the rows of `alarms` [N] against those of `labels` [N], where `true` is an anomaly.
  ///
  /// - Precondition: Both arrays have the same length.
  public init(alarms: [Bool], labels: [Bool]) {
    requireOneLabelPerRow("alarms", count: alarms.count, labels: labels.count)
    self.init()
    for (alarm, isAnomalous) in zip(alarms, labels) {
      switch (alarm, isAnomalous) {
      case (true, true): truePositives += 1
      case (true, false): falsePositives += 1
      case (false, false): trueNegatives += 1
      case (false, true): falseNegatives += 1
      }
    }
  }
}

// MARK: - Totals

extension ConfusionCounts {
  /// The number of anomalous rows.
  public var positives: Int { truePositives + falseNegatives }

  /// The number of normal rows.
  public var negatives: Int { falsePositives + trueNegatives }

  /// The number of rows with an alarm.
  public var alarms: Int { truePositives + falsePositives }

  /// The number of rows.
  public var rows: Int { positives + negatives }
}

// MARK: - Ratios

extension ConfusionCounts {
  /// The share of alarms that were right, TP / (TP + FP); `nil` without an alarm.
  public var precision: Double? { Self.ratio(truePositives, alarms) }

  /// The share of anomalous rows with an alarm, TP / (TP + FN); `nil` without an anomalous row.
  public var recall: Double? { Self.ratio(truePositives, positives) }

  /// The harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN).
  ///
  /// It is 0 when alarms and anomalies never meet, and `nil` when there are neither.
  public var f1: Double? { Self.ratio(2 * truePositives, alarms + positives) }

  /// The share of normal rows with an alarm, FP / (FP + TN); `nil` without a normal row.
  public var falseAlarmRate: Double? { Self.ratio(falsePositives, negatives) }

  /// The share of anomalous rows without an alarm, FN / (TP + FN); `nil` without an anomalous row.
  public var missedAlarmRate: Double? { Self.ratio(falseNegatives, positives) }

  /// The share of rows that are anomalous; `nil` without a row.
  ///
  /// It is the reference that a detector must beat: the precision of an alarm on every row, and the
  /// average precision of a constant score.
  public var prevalence: Double? { Self.ratio(positives, rows) }

  private static func ratio(_ numerator: Int, _ denominator: Int) -> Double? {
    denominator == 0 ? nil : Double(numerator) / Double(denominator)
  }
}

// MARK: - Pooling

extension ConfusionCounts {
  /// No rows at all: the neutral element of addition.
  public static let zero = ConfusionCounts()

  /// The counts over the rows of both operands.
  public static func + (left: ConfusionCounts, right: ConfusionCounts) -> ConfusionCounts {
    ConfusionCounts(
      truePositives: left.truePositives + right.truePositives,
      falsePositives: left.falsePositives + right.falsePositives,
      trueNegatives: left.trueNegatives + right.trueNegatives,
      falseNegatives: left.falseNegatives + right.falseNegatives
    )
  }

  /// Adds the rows of `right`.
  public static func += (left: inout ConfusionCounts, right: ConfusionCounts) {
    left = left + right
  }
}
