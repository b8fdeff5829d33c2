/// Finds the events in `labels` [N]: the maximal runs of `true`, in order, as ranges of rows.
public func events(in labels: [Bool]) -> [Range<Int>] {
  var events: [Range<Int>] = []
  var row = labels.startIndex
  while let start = labels[row...].firstIndex(of: true) {
    row = labels[start...].firstIndex(of: false) ?? labels.endIndex
    events.append(start..<row)
  }
  return events
}

/// How many events raised at least one alarm.
///
/// An event is a maximal run of anomalous rows. Whoever repairs a machine needs one alarm for each
/// fault, however long it lasts; event recall counts just that. It says nothing about false alarms,
/// so compare detectors at the same false-alarm rate, with ``init(scores:labels:falseAlarmRate:)``.
///
/// Like ``ConfusionCounts``, the counts of several participants add up.
public struct EventRecall: Hashable, Sendable {
  /// The number of events with at least one alarm.
  public var detected: Int
  /// The number of events.
  public var events: Int

  /// Creates a recall of `detected` among `events`, where 0 ≤ `detected` ≤ `events`.
  public init(detected: Int = 0, events: Int = 0) {
    precondition(
      0 <= detected && detected <= events, "\(detected) of \(events) events cannot be detected")
    self.detected = detected
    self.events = events
  }

  /// Counts the events of `labels` [N] during which one of `alarms` [N] is raised.
  ///
  /// - Precondition: Both arrays have the same length.
  public init(alarms: [Bool], labels: [Bool]) {
    requireOneLabelPerRow("alarms", count: alarms.count, labels: labels.count)
    let events = Metrics.events(in: labels)
    self.init(
      detected: events.count { alarms[$0].contains(true) }, events: events.count)
  }

  /// Counts the events of `labels` [N] during which one of `scores` [N] exceeds the threshold that
  /// the normal rows among them set.
  ///
  /// The threshold is ``AlarmThreshold/empirical(normalScores:falseAlarmRate:)`` of the rows that
  /// are labelled normal: an oracle that compares rankings at equal cost, not one to deploy. The
  /// result is `nil` without a normal row.
  ///
  /// - Parameter falseAlarmRate: The largest share of normal rows that may alarm, in 0...1.
  /// - Precondition: Both arrays have the same length, and no score is NaN.
  public init?(scores: [Double], labels: [Bool], falseAlarmRate: Double) {
    requireOneLabelPerRow("scores", count: scores.count, labels: labels.count)
    requireOrdered(scores, "scores")
    let normalScores = zip(scores, labels).filter { !$0.1 }.map(\.0)
    guard
      let threshold = AlarmThreshold.empirical(
        normalScores: normalScores, falseAlarmRate: falseAlarmRate)
    else { return nil }
    self.init(alarms: scores.map { $0 > threshold }, labels: labels)
  }

  /// The share of events that were detected; `nil` without an event.
  public var recall: Double? { events == 0 ? nil : Double(detected) / Double(events) }
}

// MARK: - Pooling

extension EventRecall {
  /// No events at all: the neutral element of addition.
  public static let zero = EventRecall()

  /// The counts over the events of both operands.
  public static func + (left: EventRecall, right: EventRecall) -> EventRecall {
    EventRecall(detected: left.detected + right.detected, events: left.events + right.events)
  }

  /// Adds the events of `right`.
  public static func += (left: inout EventRecall, right: EventRecall) {
    left = left + right
  }
}
