import Cryptography

extension ConsensusNode {
  /// Messages of later slots that are kept for each member, at most.
  private static let earlyLimit = 16

  /// Takes a message. Whoever carries it has made sure that it is the sender's.
  public mutating func receive(_ message: RoundMessage, from member: Int, now: Double) {
    guard member != own, peers.indices.contains(member),
      configuration.electorate.keys[member] != nil, message.isPlausible(members: peers.count)
    else { return }
    peers[member].heardAt = now
    switch message {
    case .hello(let hello): receive(hello, from: member, now)
    case .running(let slot): receiveRunning(slot, now)
    case .certificate(let certificate): receive(certificate, from: member, now)
    case .offer(let offer): receive(offer, from: member, now)
    case .stateRequest: if mode != .outside { effects.append(.stateWanted(by: member)) }
    case .state(let slot, let bytes): receiveState(slot, bytes, now)
    case .finish(let finish): receive(finish, from: member, now)
    case .deal(let slot, _), .acknowledgement(let slot, _), .vote(let slot, _, _, _),
      .lock(let slot, _, _, _, _), .reveal(let slot, _, _, _), .slice(let slot, _, _),
      .ask(let slot, _):
      receive(message, of: slot, from: member, now)
    }
    advance(now)
  }

  /// A connection to a member is there.
  public mutating func connected(_ member: Int, now: Double) {
    guard peers.indices.contains(member), !peers[member].isConnected else { return }
    peers[member].isConnected = true
    connectedCount += 1
    resend(to: member)
    advance(now)
  }

  /// A connection to a member is lost.
  public mutating func disconnected(_ member: Int, now: Double) {
    guard peers.indices.contains(member), peers[member].isConnected else { return }
    peers[member].isConnected = false
    connectedCount -= 1
    peers[member].lostAt = now
    advance(now)
  }

  /// Time has passed. To be called a few times a second.
  public mutating func tick(now: Double) {
    switch mode {
    case .outside: tickOutside(now)
    case .inside: resendIfStuck(now)
    case .finishing: tickFinishing(now)
    }
    advance(now)
  }

  /// Whether it makes sense to wait for a member in the present attempt.
  func isReachable(_ member: Int, _ now: Double) -> Bool {
    if member == own { return true }
    if work.gone.contains(member) { return false }
    // A member that has just started is heard before there is a connection in the other direction.
    let last = max(peers[member].lostAt, peers[member].heardAt)
    return peers[member].isConnected || now - last < configuration.deadlines.reconnect
  }

  private mutating func receive(
    _ message: RoundMessage, of slot: Slot, from member: Int, _ now: Double
  ) {
    if slot.round == Slot.assembly {
      receiveAssembly(message, slot, from: member, now)
      return
    }
    if mode == .inside && slot == work.slot {
      peers[member].insideEpoch = slot.epoch
      peers[member].insideAt = now
      receiveInside(message, from: member)
      return
    }
    if mode != .outside, let past = recent.last(where: { $0.slot == slot }) {
      answer(message, of: past, from: member, now)
      return
    }
    switch mode {
    case .outside: keep(message, from: member)
    case .finishing: tellRunning(member, now)
    case .inside:
      let isNext =
        slot.epoch == work.slot.epoch
        && (slot.round == work.slot.round + 1
          || (slot.round == work.slot.round && slot.attempt > work.slot.attempt))
      if isNext {
        keep(message, from: member)
      } else if slot < work.slot {
        tellRunning(member, now)
      } else {
        // The others have moved on without this member.
        fallBehind(now, "round \(slot.round) is on its way")
      }
    }
  }

  private mutating func keep(_ message: RoundMessage, from member: Int) {
    if early.count >= Self.earlyLimit * peers.count { early.removeFirst(early.count / 2) }
    early.append((member, message))
  }

  /// Takes up what came early, once its slot has begun.
  mutating func takeUpEarly(_ now: Double) {
    var kept: [(from: Int, message: RoundMessage)] = []
    swap(&kept, &early)
    for (from, message) in kept {
      guard let slot = message.slot, slot >= work.slot else { continue }
      receive(message, of: slot, from: from, now)
    }
  }

  /// A message of the present attempt.
  private mutating func receiveInside(_ message: RoundMessage, from member: Int) {
    guard work.expected.contains(member) else { return }
    switch message {
    case .deal(_, let deal):
      // Once the sums of shares are formed, a deal that comes again would only be kept in vain.
      if work.decidedAt == nil && work.deals[member] == nil && isWellFormed(deal) {
        work.deals[member] = deal
      }
    case .acknowledgement(_, let returning):
      if work.acknowledgements[member] == nil { work.acknowledgements[member] = returning }
    case .vote(_, let ballot, let proposal, let report):
      work.agreement.note(
        Agreement.Vote(proposal: proposal, report: report), ballot: ballot, from: member)
      if ballot > 0 { work.isBroken = true }
    case .lock(_, let ballot, let decision, let signature, let report):
      let statement = Statement.lock(
        network: configuration.network, slot: work.slot, ballot: ballot, decision: decision)
      // Once decided, further signatures change nothing.
      guard work.agreement.certificate == nil,
        configuration.electorate.isValid(signature, by: member, of: statement)
      else { return }
      work.agreement.note(
        Agreement.Lock(decision: decision, signature: signature, report: report),
        ballot: ballot, from: member)
      if decision == nil || ballot > 0 { work.isBroken = true }
    case .reveal(_, let slice, let holder, let share):
      receiveReveal(Int(slice), Int(holder), share, from: member)
    case .slice(_, let slice, let elements):
      receiveSlice(Int(slice), elements)
    case .ask(_, let slices): tell(slices, of: work, to: member)
    default: break
    }
  }

  /// A message of an attempt that is over for this member.
  private mutating func answer(
    _ message: RoundMessage, of past: RoundWork, from member: Int, _ now: Double
  ) {
    switch message {
    case .ask(_, let slices): tell(slices, of: past, to: member)
    case .deal, .acknowledgement, .vote, .lock:
      guard let certificate = past.agreement.certificate, now - peers[member].toldAt > 0.2
      else { return }
      peers[member].toldAt = now
      send(.certificate(certificate), to: member)
    default: break
    }
  }

  /// Whether a deal has as many shares as this member must get.
  func isWellFormed(_ deal: RoundMessage.Deal) -> Bool {
    guard let layout = work.layout else { return true }
    return deal.shares.count == layout.fullShareElements(of: own)
  }

  mutating func tellRunning(_ member: Int, _ now: Double) {
    guard now - peers[member].toldAt > 0.2 else { return }
    peers[member].toldAt = now
    send(.running(work.slot), to: member)
  }
}

extension RoundMessage {
  /// The attempt or round that the message belongs to, if any.
  var slot: Slot? {
    switch self {
    case .running(let slot), .deal(let slot, _), .acknowledgement(let slot, _),
      .vote(let slot, _, _, _), .lock(let slot, _, _, _, _), .reveal(let slot, _, _, _),
      .slice(let slot, _, _), .ask(let slot, _), .stateRequest(let slot), .state(let slot, _):
      slot
    case .hello, .certificate, .offer, .finish: nil
    }
  }
}
