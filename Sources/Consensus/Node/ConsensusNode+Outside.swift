import Cryptography

// Outside of all rounds: at the start, after being cut off, and when so many were gone that nothing
// could be decided any more.

extension ConsensusNode {
  /// Seconds between two hellos, and for how long one counts.
  private static let helloInterval = 0.25
  static let helloLifetime = 2.0

  /// Leaves the present round: the others went on, or there are too few.
  mutating func fallBehind(_ now: Double, _ reason: String, wasSettled: Bool = false) {
    guard mode == .inside else { return }
    effects.append(.note("round \(work.slot.round): waiting to be taken in again: \(reason)"))
    if !wasSettled { ownRound = work.slot.round }
    mode = .outside
    outside = Outside(since: now)
    early = []
    // What the sums so far have led to, which takes the participant a moment: a hello with an older
    // state would look like another version's.
    hasStarted = false
    effects.append(.offerWanted(to: own))
  }

  mutating func sayHello(_ now: Double) {
    outside.saidHelloAt = now
    send(.hello(ownHello), to: others)
  }

  var ownHello: RoundMessage.Hello {
    RoundMessage.Hello(
      epoch: work.slot.epoch, round: ownRound, state: ownState,
      open: openContributors(of: ownRound))
  }

  mutating func receive(_ hello: RoundMessage.Hello, from member: Int, _ now: Double) {
    peers[member].hello = (hello, now)
    peers[member].helloRound = hello.round
    switch mode {
    case .outside:
      // Who is there is counted when the last one may have come; otherwise with the next tick.
      outside.greeters.insert(member)
      if outside.assembly == nil && outside.greeters.count == others.count { advanceAssembly(now) }
    case .finishing: effects.append(.offerWanted(to: member))
    case .inside:
      // A hello from before the member was taken in may be late, even behind its first words of this
      // round; one that knows of this round, or comes a while after such words, is not.
      let isNews =
        hello.epoch == work.slot.epoch && hello.round >= work.slot.round
        || peers[member].insideEpoch == work.slot.epoch
          && now - peers[member].insideAt > Self.helloInterval
        || now - work.since > configuration.deadlines.reconnect
      if isNews && work.expected.contains(member) { work.gone.insert(member) }
      if !work.expected.contains(member) { peers[member].insideEpoch = nil }
      tellRunning(member, now)
      leaveIfTooFew(now)
    }
  }

  /// Without a majority nothing can be decided: then a new epoch has to begin.
  private mutating func leaveIfTooFew(_ now: Double) {
    if work.expected.subtracting(work.gone).count < majority {
      fallBehind(now, "fewer than a majority of the members take part")
    }
  }

  /// Members that said hello lately and are not expected: those who return.
  func returningMembers(_ now: Double) -> MemberSet {
    MemberSet(
      others.filter { member in
        guard !work.expected.contains(member), let hello = peers[member].hello else {
          return false
        }
        return now - hello.at < Self.helloLifetime
      })
  }

  mutating func receiveRunning(_ slot: Slot, _ now: Double) {
    switch mode {
    case .outside: outside.runningHeardAt = now
    case .inside:
      if slot.epoch > work.slot.epoch || slot.round > work.slot.round + 1 {
        fallBehind(now, "round \(slot.round) is on its way")
      } else if slot > work.slot {
        noteOvertaken(now)
      }
    case .finishing: if slot.epoch > work.slot.epoch { leaveEnd(now) }
    }
  }

  /// An end that nobody else came to: this member took the last sum and was away when the others
  /// gave its round up.
  mutating func leaveEnd(_ now: Double) {
    guard mode == .finishing, !finishing.isCertified else { return }
    effects.append(.note("the others ended otherwise: waiting to be taken in again"))
    ownRound = finishing.round
    finishing = Finishing()
    mode = .outside
    outside = Outside(since: now)
    early = []
    hasStarted = false
    effects.append(.offerWanted(to: own))
  }

  /// Others are past this attempt: what they know of it may be on its way, but not for long.
  mutating func noteOvertaken(_ now: Double) {
    if work.overtakenAt == nil { work.overtakenAt = now }
  }

  mutating func tickOutside(_ now: Double) {
    guard hasStarted else { return }
    if now - outside.saidHelloAt >= Self.helloInterval {
      sayHello(now)
      repeatAssembly()
    }
    if outside.requestedAt.map({ now - $0 > configuration.deadlines.vote }) ?? true {
      requestState(now)
    }
    advanceAssembly(now)
  }
}
