import Metrics

/// How well faulty variables stand out: the share of faulty ones above a threshold (true positives)
/// against the share of others that are not (true negatives), over all thresholds (CollabDict 2018,
/// Sec. V-C).
struct FaultPinpointing {
  private(set) var scores: [Double] = []
  private(set) var isFaulty: [Bool] = []

  mutating func add(_ score: Double, isFaulty: Bool) {
    scores.append(score)
    self.isFaulty.append(isFaulty)
  }

  var curve: RankingCurve { RankingCurve(scores: scores, labels: isFaulty) }

  /// The area under true positives over true negatives; `nil` without both kinds.
  var area: Double? { curve.areaUnderROC }

  /// The share of faulty variables found where so many of the others are left in peace, by straight
  /// lines between thresholds.
  func truePositives(atTrueNegatives wanted: [Double]) -> [Double] {
    var points: [(x: Double, y: Double)] = []
    for point in curve.points {
      points.append((1 - (point.counts.falseAlarmRate ?? 0), point.counts.recall ?? 0))
    }
    return wanted.map { x in
      // True negatives fall along the points, true positives rise.
      guard let after = points.firstIndex(where: { $0.x <= x }) else { return 1 }
      let right = points[after]
      if right.x == x || after == 0 {
        // The best of all points of the same abscissa.
        return points[after...].prefix { $0.x == right.x }.last?.y ?? right.y
      }
      let left = points[after - 1]
      return left.y + (right.y - left.y) * (left.x - x) / (left.x - right.x)
    }
  }

  /// The threshold with the largest harmonic mean of both shares (2018, Sec. IV-C).
  var bestThreshold: Double? {
    var best: (threshold: Double, value: Double)?
    for point in curve.points {
      let value = Self.harmonicMean(point.counts)
      if value > best?.value ?? -1 { best = (point.lowestScore, value) }
    }
    return best?.threshold
  }

  /// The harmonic mean of both shares when scores of at least the threshold count as faulty.
  func harmonicMean(at threshold: Double) -> Double {
    Self.harmonicMean(
      ConfusionCounts(alarms: scores.map { $0 >= threshold }, labels: isFaulty))
  }

  private static func harmonicMean(_ counts: ConfusionCounts) -> Double {
    let (positive, negative) = (counts.recall ?? 0, 1 - (counts.falseAlarmRate ?? 1))
    return positive + negative > 0 ? 2 * positive * negative / (positive + negative) : 0
  }
}
