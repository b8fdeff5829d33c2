import Incentives

/// Everything that a simulation of Sharing Updatable Models is made from. The defaults are those of
/// Ding and Hu 2022, Table I; what the paper leaves open is documented where it is.
public struct SharingConfiguration: Sendable, Hashable {
  /// Units of the accounts in a token: amounts are whole numbers, and deposits are drawn to a
  /// thousandth of a token.
  public static let token: TokenAmount = 1000

  /// What predicts, and how it learns.
  public enum ModelKind: String, Sendable, Hashable, CaseIterable {
    /// The mean of a perceptron over all steps.
    case averaged
    /// A perceptron's last iterate, as the paper has it.
    case perceptron
    /// Logistic regression.
    case logistic
  }

  /// What the bad agent asks for.
  public enum BadClaims: String, Sendable, Hashable, CaseIterable {
    /// Refunds of its own samples.
    case refunds
    /// Whatever the good one does, too: reports, and what is left.
    case all
  }

  /// One of the agents. Deposits and balances in tokens.
  public struct Agent: Sendable, Hashable {
    public var startBalance = 10_000.0
    public var meanDeposit: Double
    public var deviationOfDeposit: Double
    /// Seconds between two wakes.
    public var meanUpdateWait: Double
    /// How often it gives a sample the wrong label.
    public var mistakeProbability: Double
  }

  /// The most frequent words, whose presence is what a model sees of a review.
  public var words = 1000
  /// The share of the training reviews from which the model learns beforehand.
  public var trainSize = 0.08
  /// Shuffled passes over those.
  public var passes = 3
  public var model = ModelKind.averaged
  /// η of logistic regression.
  public var learningRate = 0.01
  public var good = Agent(
    meanDeposit: 50, deviationOfDeposit: 10, meanUpdateWait: 600, mistakeProbability: 0.0001)
  /// It flips all labels.
  public var bad = Agent(
    meanDeposit: 100, deviationOfDeposit: 3, meanUpdateWait: 3600, mistakeProbability: 1)
  /// w, in tokens.
  public var submissionCost = 1.0
  public var lock = SharingRules.Lock.deposit
  public var refundDays = 1.0
  public var anyDays = 9.0
  public var badClaims = BadClaims.refunds
  /// Tokens that the cost of a token grows by for each bit of entropy; see `SharingRecord`.
  public var entropyWeight = 0.0
  /// Verified good samples that are asked for each bad one; 0 for none.
  public var goodPerBad = 0
  /// Bytes of unsettled samples that the contract keeps; 0 for any.
  public var storageLimit = 0
  /// Days between two points of the curve.
  public var curveDays = 4.0
  /// When the simulation ends, whether or not all samples are submitted and settled.
  public var dayLimit = 3650.0
  public var seed: UInt64 = 1

  public init() {}

  /// The contract's terms.
  public var rules: SharingRules {
    var rules = SharingRules()
    rules.token = Self.token
    rules.costWeight = Self.amount(submissionCost)
    rules.refundTime = Self.time(days: refundDays)
    rules.anyTime = Self.time(days: anyDays)
    rules.lock = lock
    rules.entropyWeight = UInt64((1000 * entropyWeight).rounded())
    rules.goodPerBad = goodPerBad == 0 ? nil : UInt64(goodPerBad)
    rules.storageLimit = storageLimit == 0 ? nil : UInt64(storageLimit)
    return rules
  }

  /// Tokens as an amount.
  static func amount(_ tokens: Double) -> TokenAmount {
    TokenAmount((tokens * Double(token)).rounded())
  }

  static func tokens(_ amount: TokenAmount) -> Double { Double(amount) / Double(token) }

  static func time(days: Double) -> UInt64 { UInt64((days * Double(SharingRules.day)).rounded()) }
}
