import Cryptography

// Coming together: at the start, after being cut off, and when so many were gone that nothing could
// be decided any more.

extension ConsensusNode {
  /// Seconds between two hellos, and for how long one counts.
  private static let helloInterval = 0.25
  private static let helloLifetime = 2.0

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

  // MARK: Who starts

  /// Members that are there, waiting like this one.
  private func present(_ now: Double) -> MemberSet {
    var present = MemberSet(
      others.filter { now - (peers[$0].hello?.at ?? -.infinity) < Self.helloLifetime })
    present.insert(own)
    return present
  }

  private mutating func advanceAssembly(_ now: Double) {
    guard mode == .outside, hasStarted else { return }
    if outside.assembly == nil {
      guard now - outside.runningHeardAt > Self.helloLifetime else { return }
      let present = present(now)
      let isTime =
        present.count == others.count + 1
        || (now - outside.since >= configuration.deadlines.assembly
          && present.count >= leastMembers)
      guard isTime else { return }
      let epochs = present.members.compactMap { peers[$0].hello?.message.epoch }
      beginAssembly(epochs.reduce(work.slot.epoch) { max($0, $1) } + 1)
    }
    while mode == .outside, outside.assembly != nil, stepAssembly(now) {}
  }

  private mutating func beginAssembly(_ epoch: UInt32) {
    var assembly = Agreement(slot: .assembly(epoch), majority: majority)
    assembly.skipFirstBallot()
    outside.assembly = assembly
  }

  /// A vote or lock about who starts.
  mutating func receiveAssembly(
    _ message: RoundMessage, _ slot: Slot, from member: Int, _ now: Double
  ) {
    guard mode == .outside else {
      if mode == .inside { tellRunning(member, now) }
      return
    }
    guard slot.epoch > work.slot.epoch else { return }
    if slot.epoch > outside.assembly?.slot.epoch ?? 0 { beginAssembly(slot.epoch) }
    guard slot == outside.assembly?.slot else { return }
    switch message {
    case .vote(_, let ballot, let proposal, let report):
      outside.assembly?.note(
        Agreement.Vote(proposal: proposal, report: report), ballot: ballot, from: member)
    case .lock(_, let ballot, let decision, let signature, let report):
      let statement = Statement.lock(
        network: configuration.network, slot: slot, ballot: ballot, decision: decision)
      guard configuration.electorate.isValid(signature, by: member, of: statement) else { return }
      outside.assembly?.note(
        Agreement.Lock(decision: decision, signature: signature, report: report),
        ballot: ballot, from: member)
    default: break
    }
    advanceAssembly(now)
  }

  private mutating func stepAssembly(_ now: Double) -> Bool {
    guard var assembly = outside.assembly else { return false }
    defer { if mode == .outside && outside.assembly != nil { outside.assembly = assembly } }
    if let certificate = assembly.certificate {
      outside.assembly = nil
      startEpoch(certificate, now)
      return false
    }
    if assembly.hasSpoken {
      guard assembly.heardCount >= majority else { return false }
      let silent = present(now).subtracting(assembly.heard)
      guard isOver(silent, assembly.since, configuration.deadlines.vote, now),
        assembly.ballot < Agreement.ballotLimit
      else { return false }
      if assembly.step == .voting { assembly.beginLocking() } else { assembly.beginNextBallot() }
      return true
    }
    let ballot = assembly.ballot
    if assembly.step == .voting {
      let popular = assembly.votes[Int(ballot)].values.map(\.proposal).first {
        $0.next.contains(own) && isAdmissible($0, now)
      }
      let favourite = assembly.favourite.flatMap { isAdmissible($0, now) ? $0 : nil }
      let proposal = assembly.inherited ?? favourite ?? popular ?? assemblyProposal(now)
      assembly.note(
        Agreement.Vote(proposal: proposal, report: MemberSet()), ballot: ballot, from: own)
    } else {
      let decision = assembly.lockable
      let statement = Statement.lock(
        network: configuration.network, slot: assembly.slot, ballot: ballot, decision: decision)
      assembly.note(
        Agreement.Lock(decision: decision, signature: sign(statement), report: MemberSet()),
        ballot: ballot, from: own)
    }
    assembly.spoke(at: now)
    for message in Self.ownWords(assembly, own) { send(message, to: others) }
    return true
  }

  private func assemblyProposal(_ now: Double) -> Decision {
    let present = present(now)
    let (round, open) = latestRound(now)
    let required = open.first ?? MemberSet()
    if open.count > 1 || !required.isSubset(of: present) {
      return Decision(
        contributors: MemberSet(), next: present, nextRound: round + 1, givesUp: true)
    }
    return Decision(contributors: required, next: present, nextRound: round)
  }

  /// The highest round that somebody names who is there, and over whom its sum may be known.
  private func latestRound(_ now: Double) -> (round: UInt32, open: Set<MemberSet>) {
    let hellos =
      [ownHello]
      + others.compactMap { member in
        peers[member].hello.flatMap { now - $0.at < Self.helloLifetime ? $0.message : nil }
      }
    let round = hellos.reduce(ownRound) { max($0, $1.round) }
    let open = hellos.filter { $0.round == round && !$0.open.isEmpty }.map(\.open)
    return (round, Set(open))
  }

  /// Whether this member may vote for who starts, as far as it has heard: never for a second sum of a
  /// round over others, nor for giving up what somebody has. No majority votes for such a decision
  /// then, so that nobody locks it.
  private func isAdmissible(_ decision: Decision, _ now: Double) -> Bool {
    let (round, open) = latestRound(now)
    if decision.nextRound != round { return decision.nextRound > round }
    return !decision.givesUp && open.isSubset(of: [decision.contributors])
  }

  /// What this member has said in the present and the last step of an agreement.
  static func ownWords(_ agreement: Agreement, _ own: Int) -> [RoundMessage] {
    var words: [RoundMessage] = []
    for ballot in max(0, Int(agreement.ballot) - 1)...Int(agreement.ballot) {
      if let vote = agreement.votes[ballot][own] {
        words.append(
          .vote(
            agreement.slot, ballot: UInt32(ballot), proposal: vote.proposal,
            report: vote.report))
      }
      if let lock = agreement.locks[ballot][own] {
        words.append(
          .lock(
            agreement.slot, ballot: UInt32(ballot), decision: lock.decision,
            signature: lock.signature, report: lock.report))
      }
    }
    return words
  }

  private mutating func repeatAssembly() {
    guard let assembly = outside.assembly else { return }
    for message in Self.ownWords(assembly, own) { send(message, to: others) }
  }

  /// The epoch begins: those who are up to date start, the others are brought up to date.
  private mutating func startEpoch(_ certificate: Certificate, _ now: Double) {
    let decision = certificate.decision
    effects.append(.decided(certificate))
    effects.append(
      .note(
        "epoch \(certificate.slot.epoch) begins with \(decision.next.count) members in round "
          + "\(decision.nextRound)"))
    send(.certificate(certificate), to: others)
    let ownEpoch = work.slot.epoch
    work.slot.epoch = certificate.slot.epoch
    guard decision.next.contains(own) else { return }
    let round = decision.givesUp ? decision.nextRound - 1 : decision.nextRound
    let hellos = decision.next.members.compactMap { member in
      member == own ? nil : peers[member].hello.map { (member: member, hello: $0.message) }
    }
    // Who took the sum of a round and was away when the others gave that round up is where they are
    // now, with another state; its epoch is an earlier one.
    let isOutdated = hellos.contains {
      $0.hello.round == round && $0.hello.state != ownState && $0.hello.epoch > ownEpoch
    }
    if ownRound != round || isOutdated {
      outside.admission = certificate
      return
    }
    guard mayContribute(to: decision) else { return }
    var behind: [Int] = []
    for (member, hello) in hellos where hello.round != round || hello.state != ownState {
      if hello.round == round && hello.epoch == ownEpoch {
        effects.append(
          .failed(
            "member \(member) has another shared state in round \(round): its data have other "
              + "columns, or it runs another version"))
        return
      }
      behind.append(member)
    }
    if decision.givesUp { giveUp(round) }
    for member in behind { effects.append(.offerWanted(to: member)) }
    begin(
      Slot(epoch: certificate.slot.epoch, round: decision.nextRound), expected: decision.next,
      required: decision.contributors, now)
  }

  /// Whether this member may contribute in an epoch that begins so: not to a second sum of a round
  /// over others. It waits to be taken in later, then.
  private func mayContribute(to decision: Decision) -> Bool {
    let open = openContributors(of: decision.nextRound)
    return open.isEmpty || open == decision.contributors
  }

  /// Nobody takes a sum of this round any more.
  private mutating func giveUp(_ round: UInt32) {
    effects.append(
      .note("round \(round) is given up: its sum may be known to members that are gone"))
    effects.append(.skip(round: round))
    contributorLog[round] = MemberSet()
    openSum = nil
    work.contribution = nil
    ownRound = round + 1
  }

  // MARK: Being taken in

  mutating func receive(_ certificate: Certificate, from member: Int, _ now: Double) {
    if mode != .outside && certificate.slot < work.slot {
      // A member that waits for what follows from it. Those who can help it are asked for that.
      if !recent.contains(where: { $0.slot == certificate.slot }) { tellRunning(member, now) }
      return
    }
    let isOpen =
      mode == .inside
      ? certificate.slot == work.slot && work.decision == nil
      : mode == .outside && certificate.slot.epoch >= work.slot.epoch
    guard isOpen,
      certificate.isValid(
        network: configuration.network, electorate: configuration.electorate)
    else { return }
    if mode == .inside {
      work.agreement.adopt(certificate)
      return
    }
    if hasStarted && certificate.slot == outside.assembly?.slot {
      outside.assembly = nil
      startEpoch(certificate, now)
      return
    }
    guard certificate.decision.next.contains(own),
      certificate.decision.nextRound >= ownRound
    else { return }
    if let known = outside.admission, certificate.slot <= known.slot { return }
    work.slot.epoch = certificate.slot.epoch
    outside.admission = certificate
    // What was kept for an earlier admission is of no use; offers may overtake the certificate.
    outside.offers = outside.offers.filter {
      $0.value.slot.epoch == certificate.slot.epoch
        && $0.value.slot.round == certificate.decision.nextRound
    }
    outside.requestedAt = nil
    outside.requestedFrom = MemberSet()
    requestState(now)
  }

  mutating func receive(_ offer: RoundMessage.Offer, from member: Int, _ now: Double) {
    guard mode == .outside else { return }
    outside.offers[member] = offer
    if outside.requestedAt == nil { requestState(now) }
  }

  /// The offer that enough members make.
  private var agreedOffer: RoundMessage.Offer? {
    var counts: [RoundMessage.Offer: Int] = [:]
    var counted: Set<RoundMessage.Offer> = []
    var undone: Set<RoundMessage.Offer> = []
    for var offer in outside.offers.values {
      guard offer.isFinished || offer.slot.round == outside.admission?.decision.nextRound else {
        continue
      }
      // Who was away itself in that round does not know whose contributions were summed: one that
      // knows is enough. And the same state is offered in another epoch after a restart.
      let (wasCounted, isUndone) = (offer.wasCounted, offer.isUndone)
      offer.wasCounted = false
      offer.isUndone = false
      if offer.isFinished { offer.slot.epoch = 0 }
      counts[offer, default: 0] += 1
      if wasCounted { counted.insert(offer) }
      if isUndone { undone.insert(offer) }
    }
    // Those who start an epoch with the latest state may be fewer than a majority, and so may those
    // who finished before all were gone. There is only one end.
    let isNewEpoch = outside.admission?.slot.round == Slot.assembly
    let agreed = counts.filter {
      $0.value >= ($0.key.isFinished || isNewEpoch ? 1 : min(majority, others.count))
    }
    guard var offer = agreed.keys.max(by: { !$0.isFinished && $1.isFinished }) else { return nil }
    let isUndone = undone.contains(offer)
    offer.wasCounted = counted.contains(offer)
    offer.isUndone = isUndone
    return offer
  }

  private mutating func requestState(_ now: Double) {
    guard hasStarted, let offer = agreedOffer else { return }
    if let admission = outside.admission, !offer.isFinished, !mayContribute(to: admission.decision)
    {
      return
    }
    if !offer.isFinished && offer.slot.round == ownRound && offer.state == ownState {
      enter(offer, state: nil, now)
      return
    }
    let offering = outside.offers.filter {
      $0.value.state == offer.state && $0.value.slot.round == offer.slot.round
    }.keys.sorted()
    // One after the other, beginning behind this member's own number, so that not all ask the same.
    let order = offering.filter { $0 > own } + offering.filter { $0 < own }
    guard
      let source = order.first(where: { !outside.requestedFrom.contains($0) }) ?? order.first
    else { return }
    outside.requestedFrom.insert(source)
    outside.requestedAt = now
    send(.stateRequest(offer.slot), to: source)
  }

  mutating func receiveState(_ slot: Slot, _ bytes: [UInt8], _ now: Double) {
    guard mode == .outside, hasStarted, let offer = agreedOffer,
      SHA256.hash(bytes) == offer.state
    else { return }
    enter(offer, state: bytes, now)
  }

  private mutating func enter(_ offer: RoundMessage.Offer, state: [UInt8]?, _ now: Double) {
    // Where the state is the same, the contribution to this round is still to be made.
    if let state {
      // Only who took part in that sum has something of it.
      let isUndone =
        offer.isUndone && ownRound > 0 && contributorLog[ownRound - 1]?.contains(own) == true
      if isUndone { contributorLog[ownRound - 1] = MemberSet() }
      effects.append(
        .adopt(
          round: offer.slot.round, state: state, wasCounted: offer.wasCounted,
          isUndone: isUndone, isFinished: offer.isFinished))
      work.contribution = nil
    }
    ownRound = offer.slot.round
    ownState = offer.state
    recent = []
    if offer.isFinished {
      work.slot = Slot(epoch: max(work.slot.epoch, offer.slot.epoch), round: offer.slot.round)
      mode = .finishing
      return
    }
    guard let admission = outside.admission else { return }
    let isNewEpoch = admission.slot.round == Slot.assembly
    begin(
      Slot(epoch: admission.slot.epoch, round: offer.slot.round),
      expected: admission.decision.next,
      required: isNewEpoch ? admission.decision.contributors : MemberSet(), now)
  }

  /// The digest of the shared state, as ``Effect/offerWanted(to:)`` asks for it.
  public mutating func offer(_ state: Digest, to member: Int) {
    if member == own {
      if mode == .outside && !hasStarted {
        ownState = state
        hasStarted = true
      }
      return
    }
    let round = mode == .finishing ? finishing.round : work.slot.round
    // The hello itself may be forgotten by now: an epoch that has begun does not need it any more.
    let lastRound = peers[member].helloRound
    let wasCounted = lastRound.flatMap { contributorLog[$0] }?.contains(member) ?? false
    let isUndone = lastRound.flatMap { $0 > 0 ? contributorLog[$0 - 1] : nil }?.isEmpty ?? false
    send(
      .offer(
        .init(
          slot: Slot(epoch: work.slot.epoch, round: round), state: state, wasCounted: wasCounted,
          isUndone: isUndone, isFinished: mode == .finishing)),
      to: member)
  }

  /// The shared state, as ``Effect/stateWanted(by:)`` asks for it.
  public mutating func sendState(_ bytes: [UInt8], to member: Int) {
    send(.state(work.slot, bytes: bytes), to: member)
  }
}
