import Incentives
import Simulation

/// The parameters that Ding and Hu 2022, Sec. IV, vary, and those of Sec. V, its future directions, with
/// the values that are tried.
public enum SharingParameter: String, Sendable, Hashable, CaseIterable {
  case numWords = "num-words"
  case trainSize = "train-size"
  /// Of the good agent; the bad one's stays.
  case meanDeposit = "mean-deposit"
  /// Where only the cost is locked: with the whole deposit locked it is a threshold, and no more.
  case submissionCost = "submission-cost"
  /// Of both agents.
  case startBalance = "start-balance"
  /// Of the good agent in seconds; the bad one waits six times as long.
  case meanUpdateWait = "mean-update-wait-s"
  /// Of both agents.
  case stdevDeposit = "stdev-deposit"
  case probMistake = "prob-mistake"
  /// How the cost grows with the entropy of a sender's data, where only the cost is locked.
  case entropyWeight = "entropy-weight"
  case goodPerBad = "good-per-bad"
  /// In bytes; 0, the last, for none.
  case storageLimit = "storage-limit"

  public var values: [Double] {
    switch self {
    case .numWords: [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]
    case .trainSize:
      [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.16, 0.24, 0.32]
    case .meanDeposit: [0.5, 5, 50, 500, 5000]
    case .submissionCost: [1, 2, 3, 4, 5, 10, 15, 20, 25]
    case .startBalance: [2500, 5000, 10_000, 20_000, 40_000]
    case .meanUpdateWait: [6, 60, 300, 600, 1200]
    case .stdevDeposit: [0, 1, 3, 10, 20]
    case .probMistake: [0, 0.0001, 0.001, 0.01]
    case .entropyWeight: [0, 0.1, 0.5, 1, 2, 5, 10]
    case .goodPerBad: [0, 1, 2, 4, 8, 16]
    case .storageLimit: [25_000, 50_000, 100_000, 200_000, 400_000, 0]
    }
  }

  /// For tables and axes.
  public var title: String {
    switch self {
    case .numWords: "num_words"
    case .trainSize: "train_size"
    case .meanDeposit: "mean_deposit of the good agent"
    case .submissionCost: "submission cost"
    case .startBalance: "start_balance"
    case .meanUpdateWait: "mean_update_wait_s of the good agent"
    case .stdevDeposit: "stdev_deposit"
    case .probMistake: "prob_mistake"
    case .entropyWeight: "entropy_weight, only the cost locked"
    case .goodPerBad: "good_per_bad"
    case .storageLimit: "storage_limit in bytes"
    }
  }

  /// A value as tables and axes have it.
  public func label(_ value: Double) -> String {
    if self == .storageLimit && value == 0 { return "any" }
    return value == value.rounded() ? String(Int(value)) : String(value)
  }

  /// The paper's figures, if it has any.
  public var figures: String? {
    switch self {
    case .numWords: "Figs. 6 to 8"
    case .trainSize: "Figs. 9 to 11"
    case .meanDeposit: "Figs. 12 and 13"
    case .submissionCost: "Figs. 14 and 15"
    case .entropyWeight, .goodPerBad, .storageLimit: "Sec. V"
    default: nil
    }
  }

  /// Whether values are drawn over their places rather than their sizes.
  var isLogarithmic: Bool {
    switch self {
    case .numWords, .trainSize, .submissionCost: false
    default: true
    }
  }

  /// The default simulation with another value.
  public func configuration(_ value: Double, seed: UInt64) -> SharingConfiguration {
    var configuration = SharingConfiguration()
    configuration.seed = seed
    // The curve is not shown.
    configuration.curveDays = 10_000
    switch self {
    case .numWords: configuration.words = Int(value)
    case .trainSize: configuration.trainSize = value
    case .meanDeposit: configuration.good.meanDeposit = value
    case .submissionCost:
      configuration.submissionCost = value
      configuration.lock = .cost
    case .startBalance:
      configuration.good.startBalance = value
      configuration.bad.startBalance = value
    case .meanUpdateWait:
      configuration.good.meanUpdateWait = value
      configuration.bad.meanUpdateWait = 6 * value
    case .stdevDeposit:
      configuration.good.deviationOfDeposit = value
      configuration.bad.deviationOfDeposit = value
    case .probMistake: configuration.good.mistakeProbability = value
    case .entropyWeight:
      configuration.entropyWeight = value
      configuration.lock = .cost
    case .goodPerBad: configuration.goodPerBad = Int(value)
    case .storageLimit: configuration.storageLimit = Int(value)
    }
    return configuration
  }

  func isDefault(_ value: Double) -> Bool {
    self == .stdevDeposit
      ? false : configuration(value, seed: 1) == configuration(standard, seed: 1)
  }

  private var standard: Double {
    let standard = SharingConfiguration()
    return switch self {
    case .numWords: Double(standard.words)
    case .trainSize: standard.trainSize
    case .meanDeposit: standard.good.meanDeposit
    case .submissionCost: standard.submissionCost
    case .startBalance: standard.good.startBalance
    case .meanUpdateWait: standard.good.meanUpdateWait
    case .stdevDeposit: standard.good.deviationOfDeposit
    case .probMistake: standard.good.mistakeProbability
    case .entropyWeight: standard.entropyWeight
    case .goodPerBad: Double(standard.goodPerBad)
    case .storageLimit: Double(standard.storageLimit)
    }
  }
}
