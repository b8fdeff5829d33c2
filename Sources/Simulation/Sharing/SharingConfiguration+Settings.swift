import Incentives
import Settings

/// One setting under the name that it has on the command line and in a configuration file.
public typealias SharingSetting = Setting<SharingConfiguration>

extension SharingConfiguration: SettableConfiguration {
  /// An agent's part of Table I.
  private static func agent(
    _ name: String, _ path: SharingSetting.Path<Agent>
  ) -> [SharingSetting] {
    func number(
      _ suffix: String, _ help: String, _ range: ClosedRange<Double>,
      _ member: AgentPath<Double>
    ) -> SharingSetting {
      SharingSetting(
        name: "\(name)-\(suffix)", help: "\(help), of the \(name) agent",
        values: "a number from \(range.lowerBound) to \(range.upperBound)",
        get: { "\($0[keyPath: path][keyPath: member])" },
        set: { configuration, text in
          guard let value = Double(text), range.contains(value) else { return false }
          configuration[keyPath: path][keyPath: member] = value
          return true
        })
    }
    return [
      number("start-balance", "tokens at the start", 0...1e9, \.startBalance),
      number("mean-deposit", "mean of its deposits in tokens", 0.001...1e9, \.meanDeposit),
      number("stdev-deposit", "their standard deviation", 0...1e9, \.deviationOfDeposit),
      number("mean-update-wait-s", "mean seconds between wakes", 1...1e9, \.meanUpdateWait),
    ]
  }

  private typealias AgentPath<T> = WritableKeyPath<Agent, T> & Sendable

  /// All settings, Table I's first.
  public static let settings: [SharingSetting] =
    [
      .number("num-words", "most frequent words that are features", 1...65_536, \.words),
      .number(
        "train-size", "share of the reviews that the model learns beforehand", 0...1, \.trainSize),
    ] + agent("good", \.good) + agent("bad", \.bad) + [
      .number(
        "prob-mistake", "probability that the good agent gives a wrong label", 0...1,
        \.good.mistakeProbability),
      .number(
        "submission-cost", "w of max(1, w 60 / √Δt), Δt in seconds since the last sample", 0...1e6,
        \.submissionCost),
      .choice("locked", "what a sender leaves with the contract", \.lock),
      .number("refund-days", "days until refunds and reports", 0...1000, \.refundDays),
      .number("any-days", "days until anybody takes what is left", 0...10_000, \.anyDays),
      .choice("model", "what predicts", \.model),
      .number("passes", "shuffled passes over the data beforehand", 0...1000, \.passes),
      .number("learning-rate", "of logistic regression", 1e-6...10, \.learningRate),
      .choice("bad-claims", "what the bad agent asks for", \.badClaims),
      .number(
        "entropy-weight", "by what share the cost grows for each bit of entropy of a sender's data",
        0...1000, \.entropyWeight),
      .number(
        "good-per-bad", "verified good samples that a sender needs for each bad one; 0: none",
        0...1000, \.goodPerBad),
      .number(
        "storage-limit", "bytes of unsettled data that the contract keeps; 0: any", 0...1 << 40,
        \.storageLimit),
      .number("curve-days", "days between two points of the curve", 0.01...10_000, \.curveDays),
      .number("day-limit", "days after which the simulation ends", 1...100_000, \.dayLimit),
      .number("seed", "of everything that is drawn", 0...UInt64.max, \.seed),
    ]

  /// Names of Table I that set both agents at once.
  public static var jointNames: KeyValuePairs<String, [String]> {
    [
      "start-balance": ["good-start-balance", "bad-start-balance"],
      "mean-deposit": ["good-mean-deposit", "bad-mean-deposit"],
      "stdev-deposit": ["good-stdev-deposit", "bad-stdev-deposit"],
      "mean-update-wait-s": ["good-mean-update-wait-s", "bad-mean-update-wait-s"],
    ]
  }

  /// - Parameter isOnChain: whether the run is kept on a chain.
  /// - Throws: ``SettingError`` for settings that do not go together.
  public func validate(isOnChain: Bool) throws(SettingError) {
    if isOnChain && model == .logistic {
      throw SettingError(
        "logistic regression needs e^x of the platform, and everybody has to come to the same on a "
          + "chain; choose the model averaged or perceptron, or leave the chain away")
    }
    try validate()
  }

  public func validate() throws(SettingError) {
    if let problem = rules.problem {
      throw SettingError("\(problem); raise any-days or lower refund-days")
    }
  }
}
