import Datasets
import Metrics
import Randomness

/// How well scores and alarms of one participant's test rows agree with its labels.
///
/// All pointwise: no alarm is ever credited with a neighbouring row's label.
public struct DetectionMetrics: Sendable, Equatable {
  /// Area under the receiver operating characteristic; `nil` without both classes.
  public var auroc: Double?
  /// Average precision; `nil` without an anomalous row.
  public var auprc: Double?
  /// Volume under the precision-recall surface (Paparrizos et al. 2022); `nil` without an event.
  public var vusPR: Double?
  /// Share of events with a row above the threshold at which one normal row in a hundred is.
  public var eventRecall: Double?
  public var f1: Double?
  public var falseAlarmRate: Double?
  public var missedAlarmRate: Double?
  public var threshold: Double
  public var rows: Int
  /// The counts behind the last ones; they can be added over participants.
  public var counts: ConfusionCounts

  /// The rate of false alarms at which events are counted.
  public static let eventFalseAlarmRate = 0.01

  public init(scores: [Double], labels: [Bool], threshold: Double) {
    let curve = RankingCurve(scores: scores, labels: labels)
    let both = labels.contains(true) && labels.contains(false)
    auroc = curve.areaUnderROC
    auprc = labels.contains(true) ? curve.averagePrecision : nil
    vusPR = both ? VolumeUnderSurface(scores: scores, labels: labels)?.volume : nil
    eventRecall =
      both
      ? EventRecall(
        scores: scores, labels: labels, falseAlarmRate: Self.eventFalseAlarmRate)?.recall : nil
    counts = ConfusionCounts(alarms: scores.map { $0 > threshold }, labels: labels)
    f1 = counts.f1
    falseAlarmRate = counts.falseAlarmRate
    missedAlarmRate = counts.missedAlarmRate
    self.threshold = threshold
    rows = scores.count
  }

  /// The mean of each number over those that have it; the counts, and what follows from them, are
  /// of all rows together.
  public init?(mean all: [DetectionMetrics]) {
    guard !all.isEmpty else { return nil }
    func mean(_ value: (DetectionMetrics) -> Double?) -> Double? {
      let values = all.compactMap(value)
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    auroc = mean(\.auroc)
    auprc = mean(\.auprc)
    vusPR = mean(\.vusPR)
    eventRecall = mean(\.eventRecall)
    counts = all.reduce(.zero) { $0 + $1.counts }
    f1 = counts.f1
    falseAlarmRate = counts.falseAlarmRate
    missedAlarmRate = counts.missedAlarmRate
    threshold = mean(\.threshold) ?? .nan
    rows = all.reduce(0) { $0 + $1.rows }
  }
}

/// What stands beside a model's figures, so that they can be judged.
public enum Reference: String, Sendable, CaseIterable {
  /// An alarm on every row.
  case allOnes = "all_ones"
  /// Uniform random scores.
  case random
  /// Full-covariance Mahalanobis distance with the model's window and smoothing.
  case mahalanobis
}

extension DetectorModel {
  /// The figures of a reference on a participant's test rows, or `nil` when it needs training rows
  /// that are not there.
  public func reference(
    _ reference: Reference, test: any RowSource, labels: [Bool], train: (any RowSource)?
  ) throws -> DetectionMetrics? {
    switch reference {
    case .allOnes:
      return DetectionMetrics(
        scores: [Double](repeating: 1, count: labels.count), labels: labels, threshold: 0)
    case .random:
      let scores = RandomStream(seed: seed, purpose: .resampling).uniform(labels.count)
      return DetectionMetrics(
        scores: scores.map { Double($0) }, labels: labels, threshold: 1 - scoring.falseAlarmRate)
    case .mahalanobis:
      guard let train,
        var scorer = try MahalanobisScorer(
          training: train, window: window.length, smoothing: scoring.smoothing)
      else { return nil }
      let normal = try MahalanobisScorer.calibrationScores(
        of: train, window: window.length, smoothing: scoring.smoothing)
      let threshold =
        AlarmThreshold.conformal(
          calibrationScores: normal, falseAlarmRate: scoring.falseAlarmRate)
        ?? normal.max() ?? .infinity
      return DetectionMetrics(
        scores: try scorer.scores(of: test), labels: labels, threshold: threshold)
    }
  }
}

extension MahalanobisScorer {
  /// Scores of each fifth of the training rows by the distance that the other four give.
  static func calibrationScores(
    of rows: any RowSource, window: Int, smoothing: Int
  ) throws -> [Double] {
    var scores: [Double] = []
    for fold in 0..<5 {
      let (held, others) = TimeBlocks.fold(fold, of: 5, rowCount: rows.rowCount)
      guard
        var scorer = try MahalanobisScorer(
          training: SelectedRows(rows, parts: others), window: window, smoothing: smoothing)
      else { continue }
      scores += try scorer.scores(of: SelectedRows(rows, parts: [held]))
    }
    return scores
  }
}
