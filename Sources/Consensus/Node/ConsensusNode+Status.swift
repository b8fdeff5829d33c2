/// What a member is waiting for, for people.
public struct WaitingStatus: Sendable, Hashable {
  /// In words: `shares`, `votes`, `slices of the sum` …
  public var what: String
  public var members: MemberSet
  /// Seconds until the wait ends, whoever is missing; `nil` where there is no end yet.
  public var secondsLeft: Double?
}

extension ConsensusNode {
  /// The epoch, round and attempt.
  public var slot: Slot {
    Slot(epoch: work.slot.epoch, round: ownRound, attempt: work.slot.attempt)
  }

  /// Those who take part in the present round; empty outside of all rounds.
  public var participants: MemberSet { mode == .outside ? MemberSet() : work.expected }

  /// Members to whom there is a connection.
  public var connectedMembers: MemberSet {
    MemberSet(peers.indices.filter { peers[$0].isConnected })
  }

  /// What the member waits for at this moment; `nil` when it is its own turn.
  public func waiting(now: Double) -> WaitingStatus? {
    let deadlines = configuration.deadlines
    switch mode {
    case .outside: return waitingOutside(now)
    case .finishing:
      let silent = MemberSet(others.filter { !finishing.certified.contains($0) })
      return WaitingStatus(
        what: "the end of the others' runs", members: silent,
        secondsLeft: max(0, finishing.since + deadlines.farewell - now))
    case .inside: break
    }
    if let decidedAt = work.decidedAt {
      guard let layout = work.layout else { return nil }
      return WaitingStatus(
        what: "slices of the sum",
        members: MemberSet(work.missingSlices.members.map { layout.holder(0, of: $0) }),
        secondsLeft: max(0, decidedAt + deadlines.sum - now))
    }
    if work.agreement.hasSpoken || work.agreement.ballot > 0 {
      return WaitingStatus(
        what: work.agreement.step == .voting ? "votes" : "locks",
        members: work.expected.subtracting(work.agreement.heard),
        secondsLeft: max(0, work.agreement.since + deadlines.vote - now))
    }
    guard let since = work.contributedAt, let layout = work.layout else { return nil }
    let missing = work.expected.subtracting(work.report)
    if layout.holders.contains(own) && !missing.isEmpty {
      return WaitingStatus(
        what: "shares", members: missing,
        secondsLeft: max(0, since + deadlines.contribution - now))
    }
    return WaitingStatus(
      what: "acknowledgements",
      members: layout.holders.subtracting(MemberSet(work.acknowledgements.keys)),
      secondsLeft: max(0, since + deadlines.contribution + deadlines.vote - now))
  }

  private func waitingOutside(_ now: Double) -> WaitingStatus {
    if outside.admission != nil {
      return WaitingStatus(
        what: "the shared state", members: outside.requestedFrom,
        secondsLeft: outside.requestedAt.map { max(0, $0 + configuration.deadlines.vote - now) })
    }
    if now - outside.runningHeardAt < 3 {
      return WaitingStatus(
        what: "the others to take this member in", members: MemberSet(), secondsLeft: nil)
    }
    return WaitingStatus(
      what: "members to come together",
      members: MemberSet(others.filter { now - (peers[$0].hello?.at ?? -.infinity) > 3 }),
      secondsLeft: max(0, outside.since + configuration.deadlines.assembly - now))
  }
}
