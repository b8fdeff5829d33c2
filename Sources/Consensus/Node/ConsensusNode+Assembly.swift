import Cryptography

// Who starts an epoch, and with which round.

extension ConsensusNode {
  /// Members that are there, waiting like this one.
  func present(_ now: Double) -> MemberSet {
    var present = MemberSet(
      others.filter { now - (peers[$0].hello?.at ?? -.infinity) < Self.helloLifetime })
    present.insert(own)
    return present
  }

  mutating func advanceAssembly(_ now: Double) {
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

  mutating func repeatAssembly() {
    guard let assembly = outside.assembly else { return }
    for message in Self.ownWords(assembly, own) { send(message, to: others) }
  }

  /// The epoch begins: those who are up to date start, the others are brought up to date.
  mutating func startEpoch(_ certificate: Certificate, _ now: Double) {
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
  func mayContribute(to decision: Decision) -> Bool {
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
}
