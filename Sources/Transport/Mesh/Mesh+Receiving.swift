extension Mesh {
  // A flood on one side must not keep the other from being looked at.
  private static let framesPerTurn = 256
  private static let turnsBetweenPolls = 8

  /// Waits for something to happen, then tells what has, up to a bounded number of events.
  ///
  /// `body` may send and reply, but not receive.
  ///
  /// - Parameter timeoutMilliseconds: how long to wait for the first event; 0 not at all, negative
  ///   without end.
  /// - Throws: `TransportError` if the library fails: nothing more will be received then.
  public func receive(
    timeoutMilliseconds: Int, _ body: (MeshEvent) -> Void
  ) throws(TransportError) {
    // No clock is asked while there is something to do.
    var deadline: ContinuousClock.Instant?
    while true {
      var told = try drainListener(body)
      turnsSincePoll += 1
      if told > 0, turnsSincePoll < Self.turnsBetweenPolls { return }
      turnsSincePoll = 0

      let now = ContinuousClock.now
      for link in polledLinks { try link.revive(now: now) }
      var wait = 0
      if told == 0 {
        if deadline == nil, timeoutMilliseconds >= 0 {
          deadline = now + .milliseconds(timeoutMilliseconds)
        }
        // Links that are down are looked after once a second.
        wait = min(1000, deadline.map { Self.milliseconds(from: now, to: $0) } ?? 1000)
      }
      if try poller.wait(milliseconds: wait) {
        told += try tellOthers(body)
        if poller.isReady(0) { told += try drainListener(body) }
      }
      if told > 0 { return }
      if let deadline, ContinuousClock.now >= deadline { return }
    }
  }

  /// Tells of wake calls and of connections that came or went.
  private func tellOthers(_ body: (MeshEvent) -> Void) throws(TransportError) -> Int {
    var told = 0
    // `body` may not change the members, but a list of its own costs nothing.
    for (place, link) in polledLinks.enumerated() where poller.isReady(place + 2) {
      while let change = try link.nextChange() {
        let member = link.address.index
        note(change, of: member)
        body(change == .connected ? .connected(member) : .disconnected(member))
        told += 1
      }
    }
    if poller.isReady(1) {
      waker.clear()
      body(.woken)
      told += 1
    }
    return told
  }

  /// Takes what has arrived, up to a bounded number of frames, good or bad.
  private func drainListener(_ body: (MeshEvent) -> Void) throws(TransportError) -> Int {
    var told = 0
    for _ in 0..<Self.framesPerTurn {
      guard try route.receive(from: listener) == .done else { break }
      guard route.hasMore, try content.receive(from: listener) == .done else {
        gate.statistics[.misplaced] += 1
        continue
      }
      if content.hasMore {
        gate.statistics[.misplaced] += 1
        while content.hasMore {
          guard try content.receive(from: listener) == .done else { break }
        }
        continue
      }
      guard let event = takeContent() else { continue }
      body(event)
      told += 1
    }
    return told
  }

  /// What the frame in `content` means for the caller; `nil` if nothing.
  private func takeContent() -> MeshEvent? {
    guard let member = member(ofTicket: content.ticket) else {
      gate.statistics[.stranger] += 1
      return nil
    }
    switch content.read({ gate.judge($0, from: member) }) {
    case .deliver(let origin, let payload):
      return .message(from: origin, payload: payload)
    case .forward(let header):
      relay(header)
      return nil
    case .statusRequest(let asker, let incarnation, let number):
      let token = StatusToken(
        route: route.bytes, asker: UInt32(asker), incarnation: incarnation, number: number)
      return .statusRequest(token, from: asker)
    case .refuse:
      return nil
    }
  }

  private static func milliseconds(
    from start: ContinuousClock.Instant, to end: ContinuousClock.Instant
  ) -> Int {
    let (seconds, attoseconds) = (end - start).components
    // Rounded up: a wait of 0 would only spin.
    return max(0, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000) + 1)
  }
}
