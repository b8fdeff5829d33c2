extension RoundMessage {
  /// Rounds, attempts and epochs from here on are no run's: so that one more is always a number.
  private static let numberLimit: UInt32 = 1 << 31

  /// Whether the message speaks of such members and rounds as there can be.
  ///
  /// What one member says becomes what all decide: who is expected, and in which round. So it must
  /// not name what nobody has.
  func isPlausible(members: Int) -> Bool {
    func isKnown(_ set: MemberSet) -> Bool { set.largest ?? 0 < members }
    func isNumber(_ slot: Slot) -> Bool {
      slot.epoch < Self.numberLimit && slot.attempt < Self.numberLimit
        && (slot.round < Self.numberLimit || slot.round == Slot.assembly)
    }
    func isKnown(_ decision: Decision?) -> Bool {
      guard let decision else { return true }
      return isKnown(decision.contributors) && isKnown(decision.next)
        && decision.nextRound < Self.numberLimit
        && (!decision.givesUp || decision.nextRound > 0 && decision.contributors.isEmpty)
    }
    if let slot, !isNumber(slot) { return false }
    // Only who starts an epoch can give up a round.
    if let (slot, decision) = decided, decision.givesUp && slot.round != Slot.assembly {
      return false
    }
    switch self {
    case .hello(let hello):
      return hello.epoch < Self.numberLimit && hello.round < Self.numberLimit
        && isKnown(hello.open)
    case .acknowledgement(_, let returning): return isKnown(returning)
    case .vote(_, _, let proposal, let report): return isKnown(proposal) && isKnown(report)
    case .lock(_, _, let decision, _, let report): return isKnown(decision) && isKnown(report)
    case .certificate(let certificate):
      return isNumber(certificate.slot) && isKnown(certificate.decision)
    case .offer(let offer): return isNumber(offer.slot)
    case .finish(let finish): return finish.round < Self.numberLimit
    case .running, .deal, .reveal, .slice, .ask, .stateRequest, .state: return true
    }
  }

  /// The decision that is proposed, locked or proved.
  private var decided: (Slot, Decision)? {
    switch self {
    case .vote(let slot, _, let decision, _): (slot, decision)
    case .lock(let slot, _, let decision?, _, _): (slot, decision)
    case .certificate(let certificate): (certificate.slot, certificate.decision)
    default: nil
    }
  }
}
