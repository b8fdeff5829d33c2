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
    let signature = sign(finishStatement(state))
    finishing.signatures[own] = (round, state, signature)
    sayFinish(to: others, now)
    certifyFinish()
  }

  /// Whether nobody needs this member any more, or has to be waited for.
  public func mayLeave(now: Double) -> Bool {
    guard mode == .finishing, finishing.isCertified else { return false }
    return now - finishing.since >= configuration.deadlines.farewell
      || others.allSatisfy { finishing.signatures[$0] != nil }
  }

  private func finishStatement(_ state: Digest) -> [UInt8] {
    Statement.finish(
      network: configuration.network, round: finishing.round, state: state)
  }

  private mutating func sayFinish(to members: [Int], _ now: Double) {
    guard let mine = finishing.signatures[own] else { return }
    finishing.saidAt = now
    send(
      .finish(
        round: finishing.round, state: mine.state, signature: mine.signature),
      to: members)
  }

  mutating func receiveFinish(
    _ round: UInt32, _ state: Digest, _ signature: Signature, from member: Int,
    _ now: Double
  ) {
    let statement = Statement.finish(
      network: configuration.network, round: round, state: state)
    guard finishing.signatures[member] == nil,
      configuration.electorate.isValid(signature, by: member, of: statement)
    else { return }
    finishing.signatures[member] = (round, state, signature)
    // Who has just finished may not have heard that this member has.
    if mode == .finishing { sayFinish(to: [member], now) }
    certifyFinish()
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
  }

  mutating func tickFinishing(_ now: Double) {
    let silent = others.filter { finishing.signatures[$0] == nil }
    if !silent.isEmpty && now - finishing.saidAt >= Self.repetition { sayFinish(to: silent, now) }
  }

  // MARK: Repetition

  /// Says again what a member that was away for a moment may have missed.
  mutating func resend(to member: Int) {
    switch mode {
    case .outside:
      guard hasStarted else { return }
      send(
        .hello(.init(epoch: work.slot.epoch, round: ownRound, state: ownState)), to: member)
    case .finishing:
      if let mine = finishing.signatures[own] {
        send(
          .finish(
            round: finishing.round, state: mine.state, signature: mine.signature),
          to: member)
      }
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
    let last = max(work.since, work.contributedAt ?? 0, work.resentAt)
    guard now - last >= max(Self.repetition, configuration.deadlines.vote / 2),
      work.contributedAt != nil || work.agreement.hasSpoken
    else { return }
    work.resentAt = now
    for member in work.expected.members where member != own && isReachable(member, now) {
      resendRound(to: member)
    }
    let reachable = work.expected.members.filter { isReachable($0, now) }
    if reachable.count < leastMembers && now - work.since > configuration.deadlines.contribution {
      fallBehind(now, "only \(reachable.count) of \(others.count + 1) members can be reached")
    }
  }
}
