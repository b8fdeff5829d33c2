import Incentives
import Metrics

/// How well a model tells positive reviews from negative ones.
public struct ReviewScores: Sendable, Hashable {
  public let accuracy: Double
  public let precision: Double
  public let recall: Double
  public let f1: Double

  init(_ counts: ConfusionCounts) {
    accuracy =
      Double(counts.truePositives + counts.trueNegatives) / Double(max(1, counts.rows))
    precision = counts.precision ?? 0
    recall = counts.recall ?? 0
    f1 = counts.f1 ?? 0
  }
}

/// What a simulation of Sharing Updatable Models came to. Scores are of the test reviews.
public struct SharingOutcome: Sendable, Hashable {
  /// What one agent did and got, in tokens.
  public struct Agent: Sendable, Hashable {
    public var submitted = 0
    public var refunds = 0
    public var reports = 0
    public var rests = 0
    public var startBalance = 0.0
    public var balance = 0.0
    public var locked = 0.0
    /// Days until it first had less than its mean deposit to spend; locked tokens may still come back.
    public var spentAfter: Double?
    /// Days until it had stopped for good.
    public var stoppedAfter: Double?
  }

  /// One moment.
  public struct Point: Sendable, Hashable {
    public var day: Double
    public var accuracy: Double
    public var good: Share
    public var bad: Share

    /// Of the start balance, in percent.
    public struct Share: Sendable, Hashable {
      public var balance: Double
      public var locked: Double
    }
  }

  /// Of the model that learnt from the first share of the data.
  public var before: ReviewScores
  public var after: ReviewScores
  /// Of a model that learnt from all training reviews in the manner of the one before.
  public var allData: ReviewScores
  /// Of the same run without the bad agent.
  public var withoutBad: ReviewScores
  public var good: Agent
  public var bad: Agent
  /// When the last sample was settled, or the simulation was ended.
  public var days: Double
  public var tally: SharingTally
  public var curve: [Point]

  /// Eq. (1) of Ding and Hu 2022, in points of percent: how much better a model is that learnt from all
  /// data at once.
  public var gap: Double { 100 * (allData.accuracy - after.accuracy) }
  /// How much better the same run without the bad agent ends, in points of percent.
  public var gapWithoutBad: Double { 100 * (withoutBad.accuracy - after.accuracy) }
  /// Days until the bad agent is gone; `nil` if it is still there.
  public var daysUntilGone: Double? { bad.stoppedAfter }
}
