/// The volume under the precision-recall surface (VUS-PR) of a ranking of time-ordered rows.
///
/// Labels of anomalies in time begin and end too early or too late, so the measure softens them. A
/// buffer of length ℓ adds ⌊ℓ/2⌋ rows on each side of every event; a buffer row at distance d from
/// its event carries the label √(1 − d/ℓ), and where buffers overlap labels add up to at most 1.
/// Under these labels, and with recall scaled by the share of events found at all, the area under
/// the precision-recall curve is the range-AUC-PR of ℓ. The volume is its mean over ℓ = 0, 1, …, L.
///
/// Source: Paparrizos et al., "Volume Under the Surface: A New Accuracy Evaluation Measure for
/// Time-Series Anomaly Detection", PVLDB 15(11), 2022. Where the paper leaves room, the values are
/// those of `RangeAUC_volume_opt` in the TSB-AD benchmark: buffers start next to the event, and
/// thresholds are scores at evenly spaced ranks. As a threshold exists only at those ranks, a curve
/// need not contain every operating point, and ℓ = 0 gives average precision only approximately.
///
/// The cost is O(N log N + (L + 1)(M + K + E)) for N rows, M of them in the longest buffers, K
/// thresholds and E events.
public struct VolumeUnderSurface: Hashable, Sendable {
  /// The range-AUC-PR of each buffer length ℓ = 0, 1, …, L, each in 0...1, [L + 1].
  public let areas: [Double]

  /// VUS-PR: the mean of the ``areas``.
  public var volume: Double { areas.reduce(0, +) / Double(areas.count) }

  /// Measures `scores` [N], where higher is more anomalous, against `labels` [N], both in time order.
  ///
  /// The result is `nil` without an anomalous row.
  ///
  /// - Parameters:
  ///   - maximumBufferLength: L in rows, at least 0; the paper suggests the length of a period.
  ///   - thresholdCount: K, the number of thresholds, at least 2; the benchmark takes 250.
  /// - Precondition: Both arrays have the same length, and no score is NaN.
  public init?(
    scores: [Double], labels: [Bool], maximumBufferLength: Int = 100, thresholdCount: Int = 250
  ) {
    requireOneLabelPerRow("scores", count: scores.count, labels: labels.count)
    requireOrdered(scores, "scores")
    precondition(
      maximumBufferLength >= 0,
      "maximumBufferLength must be at least 0, but is \(maximumBufferLength)")
    precondition(thresholdCount >= 2, "thresholdCount must be at least 2, but is \(thresholdCount)")

    let events = Metrics.events(in: labels)
    guard !events.isEmpty else { return nil }
    let grades = AlarmGrades(scores: scores, thresholdCount: thresholdCount)
    var surface = PrecisionRecallSurface(
      grades: grades, labels: labels, events: events, maximumBufferLength: maximumBufferLength)
    areas = (0...maximumBufferLength).map { surface.area(bufferLength: $0) }
  }
}

// MARK: - Thresholds

/// Which thresholds each row reaches.
private struct AlarmGrades {
  /// For each row the first threshold, counting down from the strictest, at which it alarms.
  let byRow: [Int]
  /// For each threshold the number of rows that alarm.
  let alarms: [Int]

  /// Takes the scores at `thresholdCount` evenly spaced ranks, strictest first, as thresholds.
  init(scores: [Double], thresholdCount: Int) {
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    let step = Double(order.count - 1) / Double(thresholdCount - 1)
    var thresholds = (0..<thresholdCount).map { scores[order[Int(Double($0) * step)]] }
    // Rounding must not lift the last threshold above the lowest score.
    thresholds[thresholdCount - 1] = scores[order[order.count - 1]]

    var byRow = [Int](repeating: 0, count: scores.count)
    var firstAlarms = [Int](repeating: 0, count: thresholdCount)
    var grade = 0
    for row in order {
      while scores[row] < thresholds[grade] { grade += 1 }
      byRow[row] = grade
      firstAlarms[grade] += 1
    }
    self.byRow = byRow
    self.alarms = firstAlarms.runningTotals()
  }
}

// MARK: - Surface

/// The precision-recall curves of growing buffers.
///
/// Every quantity is a sum over the alarms at a threshold, so a curve is found in one sweep: what
/// each row adds is filed under its grade, and running totals do the rest.
private struct PrecisionRecallSurface {
  /// A normal row within reach of an event, and its distances to the two nearest events.
  ///
  /// Two distances are enough: labels in a buffer are at least √½, so two of them reach the limit 1.
  struct BufferRow {
    let grade: Int
    var nearest: Int
    var secondNearest: Int

    func label(bufferLength: Int) -> Double {
      let reach = bufferLength / 2
      if nearest > reach { return 0 }
      if secondNearest <= reach { return 1 }
      return (1 - Double(nearest) / Double(bufferLength)).squareRoot()
    }
  }

  let grades: AlarmGrades
  let events: [Range<Int>]
  let positives: Int
  /// For each threshold the number of anomalous rows that alarm.
  let hits: [Int]
  let bufferRows: [BufferRow]

  /// How far the events have grown on each side.
  var reach = 0
  /// For each event the first threshold at which a row within reach alarms.
  var eventGrades: [Int]

  init(grades: AlarmGrades, labels: [Bool], events: [Range<Int>], maximumBufferLength: Int) {
    var firstHits = [Int](repeating: 0, count: grades.alarms.count)
    for row in labels.indices where labels[row] { firstHits[grades.byRow[row]] += 1 }
    self.grades = grades
    self.events = events
    self.positives = events.reduce(0) { $0 + $1.count }
    self.hits = firstHits.runningTotals()
    self.eventGrades = events.map { grades.byRow[$0].min()! }

    var bufferRows: [BufferRow?] = Array(repeating: nil, count: labels.count)
    for event in events {
      for distance in stride(from: 1, through: maximumBufferLength / 2, by: 1) {
        for row in [event.lowerBound - distance, event.upperBound - 1 + distance]
        where labels.indices.contains(row) && !labels[row] {
          var bufferRow =
            bufferRows[row]
            ?? BufferRow(grade: grades.byRow[row], nearest: .max, secondNearest: .max)
          bufferRow.secondNearest = min(bufferRow.secondNearest, max(bufferRow.nearest, distance))
          bufferRow.nearest = min(bufferRow.nearest, distance)
          bufferRows[row] = bufferRow
        }
      }
    }
    self.bufferRows = bufferRows.compactMap(\.self)
  }

  /// The range-AUC-PR of one buffer length, which must not be less than in the call before.
  mutating func area(bufferLength: Int) -> Double {
    while reach < bufferLength / 2 { growEvents() }
    let existence = existence()
    var gains = [Double](repeating: 0, count: hits.count)
    for row in bufferRows { gains[row.grade] += row.label(bufferLength: bufferLength) }

    var (area, gain, lastRecall) = (0.0, 0.0, 0.0)
    for threshold in hits.indices {
      gain += gains[threshold]
      let truePositives = Double(hits[threshold]) + gain
      // Buffer rows with an alarm count half as positives, so that recall is not diluted.
      let softPositives = Double(positives) + gain / 2
      let recall = min(truePositives / softPositives, 1) * existence[threshold]
      let precision = truePositives / Double(grades.alarms[threshold])
      area += (recall - lastRecall) * precision
      lastRecall = recall
    }
    return area
  }

  /// Lets every event reach one row further on each side.
  private mutating func growEvents() {
    reach += 1
    for (index, event) in events.enumerated() {
      for row in [event.lowerBound - reach, event.upperBound - 1 + reach]
      where grades.byRow.indices.contains(row) {
        eventGrades[index] = min(eventGrades[index], grades.byRow[row])
      }
    }
  }

  /// For each threshold the share of events found, where events with meeting buffers are one.
  private func existence() -> [Double] {
    var firstFinds = [Int](repeating: 0, count: hits.count)
    var merged = 0
    var grade = eventGrades[0]
    for index in events.indices.dropFirst() {
      let gap = events[index].lowerBound - (events[index - 1].upperBound - 1)
      if gap <= 2 * reach {
        grade = min(grade, eventGrades[index])
      } else {
        firstFinds[grade] += 1
        merged += 1
        grade = eventGrades[index]
      }
    }
    firstFinds[grade] += 1
    merged += 1
    return firstFinds.runningTotals().map { Double($0) / Double(merged) }
  }
}

extension [Int] {
  /// At each index the sum of the elements up to and including it.
  fileprivate func runningTotals() -> [Int] {
    var total = 0
    return map {
      total += $0
      return total
    }
  }
}
