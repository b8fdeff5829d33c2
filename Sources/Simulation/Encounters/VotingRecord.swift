/// How the judging of contributions went, honest ones and attackers' apart.
public struct VotingRecord: Sendable, Hashable {
  /// Of contributions of one kind.
  public struct Count: Sendable, Hashable {
    public var accepted = 0
    public var refused = 0
    /// Encounters that ended without a verdict: somebody was silent, or the model was unchanged.
    public var unjudged = 0
    /// Votes of honest validators.
    public var yes = 0
    public var no = 0
    /// Tokens that neighbours earned, without what they lost.
    public var earned: UInt64 = 0
    public var lost: UInt64 = 0

    public var judged: Int { accepted + refused }
    /// The share of the judged contributions that was accepted; `nil` if none was judged.
    public var acceptance: Double? { judged > 0 ? Double(accepted) / Double(judged) : nil }
    /// The mean gain of a neighbour in an encounter, in tokens; `nil` if there was none.
    public var meanGain: Double? {
      let count = judged + unjudged
      return count > 0 ? (Double(earned) - Double(lost)) / Double(count) : nil
    }
  }

  public var honest = Count()
  public var attackers = Count()

  public init() {}
}
