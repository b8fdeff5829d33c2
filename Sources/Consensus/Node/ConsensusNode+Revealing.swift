import Cryptography

extension ConsensusNode {
  /// The decision is known: reveal the sum of shares, or try again with those who are left.
  mutating func decide(_ now: Double) {
    guard let certificate = work.agreement.certificate else { return }
    let decision = certificate.decision
    work.decidedAt = now
    effects.append(.decided(certificate))
    informBystanders(certificate)
    if decision.contributors.isEmpty {
      effects.append(
        .note("round \(work.slot.round) starts again with \(decision.next.count) members"))
      var next = RoundWork(
        slot: Slot(
          epoch: work.slot.epoch, round: work.slot.round, attempt: work.slot.attempt + 1),
        expected: decision.next, majority: majority, now: now)
      next.contribution = work.contribution
      next.required = work.required
      // Of this attempt, nothing was revealed, nor will be.
      if openSum?.slot == work.slot { openSum = nil }
      keep(work)
      work = next
      guard decision.next.contains(own) else {
        fallBehind(now, "the others go on without this member")
        return
      }
      // A majority of a small network may be too few for a sum. Those who are gone do not come back
      // into an attempt without one, but into a new epoch.
      guard decision.next.count >= leastMembers else {
        fallBehind(now, "\(decision.next.count) members are too few")
        return
      }
      guard work.required.isSubset(of: decision.next) else {
        fallBehind(now, "the round can only be summed over members some of whom are gone")
        return
      }
      deal(now)
      takeUpEarly(now)
      return
    }
    noteOpen(decision.contributors)
    if !decision.contributors.contains(own) {
      effects.append(.withdraw(round: work.slot.round))
      if !decision.next.contains(own) {
        ownRound = work.slot.round
        work.contribution = nil
        fallBehind(now, "the others go on without this member", wasSettled: true)
        return
      }
    }
    reveal(decision.contributors)
  }

  /// Tells the certificate to those whom the locks of ballot 0 did not reach.
  private mutating func informBystanders(_ certificate: Certificate) {
    guard let layout = work.layout, certificate.ballot == 0 else { return }
    for (rank, member) in layout.order.enumerated()
    where !layout.holders.contains(member)
      && layout.holder(0, of: rank % layout.slices.count) == own
    {
      send(.certificate(certificate), to: member)
    }
  }

  /// Adds up the shares of the certified contributors and gives the sums to the first holders.
  mutating func reveal(_ contributors: MemberSet) {
    guard let layout = work.layout, contributors.isSubset(of: work.report) else { return }
    let deals = contributors.members.compactMap { work.deals[$0] }
    work.ownSums = layout.sums(of: deals, for: own)
    for (slice, k) in layout.holdings(of: own) {
      guard let sum = work.ownSums[slice] else { continue }
      let first = layout.holder(0, of: slice)
      if first == own || k < layout.sharing.threshold {
        if first == own {
          receiveReveal(slice, k, sum, from: own)
        } else {
          send(
            .reveal(work.slot, slice: UInt32(slice), holder: UInt32(k), share: sum), to: first)
        }
      }
    }
    work.deals = [:]
    work.dealt = [:]
    // What others revealed before the certificate was here.
    for slice in work.revealed.keys.sorted() { putTogether(slice) }
  }

  /// A holder's sum of shares.
  mutating func receiveReveal(_ slice: Int, _ k: Int, _ share: [UInt32], from member: Int) {
    guard let layout = work.layout, layout.slices.indices.contains(slice),
      (0..<layout.sharing.holders).contains(k), layout.holder(k, of: slice) == member,
      share.count == layout.slices[slice].count, work.slices[slice] == nil
    else { return }
    work.revealed[slice, default: [:]][k] = share
    putTogether(slice)
  }

  /// A slice of the sum from the shares of enough holders. Shares that came before the certificate
  /// wait for it.
  private mutating func putTogether(_ slice: Int) {
    guard let layout = work.layout, let shares = work.revealed[slice],
      shares.count >= layout.sharing.threshold, work.decision != nil
    else { return }
    let chosen = shares.sorted { $0.key < $1.key }.prefix(layout.sharing.threshold)
    guard
      let elements = try? layout.sharing.reconstruct(
        chosen.map { (holder: $0.key, share: $0.value) })
    else { return }
    work.revealed[slice] = nil
    work.slices[slice] = elements
    if layout.holder(0, of: slice) == own {
      let interested = work.expected.union(work.decision?.next ?? MemberSet())
      send(
        .slice(work.slot, slice: UInt32(slice), elements: elements), to: interested.members)
    }
  }

  /// A slice of the sum. It may come before this member knows the certificate.
  mutating func receiveSlice(_ slice: Int, _ elements: [UInt32]) {
    guard slice < configuration.sliceLimit, work.slices[slice] == nil else { return }
    if let layout = work.layout {
      guard layout.slices.indices.contains(slice),
        layout.slices[slice].count == elements.count
      else { return }
    }
    work.slices[slice] = elements
  }

  /// Asks for slices that do not come.
  mutating func askIfNeeded(_ now: Double) {
    guard let layout = work.layout, let decidedAt = work.decidedAt else { return }
    let missing = work.missingSlices
    if missing.isEmpty { return }
    let deadlines = configuration.deadlines
    // Who has the whole sum tells it to those who ask. So nobody has it who is there, and a majority
    // would stand still for as long as those are gone who could give it.
    if now - decidedAt > deadlines.sum {
      fallBehind(now, "\(missing.count) slices of the sum do not come")
      return
    }
    let firsts = MemberSet(missing.members.map { layout.holder(0, of: $0) })
    let isDue =
      now - decidedAt >= deadlines.reveal
      || firsts.members.contains { !isReachable($0, now) }
    guard isDue, now - (work.askedAt ?? -.infinity) >= min(1, deadlines.vote) else { return }
    if work.askedAt == nil {
      effects.append(
        .note("round \(work.slot.round): asking for \(missing.count) slices of the sum"))
    }
    work.askedAt = now
    // This member's own share counts, too: with n - t holders gone, every one is needed.
    for (slice, k) in layout.holdings(of: own) where missing.contains(slice) {
      guard let sum = work.ownSums[slice], work.revealed[slice]?[k] == nil else { continue }
      receiveReveal(slice, k, sum, from: own)
    }
    send(.ask(work.slot, slices: missing), to: layout.order.filter { isReachable($0, now) })
  }

  /// Tells slices, or this member's shares of their sum, to one who asks.
  mutating func tell(_ slices: MemberSet, of work: RoundWork, to member: Int) {
    guard work.decision?.contributors.isEmpty == false, let layout = work.layout else { return }
    for slice in slices.members {
      if let elements = work.slices[slice] {
        send(.slice(work.slot, slice: UInt32(slice), elements: elements), to: member)
      } else if let sum = work.ownSums[slice],
        let k = layout.holdings(of: own).first(where: { $0.slice == slice })?.holder
      {
        send(.reveal(work.slot, slice: UInt32(slice), holder: UInt32(k), share: sum), to: member)
      }
    }
  }

  /// The round is over: hands on its sum and begins the next one.
  mutating func complete(_ sum: [UInt32], _ now: Double) {
    guard let certificate = work.agreement.certificate else { return }
    let decision = certificate.decision
    contributorLog[work.slot.round] = decision.contributors
    effects.append(
      .sum(
        RoundSum(
          round: work.slot.round, contributors: decision.contributors, elements: sum,
          wasCounted: decision.contributors.contains(own))))
    let returning = decision.next.subtracting(work.expected)
    work.contribution = nil
    keep(work)
    ownRound = decision.nextRound
    guard decision.next.contains(own) else {
      work = RoundWork(
        slot: Slot(epoch: work.slot.epoch, round: decision.nextRound), expected: MemberSet(),
        majority: majority, now: now)
      fallBehind(now, "the others go on without this member", wasSettled: true)
      return
    }
    // Before the next contribution, which may take its time.
    for member in returning.members {
      send(.certificate(certificate), to: member)
      effects.append(.offerWanted(to: member))
    }
    begin(
      Slot(epoch: work.slot.epoch, round: decision.nextRound), expected: decision.next, now)
  }

  /// Remembers an attempt that is over. Who is further behind than that catches up from the shared
  /// state.
  private mutating func keep(_ work: RoundWork) {
    if recent.count >= 3 { recent.removeFirst() }
    recent.append(work.kept)
  }

  /// Begins a round.
  ///
  /// - Parameter required: over whom alone it may be summed; empty for anybody.
  mutating func begin(
    _ slot: Slot, expected: MemberSet, required: MemberSet = MemberSet(), _ now: Double
  ) {
    let kept = work.slot.round == slot.round ? work.contribution : nil
    work = RoundWork(slot: slot, expected: expected, majority: majority, now: now)
    work.required = required
    mode = .inside
    for member in expected.members where peers[member].hello?.message.epoch != slot.epoch {
      peers[member].hello = nil
    }
    if let kept {
      work.contribution = kept
      deal(now)
    } else {
      effects.append(.begin(round: slot.round))
    }
    takeUpEarly(now)
  }
}
