import Cryptography

/// What members tell one another. Nothing in it is code; all of it has a bounded size.
public enum RoundMessage: Sendable, Hashable {
  /// “I am here and take part in nothing”: at the start, and by those who return.
  case hello(Hello)
  /// The answer of a member in a run on its way: wait to be taken in.
  case running(Slot)
  /// A contributor's shares for one holder.
  case deal(Slot, Deal)
  /// “I have the shares of everybody who was expected.” With who has come back meanwhile.
  case acknowledgement(Slot, returning: MemberSet)
  /// A vote of a ballot, with the contributors whose shares the sender has.
  case vote(Slot, ballot: UInt32, proposal: Decision, report: MemberSet)
  /// A signed lock of a ballot, or that nothing is locked.
  case lock(
    Slot, ballot: UInt32, decision: Decision?, signature: Signature, report: MemberSet)
  /// A decision and its proof.
  case certificate(Certificate)
  /// A holder's share of a slice of the sum.
  case reveal(Slot, slice: UInt32, holder: UInt32, share: [UInt32])
  /// A slice of the sum.
  case slice(Slot, slice: UInt32, elements: [UInt32])
  /// “I still need these slices.”
  case ask(Slot, slices: MemberSet)
  /// To one who returns: the digest of the shared state with which the round begins, and whether
  /// the contribution that it may have made before it was gone was counted.
  case offer(Offer)
  case stateRequest(Slot)
  /// The shared state with which the round begins.
  case state(Slot, bytes: [UInt8])
  /// The signed end of a run.
  case finish(Finish)

  public struct Finish: Sendable, Hashable {
    /// The number of sums of the run.
    public var round: UInt32
    /// SHA-256 of the sender's shared state.
    public var state: Digest
    public var signature: Signature
    /// Whether the sender has the signatures of a majority.
    public var isCertified: Bool
    /// Whether the sender knows that the receiver has them.
    public var knowsReceiver: Bool
  }

  public struct Hello: Sendable, Hashable {
    /// The last epoch that the sender knows of.
    public var epoch: UInt32
    /// The round that the sender would do next.
    public var round: UInt32
    /// SHA-256 of the sender's shared state.
    public var state: Digest
    /// Whose sum of that round may be known to somebody, as far as the sender has signed or seen it;
    /// empty for nobody's. See ``OpenSum``.
    public var open: MemberSet
  }

  public struct Deal: Sendable, Hashable {
    /// From which the holder expands its pseudo-random shares.
    public var seed: [UInt8]
    /// The other shares of the slices that it holds, slice after slice.
    public var shares: [UInt32]
  }

  public struct Offer: Sendable, Hashable {
    public var slot: Slot
    public var state: Digest
    /// Whether the receiver's contribution to the round of its hello was summed.
    public var wasCounted: Bool
    /// Whether the round before that one was given up, though the receiver may have taken its sum.
    public var isUndone: Bool
    /// Whether the run is over.
    public var isFinished: Bool
  }
}
