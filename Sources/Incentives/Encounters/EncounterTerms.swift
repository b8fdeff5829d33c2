/// What all parties of a contract of encounters have agreed on (Yu et al. 2023, Table I), in integers.
///
/// Shares are in thousandths and round down. Times are numbers of blocks.
public struct EncounterTerms: Sendable, Hashable {
  /// How the prepayment of an encounter is agreed on (Step 2).
  public enum Price: Sendable, Hashable {
    /// By all, once: every learner prepays this much.
    case global(TokenAmount)
    /// By two, for one encounter: the learner names it, and the neighbour accepts it or not.
    case negotiated
  }

  /// What a neighbour or a validator earns goes to its stake, where it can be lost again and withdrawn,
  /// or to its balance.
  public enum RewardDestination: UInt8, Sendable, Hashable {
    case stake = 0
    case balance = 1
  }

  /// Tokens there are.
  public var supply: TokenAmount = 1_000_000_000_000
  /// Tokens for one unit of currency (Step 0).
  public var exchangeRate: TokenAmount = 1000
  /// Tokens that a party exchanges when it joins; a recommendation, which the contract does not enforce.
  public var exchangedTokens: TokenAmount = 1_000_000
  /// Tokens that a party stakes first; a recommendation as well.
  public var initialStake: TokenAmount = 200
  /// The stake that neighbours and validators need.
  public var stakeThreshold: TokenAmount = 100
  /// Whether learners need it as well. If not, those who have lost their stakes by what they handed over
  /// can still pay one another for more of it.
  public var learnersNeedStake = false

  public var price = Price.negotiated
  /// p_r^n, the neighbour's share of the prepayment, in thousandths; the validators have the others. The
  /// paper leaves it open. With 0.7 a neighbour earns more than two validators of three together, and a
  /// prepayment of 10 leaves each of three validators one token.
  public var neighbourShare: UInt64 = 700
  /// The share of the prepayment that the neighbour keeps when an encounter cannot be validated (Step 4),
  /// in thousandths.
  public var partPaymentShare: UInt64 = 100
  public var rewardDestination = RewardDestination.stake
  /// Whether a neighbour's free stake must cover the prepayment, and a validator's its largest penalty.
  /// If not, what is free of the stake is all that can be lost.
  public var requiresCover = true

  /// Validators that are drawn for an encounter.
  public var validators = 3
  /// V: votes with which an encounter can be settled before the waiting time is over. At least as many,
  /// not more (Step 7; the paper's “more than V” never happens with V validators).
  public var votesRequired = 3
  /// τ: by how much a model may be worse than the one before, in millionths of the metric. Votes are
  /// computed off the chain; the term is what validators have agreed to vote by.
  public var toleranceMillionths: UInt64 = 30_000

  /// Blocks within which the neighbour has to accept.
  public var acceptanceBlocks: UInt64 = 1000
  /// Blocks, from the acceptance, within which both have to report.
  public var reportBlocks: UInt64 = 10_000
  /// Blocks, from the drawing, within which validators have to commit their votes.
  public var commitBlocks: UInt64 = 25_000
  /// The maximum waiting time: blocks from the drawing after which an encounter can be settled with
  /// whatever votes there are.
  public var waitingBlocks: UInt64 = 50_000

  /// For the diversity of neighbours; `nil` for none.
  public var diversity: DiversityRule?
  /// The share of the prepayment that a learner may offer on top for rare data, in thousandths; 0 for no
  /// such offers. The neighbour claims it when it accepts, and has it if the contribution is accepted and
  /// more than half of the votes say that its data were rare.
  public var rareDataBonus: UInt64 = 0

  /// Keeps a neighbour from living on one learner. Pairs are ordered: of a symmetric encounter, which
  /// counts as two, each direction has its own count.
  public struct DiversityRule: Sendable, Hashable {
    /// Blocks for which an accepted encounter counts.
    public var window: UInt64
    /// Encounters that a pair may accept within a window; a further one is refused.
    public var limit: Int
    /// What the neighbour's reward loses from the second encounter within a window on, in thousandths.
    /// It goes back to the learner.
    public var discount: UInt64

    public init(window: UInt64, limit: Int, discount: UInt64 = 0) {
      self.window = window
      self.limit = limit
      self.discount = discount
    }
  }

  public init() {}

  /// The largest number of validators.
  public static let validatorLimit = 1000
  static let longestTime: UInt64 = 1 << 40

  /// Why there can be no contract under these terms, in one line; `nil` if there can.
  public var problem: String? {
    func range(_ name: String, _ value: UInt64, _ range: ClosedRange<UInt64>) -> String? {
      range.contains(value)
        ? nil : "\(name) is \(value), and has to be \(range.lowerBound) to \(range.upperBound)"
    }
    let problems: [String?] = [
      range("exchangeRate", exchangeRate, 1...(.max)),
      range("stakeThreshold", stakeThreshold, 1...(.max)),
      range("neighbourShare", neighbourShare, 0...1000),
      range("partPaymentShare", partPaymentShare, 0...1000),
      range("rareDataBonus", rareDataBonus, 0...1000),
      range("validators", UInt64(clamping: validators), 1...UInt64(Self.validatorLimit)),
      range(
        "votesRequired", UInt64(clamping: votesRequired), 1...max(1, UInt64(clamping: validators))),
      range("acceptanceBlocks", acceptanceBlocks, 1...Self.longestTime),
      range("reportBlocks", reportBlocks, 1...Self.longestTime),
      range("waitingBlocks", waitingBlocks, 2...Self.longestTime),
      range("commitBlocks", commitBlocks, 1...(max(2, waitingBlocks) - 1)),
      price == .global(0) ? "the global price is 0, and has to be at least 1" : nil,
      diversity.flatMap { range("diversity.window", $0.window, 1...Self.longestTime) },
      diversity.flatMap { range("diversity.limit", UInt64(clamping: $0.limit), 1...1_000_000) },
      diversity.flatMap { range("diversity.discount", $0.discount, 0...1000) },
    ]
    return problems.compactMap { $0 }.first
  }

  /// What a learner that offers a bonus for rare data prepays on top.
  public func rareDataBonus(of prepayment: TokenAmount) -> TokenAmount {
    Self.share(rareDataBonus, of: prepayment)
  }

  /// A share of an amount, rounded down, whatever the amount.
  static func share(_ thousandths: UInt64, of amount: TokenAmount) -> TokenAmount {
    let (whole, rest) = amount.quotientAndRemainder(dividingBy: 1000)
    return whole * thousandths + rest * thousandths / 1000
  }

  /// The most that a validator can lose in an encounter: the validators' whole share, if it alone
  /// committed a vote and did not reveal it, or half of the prepayment (``EncounterAward``).
  func largestValidatorPenalty(_ prepayment: TokenAmount) -> TokenAmount {
    max(prepayment - Self.share(neighbourShare, of: prepayment), prepayment / 2)
  }
}
