/// How the judging of contributions went, honest ones and attackers' apart.
///
/// What was contributed to a learner that attacks stands by itself: a model that was trained on flipped
/// labels is not made worse by a flipper, and made better by anybody else, so that votes on it say
/// nothing of who can be told from whom.
public struct VotingRecord: Sendable, Hashable {
  /// Of contributions of one kind.
  public struct Count: Sendable, Hashable {
    /// By the contract, also when the time for votes had to pass first: then it is too late for the
    /// learner to take the contribution over.
    public var accepted = 0
    public var refused = 0
    /// Encounters without a verdict, or without one so far: somebody was silent, or the model was
    /// unchanged.
    public var unjudged = 0
    /// Votes of honest validators.
    public var yes = 0
    public var no = 0
    /// Tokens that neighbours earned, without what they lost.
    public var earned: UInt64 = 0
    public var lost: UInt64 = 0

    public init() {}

    public var judged: Int { accepted + refused }
    /// The share of the judged contributions that was accepted; `nil` if none was judged.
    public var acceptance: Double? { judged > 0 ? Double(accepted) / Double(judged) : nil }
    /// The mean gain of a neighbour in an encounter, in tokens; `nil` if there was none.
    public var meanGain: Double? {
      let count = judged + unjudged
      return count > 0 ? (Double(earned) - Double(lost)) / Double(count) : nil
    }
  }

  /// Of honest neighbours, to honest learners.
  public var honest = Count()
  /// Of attackers, to honest learners.
  public var attackers = Count()
  /// Of anybody, to learners that attack.
  public var toAttackers = Count()

  public init() {}
}
