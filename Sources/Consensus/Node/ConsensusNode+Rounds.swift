import Cryptography

extension ConsensusNode {
  /// Hands over the contribution of the round that an ``Effect/begin(round:)`` named.
  ///
  /// - Parameter elements: of the prime field; as many for every member.
  public mutating func contribute(_ elements: [UInt32], to round: UInt32, now: Double) {
    guard work.slot.round == round, work.contribution == nil else { return }
    if mode == .inside, let decision = work.decision {
      // The others did not wait any longer. Nothing of it has left this member, but its length says
      // how the slices of their sum make up the whole: without it, this member could not go on.
      if !decision.contributors.contains(own) {
        if work.layout == nil && takeLayout(count: elements.count) {
          reveal(decision.contributors)
        }
        advance(now)
        return
      }
    }
    work.contribution = elements
    if mode == .inside { deal(now) }
    advance(now)
  }

  /// Gives every holder its shares of this member's contribution.
  mutating func deal(_ now: Double) {
    guard let contribution = work.contribution, work.contributedAt == nil else { return }
    work.contributedAt = now
    guard takeLayout(count: contribution.count), let layout = work.layout else { return }
    let deals = layout.deals(of: contribution)
    for member in layout.order where member != own {
      guard let deal = deals[member] else { continue }
      send(.deal(work.slot, deal), to: member)
    }
    work.deals[own] = deals[own]
    work.dealt = deals
  }

  /// Finds out who holds what, from the length of the vectors, and drops what came before and does
  /// not fit. Returns whether the members are enough.
  private mutating func takeLayout(count: Int) -> Bool {
    let sharing = configuration.sharing
    guard
      let fitting = try? SecretSharing(
        threshold: sharing.threshold, holders: min(sharing.holders, work.expected.count))
    else {
      effects.append(
        .failed(
          "\(work.expected.count) members are too few for a threshold of \(sharing.threshold)"))
      return false
    }
    let layout = ShareLayout(
      expected: work.expected, count: count, sharing: fitting,
      sliceLimit: configuration.sliceLimit, leastSlice: configuration.leastSlice,
      seed: configuration.seed, slot: work.slot)
    work.layout = layout
    for (member, deal) in work.deals where !isWellFormed(deal) {
      work.deals[member] = nil
      effects.append(.note("member \(member) contributed a vector of another length"))
    }
    for (slice, elements) in work.slices
    where !layout.slices.indices.contains(slice)
      || layout.slices[slice].count != elements.count
    {
      work.slices[slice] = nil
    }
    return true
  }

  /// Does all that can be done at this moment.
  mutating func advance(_ now: Double) {
    while mode == .inside && step(now) {}
  }

  /// One thing at a time; whether there was one.
  private mutating func step(_ now: Double) -> Bool {
    if work.decision == nil { return acknowledge(now) || agree(now) }
    if work.decidedAt == nil {
      decide(now)
      return true
    }
    askIfNeeded(now)
    guard let sum = work.sum else { return false }
    complete(sum, now)
    return true
  }

  /// Tells all that this holder has everybody's shares.
  private mutating func acknowledge(_ now: Double) -> Bool {
    guard let layout = work.layout, layout.holders.contains(own),
      work.acknowledgements[own] == nil, work.deals.count >= work.expected.count,
      work.expected.isSubset(of: work.report),
      work.agreement.ballot == 0, !work.agreement.hasSpoken
    else { return false }
    let returning = returningMembers(now)
    work.acknowledgements[own] = returning
    send(.acknowledgement(work.slot, returning: returning), to: layout.order)
    return true
  }

  /// The decision that ballot 0 admits: everybody who was expected, and whoever was seen to return.
  private var expectedDecision: Decision? {
    guard let layout = work.layout, work.expected.count >= PrivateSum.leastContributors,
      work.acknowledgements.count >= layout.holders.count,
      layout.holders.isSubset(of: MemberSet(work.acknowledgements.keys))
    else { return nil }
    let contributors = work.required.isEmpty ? work.expected : work.required
    guard contributors.isSubset(of: work.expected) else { return nil }
    return Decision(
      contributors: contributors,
      next: work.acknowledgements.values.reduce(work.expected) { $0.union($1) },
      nextRound: work.slot.round + 1)
  }

  /// The part of the agreement that is this member's turn.
  private mutating func agree(_ now: Double) -> Bool {
    if work.agreement.ballot == 0 && !work.agreement.hasSpoken {
      if let decision = expectedDecision, work.contributedAt != nil {
        lock(decision, to: work.layout?.holders.members ?? [], now)
        return true
      }
      guard isHopeless(now) else { return false }
      work.isBroken = true
      lock(nil, to: work.expected.members, now)
      return true
    }
    return ballot(now)
  }

  /// Whether waiting for everybody has to end.
  private func isHopeless(_ now: Double) -> Bool {
    if work.isBroken { return true }
    guard let since = work.contributedAt, let layout = work.layout else { return false }
    let deadlines = configuration.deadlines
    // Nobody is away and no deadline has passed: nothing to count.
    if connectedCount == others.count && work.gone.isEmpty && now - since < deadlines.contribution {
      return false
    }
    if layout.holders.contains(own) {
      let missing = work.expected.subtracting(work.report)
      if !missing.isEmpty { return isOver(missing, since, deadlines.contribution, now) }
    }
    let silent = layout.holders.subtracting(MemberSet(work.acknowledgements.keys))
    return isOver(silent, since, deadlines.contribution + deadlines.vote, now)
  }

  /// Whether some members need not be waited for any more.
  func isOver(_ missing: MemberSet, _ since: Double, _ limit: Double, _ now: Double) -> Bool {
    now - since >= limit || missing.members.allSatisfy { !isReachable($0, now) }
  }

  private mutating func lock(_ decision: Decision?, to members: [Int], _ now: Double) {
    let ballot = work.agreement.ballot
    let signature = sign(
      Statement.lock(
        network: configuration.network, slot: work.slot, ballot: ballot, decision: decision))
    let report = work.report
    noteOpen(decision?.contributors ?? MemberSet())
    work.agreement.note(
      Agreement.Lock(decision: decision, signature: signature, report: report), ballot: ballot,
      from: own)
    work.agreement.spoke(at: now)
    send(
      .lock(
        work.slot, ballot: ballot, decision: decision, signature: signature, report: report),
      to: members)
  }

  /// The ballots after somebody failed.
  private mutating func ballot(_ now: Double) -> Bool {
    if work.agreement.hasSpoken && work.agreement.heardCount < majority { return false }
    let agreement = work.agreement
    if agreement.hasSpoken {
      let heard = agreement.heard
      let silent = work.expected.subtracting(heard)
      // A majority of equal locks would have decided: somebody locked nothing, or something else.
      guard
        isOver(silent, agreement.since, configuration.deadlines.vote, now)
      else { return false }
      work.isBroken = true
      if agreement.step == .voting {
        work.agreement.beginLocking()
      } else {
        guard agreement.ballot < Agreement.ballotLimit else { return false }
        work.agreement.beginNextBallot()
      }
      return true
    }
    if agreement.step == .voting {
      let proposal = agreement.inherited ?? agreement.favourite ?? proposal(now)
      let vote = Agreement.Vote(proposal: proposal, report: work.report)
      work.agreement.note(vote, ballot: agreement.ballot, from: own)
      work.agreement.spoke(at: now)
      send(
        .vote(
          work.slot, ballot: agreement.ballot, proposal: proposal, report: vote.report),
        to: work.expected.members)
    } else {
      lock(agreement.lockable, to: work.expected.members, now)
    }
    return true
  }

  /// What this member proposes from what others reported: the contributors whose shares enough
  /// holders have to give the sum, and those who answered for the time after.
  private func proposal(_ now: Double) -> Decision {
    let reports = work.agreement.reports
    let answering = MemberSet(reports.keys)
    let givenUp = Decision(
      contributors: MemberSet(), next: answering, nextRound: work.slot.round)
    // Who holds what depends on the length of the vectors: a member that has not contributed yet
    // leaves the proposal to those who have.
    guard let layout = work.layout else { return givenUp }
    var contributors = layout.largestSummableSet(reports)
    if !work.required.isEmpty {
      guard work.required.isSubset(of: contributors) else { return givenUp }
      contributors = work.required
    }
    guard contributors.count >= PrivateSum.leastContributors else { return givenUp }
    return Decision(
      contributors: contributors, next: answering, nextRound: work.slot.round + 1)
  }
}

/// What private sums rest on.
public enum PrivateSum {
  /// With two contributors, the sum tells each what the other has.
  public static let leastContributors = 3
}

extension ShareLayout {
  /// The largest set that the greedy rule finds whose sum enough holders of every slice can give.
  ///
  /// - Parameter reports: whose shares each answering member has.
  func largestSummableSet(_ reports: [Int: MemberSet]) -> MemberSet {
    var candidates = reports.values.reduce(MemberSet()) { $0.union($1) }
    while !candidates.isEmpty {
      var lacking: [Int: Int] = [:]
      for slice in slices.indices {
        let answering = (0..<sharing.holders).compactMap { reports[holder($0, of: slice)] }
        let complete = answering.reduce(0) { $0 + (candidates.isSubset(of: $1) ? 1 : 0) }
        if complete >= sharing.threshold { continue }
        if answering.count < sharing.threshold { return MemberSet() }
        for report in answering {
          for member in candidates.subtracting(report).members { lacking[member, default: 0] += 1 }
        }
      }
      guard let worst = lacking.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) }) else {
        return candidates
      }
      candidates.remove(worst.key)
    }
    return candidates
  }
}
