import Metrics
import Simulation

/// What the paper says of a parameter, what was measured, and whether the two agree.
public struct SharingTrend: Sendable, Hashable {
  public let published: String
  public let measured: String
  public let holds: Bool
}

extension SharingReport {
  /// Rank correlations count as a trend from here on.
  private static let leastCorrelation = 0.6

  /// Each finding of Sec. IV with a figure that can contradict it.
  public var trends: [SharingTrend] {
    guard values.count > 1 else { return [] }
    switch parameter {
    case .numWords:
      return [
        rises("accuracy rises with num_words (Fig. 7)", "accuracy") { 100 * $0.after.accuracy },
        atMost(
          1, "from 400 words on the accuracies are close (Figs. 6 and 7)", "largest mean gap",
          values.filter { $0 >= 400 }.map { mean($0, \.gap) }),
        falls("fewer words, more days until the bad agent is gone (Fig. 8)", "days", days),
      ]
    case .trainSize:
      return [
        rises("the accuracy before rises with train_size (Fig. 10)", "accuracy before") {
          100 * $0.before.accuracy
        },
        rises("so does that after (Fig. 10)", "accuracy after") { 100 * $0.after.accuracy },
        falls("the gap shrinks with train_size (Fig. 9)", "gap", \.gap),
        falls("less data beforehand, more days (Fig. 11)", "days", days),
      ]
    case .meanDeposit:
      let after = values.map { mean($0) { 100 * $0.after.accuracy } }
      return [
        atMost(
          1, "it changes the accuracy by no more than 1 point (Fig. 12)", "spread of the accuracy",
          [(after.max() ?? 0) - (after.min() ?? 0)]),
        atLeast(
          0, "the accuracy stays under that of all data (Fig. 12)", "smallest mean gap",
          values.map { mean($0, \.gap) }),
        falls(
          "a deposit far below the bad agent's hardly uses up its balance, a higher one does so sooner "
            + "(Fig. 13)", "days", days),
      ]
    case .submissionCost:
      return [
        rises("accuracy rises with the submission cost (Fig. 14)", "accuracy") {
          100 * $0.after.accuracy
        },
        falls("the higher the cost, the fewer days (Fig. 15)", "days", days),
        atLeast(
          90, "at a cost of 1 the bad agent loses only 2 % (Fig. 15)", "left, percent",
          [mean(values[0]) { $0.bad.left }]),
      ]
    case .startBalance:
      return [
        rises("the larger it is, the longer the bad agent stays (Sec. IV-E)", "days", days),
        falls("the larger it is, the lower the accuracy (Sec. IV-E)", "accuracy") {
          100 * $0.after.accuracy
        },
      ]
    case .meanUpdateWait:
      return [
        rises("short waits use up the bad agent's balance sooner (Sec. IV-E)", "days", days),
        atMost(
          1, "at its extreme the bad agent's balance is down to nothing within a day (Sec. IV-E)",
          "days until nothing is left to spend at the shortest wait",
          [mean(values[0]) { $0.bad.spentAfter ?? .infinity }]),
      ]
    case .stdevDeposit, .probMistake:
      let after = values.map { mean($0) { 100 * $0.after.accuracy } }
      return [
        atMost(
          0.5, "it has no significant impact (Sec. IV-E)", "spread of the accuracy",
          [(after.max() ?? 0) - (after.min() ?? 0)])
      ]
    case .entropyWeight, .goodPerBad, .storageLimit: return futureTrends
    }
  }

  /// What Sec. V expects or asks of a rule, where the paper has measured nothing.
  private var futureTrends: [SharingTrend] {
    let goodLeft = atLeast(
      100, "the good agent ends with no less than it started with (expected here)",
      "least mean left, percent",
      values.map { mean($0) { $0.good.left } })
    switch parameter {
    case .entropyWeight:
      return [
        falls(
          "who continues to submit bad data faces high fees (Sec. V): fewer bad samples",
          "bad samples"
        ) { Double($0.bad.submitted) },
        falls("and fewer days until the bad agent is gone", "days", days),
        falls("and a smaller gap", "gap", \.gap), goodLeft,
      ]
    case .goodPerBad:
      return [
        falls(
          "the gap may be dominated by the ratio of good to bad data (Sec. V): a higher one, a smaller "
            + "gap", "gap", \.gap),
        falls("and fewer bad samples", "bad samples") { Double($0.bad.submitted) }, goodLeft,
      ]
    default:
      return [
        falls(
          "storage is limited (Sec. V): the less, the longer until all is shared (expected here)",
          "days", \.days),
        atMost(
          1, "and nothing is lost but time (expected here)", "largest mean gap",
          values.map { mean($0, \.gap) }), goodLeft,
      ]
    }
  }

  /// Days until the bad agent is gone; one that stays counts as the longest.
  private func days(_ outcome: SharingOutcome) -> Double { outcome.daysUntilGone ?? .infinity }

  private func mean(_ value: Double, _ figure: (SharingOutcome) -> Double) -> Double {
    outcomes(value).map(figure).mean
  }

  private func rises(
    _ published: String, _ what: String, _ figure: (SharingOutcome) -> Double
  ) -> SharingTrend { trend(published, what, sign: 1, figure) }

  private func falls(
    _ published: String, _ what: String, _ figure: (SharingOutcome) -> Double
  ) -> SharingTrend { trend(published, what, sign: -1, figure) }

  private func trend(
    _ published: String, _ what: String, sign: Double, _ figure: (SharingOutcome) -> Double
  ) -> SharingTrend {
    let means = values.map { mean($0, figure) }
    // Values stand in their order; the limit that is none is the last.
    let correlation = RankCorrelation.spearman(values.indices.map(Double.init), means) ?? 0
    return SharingTrend(
      published: published,
      measured: "\(what) \(Self.figure(means[0])) → \(Self.figure(means[means.count - 1])) over "
        + "\(parameter.label(values[0])) → \(parameter.label(values[values.count - 1])), rank correlation "
        + Self.figure(correlation),
      holds: sign * correlation >= Self.leastCorrelation)
  }

  private func atMost(
    _ limit: Double, _ published: String, _ what: String, _ figures: [Double]
  ) -> SharingTrend {
    let largest = figures.max() ?? .infinity
    return SharingTrend(
      published: published, measured: "\(what) \(Self.figure(largest))", holds: largest <= limit)
  }

  private func atLeast(
    _ limit: Double, _ published: String, _ what: String, _ figures: [Double]
  ) -> SharingTrend {
    let least = figures.min() ?? -.infinity
    return SharingTrend(
      published: published, measured: "\(what) \(Self.figure(least))", holds: least >= limit)
  }

  private static func figure(_ value: Double) -> String {
    value.isFinite ? ReportNumber.text([value], decimals: 2) : "never"
  }
}
