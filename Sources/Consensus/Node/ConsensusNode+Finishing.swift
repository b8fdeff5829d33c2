import Cryptography

extension ConsensusNode {
  /// Seconds between two repetitions of what was said, while others are silent.
  private static let repetition = 1.0

  /// The participant has no further round: ends the run with this shared state.
  ///
  /// - Parameter round: how many sums the run had.
  public mutating func finish(_ state: Digest, round: UInt32, now: Double) {
    mode = .finishing
    finishing.round = round
    finishing.state = state
    finishing.since = now
    finishing.repeatedAt = now
    let signature = sign(finishStatement(state))
    finishing.signatures[own] = (round, state, signature)
    sayFinish(to: others)
    certifyFinish()
  }

  /// Whether nobody needs this member any more, or has to be waited for. That all others have
  /// finished is not enough: one that has not heard a majority yet could not hear it any more.
  public func mayLeave(now: Double) -> Bool {
    guard mode == .finishing, finishing.isCertified else { return false }
    if now - finishing.since >= configuration.deadlines.farewell { return true }
    guard let since = finishing.allCertifiedAt else { return false }
    // Who did not hear that this member has a majority asks for it before long, or would wait for
    // it to the end; who has left itself says nothing any more.
    return others.allSatisfy(finishing.knowing.contains)
      || now - since >= max(2 * Self.repetition, configuration.deadlines.reconnect)
  }

  private func finishStatement(_ state: Digest) -> [UInt8] {
    Statement.finish(
      network: configuration.network, round: finishing.round, state: state)
  }

  private mutating func sayFinish(to members: [Int]) {
    guard let mine = finishing.signatures[own] else { return }
    for member in members {
      send(
        .finish(
          .init(
            round: finishing.round, state: mine.state, signature: mine.signature,
            isCertified: finishing.isCertified,
            knowsReceiver: finishing.certified.contains(member))), to: member)
    }
  }

  mutating func receive(_ finish: RoundMessage.Finish, from member: Int, _ now: Double) {
    if mode == .inside && finish.round > work.slot.round { noteOvertaken(now) }
    let statement = Statement.finish(
      network: configuration.network, round: finish.round, state: finish.state)
    guard configuration.electorate.isValid(finish.signature, by: member, of: statement) else {
      return
    }
    let isNew =
      finishing.signatures[member] == nil
      || finish.isCertified && !finishing.certified.contains(member)
    finishing.signatures[member] = (finish.round, finish.state, finish.signature)
    if finish.isCertified { finishing.certified.insert(member) }
    if finish.knowsReceiver { finishing.knowing.insert(member) }
    if finishing.allCertifiedAt == nil, others.allSatisfy(finishing.certified.contains) {
      finishing.allCertifiedAt = now
    }
    certifyFinish()
    if finish.isCertified && finishing.state.map({ $0 != finish.state }) ?? false {
      leaveEnd(now)
      return
    }
    // An answer where it says something new, so that answers come to an end.
    if mode == .finishing && (isNew || finishing.isCertified && !finish.knowsReceiver) {
      sayFinish(to: [member])
    }
  }

  private mutating func certifyFinish() {
    guard mode == .finishing, !finishing.isCertified, let state = finishing.state else { return }
    let agreeing = finishing.signatures.filter {
      $0.value.round == finishing.round && $0.value.state == state
    }
    guard agreeing.count >= majority else { return }
    finishing.isCertified = true
    effects.append(
      .finished(
        FinishCertificate(
          round: finishing.round, state: state,
          signatures: agreeing.sorted { $0.key < $1.key }.map {
            MemberSignature(member: $0.key, signature: $0.value.signature)
          })))
    sayFinish(to: others)
  }

  mutating func tickFinishing(_ now: Double) {
    let silent = others.filter {
      !finishing.certified.contains($0) || !finishing.knowing.contains($0)
    }
    if !silent.isEmpty && now - finishing.repeatedAt >= Self.repetition {
      finishing.repeatedAt = now
      sayFinish(to: silent)
    }
  }

  // MARK: Repetition

  /// Says again what a member that was away for a moment may have missed.
  mutating func resend(to member: Int) {
    switch mode {
    case .outside:
      guard hasStarted else { return }
      send(.hello(ownHello), to: member)
    case .finishing:
      sayFinish(to: [member])
    case .inside: resendRound(to: member)
    }
  }

  private mutating func resendRound(to member: Int) {
    guard work.expected.contains(member) else { return }
    if let certificate = work.agreement.certificate {
      send(.certificate(certificate), to: member)
      return
    }
    if work.contributedAt != nil, let deal = work.dealt[member] {
      send(.deal(work.slot, deal), to: member)
    }
    if let returning = work.acknowledgements[own] {
      send(.acknowledgement(work.slot, returning: returning), to: member)
    }
    for message in Self.ownWords(work.agreement, own) { send(message, to: member) }
  }

  /// A frame that a full queue lost must not hold up a round.
  mutating func resendIfStuck(_ now: Double) {
    let deadlines = configuration.deadlines
    if let at = work.overtakenAt, now - at > deadlines.vote + deadlines.reveal {
      // What would bring this member along did not come in spite of its asking.
      fallBehind(now, "the others are past this round")
      return
    }
    let last = max(work.since, work.contributedAt ?? 0, work.resentAt)
    guard now - last >= max(Self.repetition, deadlines.vote / 2),
      work.contributedAt != nil || work.agreement.hasSpoken
    else { return }
    work.resentAt = now
    for member in work.expected.members where member != own && isReachable(member, now) {
      resendRound(to: member)
    }
    let reachable = work.expected.members.filter { isReachable($0, now) }
    if reachable.count < leastMembers && now - work.since > deadlines.contribution {
      fallBehind(now, "only \(reachable.count) of \(others.count + 1) members can be reached")
    }
  }
}
