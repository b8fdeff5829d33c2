import Cryptography

// Being taken in by those who have a round on its way, and taking others in.

extension ConsensusNode {
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

  mutating func requestState(_ now: Double) {
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
