extension Mesh {
  /// Sends a message, without waiting: over the connection to the member if there is one, otherwise
  /// sealed over the member that `nextHop` names.
  ///
  /// - Returns: whether the message was handed to a connection. If not, because a queue is full, no
  ///   connection leads there, or the message is too long, that has been counted.
  /// - Precondition: `member` is another one.
  @discardableResult
  public func send(_ payload: [UInt8], to member: Int) -> Bool {
    precondition(member != own, "a message from member \(own) to itself")
    guard payload.count <= settings.maximumMessageBytes else {
      counts.oversizedSends += 1
      return false
    }
    let sent =
      if let link = links[member], link.isConnected {
        sendDirect(payload, to: member, over: link)
      } else {
        sendSealed(payload, to: member)
      }
    if sent {
      counts.sentMessages += 1
      counts.sentBytes += UInt64(payload.count)
    }
    return sent
  }

  /// Answers a question for this node's state, without waiting.
  ///
  /// - Returns: whether the answer was handed to the asker's connection.
  @discardableResult
  public func reply(to token: StatusToken, payload: [UInt8]) -> Bool {
    let header = FrameHeader(
      kind: .statusReply, network: settings.network, origin: UInt32(own), destination: token.asker,
      incarnation: token.incarnation, number: token.number,
      payloadByteCount: UInt32(payload.count))
    guard var route = Message(token.route), var message = Message(header, payload: payload) else {
      return false
    }
    // Where it goes is the first part.
    let isReachable = deliver(&route) { (part) throws(TransportError) in
      try part.send(over: self.listener, more: true)
    }
    guard isReachable else { return false }
    return deliver(&message) { (part) throws(TransportError) in
      try part.send(over: self.listener)
    }
  }

  /// Hands a sealed frame on that is in `content`, as it is but for the count of hops.
  func relay(_ header: FrameHeader) {
    guard let link = link(towards: Int(header.destination)) else {
      gate.statistics[.noRoute] += 1
      return
    }
    content.write { $0[FrameHeader.hopsOffset] = header.hops }
    let sent = deliver(&content) { (message) throws(TransportError) in try link.send(&message) }
    guard sent else { return }
    counts.relayedFrames += 1
    counts.relayedBytes += UInt64(header.payloadByteCount)
  }

  private func sendDirect(_ payload: [UInt8], to member: Int, over link: Link) -> Bool {
    let header = sealer.nextHeader(.direct, to: member, payloadByteCount: payload.count)
    guard var message = Message(header, payload: payload) else { return false }
    return deliver(&message) { (message) throws(TransportError) in try link.send(&message) }
  }

  private func sendSealed(_ payload: [UInt8], to member: Int) -> Bool {
    guard let link = link(towards: member), let frame = sealer.seal(payload, to: member),
      var message = Message(frame.header, payload: frame.payload)
    else {
      counts.unreachable += 1
      return false
    }
    return deliver(&message) { (message) throws(TransportError) in try link.send(&message) }
  }

  /// The connection on which a sealed frame goes to a member: its own, if there is one.
  private func link(towards member: Int) -> Link? {
    if let direct = links[member], direct.isConnected { return direct }
    guard let hop = nextHop(member, connectedMembers), let link = links[hop], link.isConnected
    else { return nil }
    return link
  }

  /// Makes one attempt, and counts why it failed.
  private func deliver(
    _ message: inout Message,
    over send: (inout Message) throws(TransportError) -> Attempt
  ) -> Bool {
    do throws(TransportError) {
      switch try send(&message) {
      case .done: return true
      case .wouldWait: counts.fullQueues += 1
      case .unreachable, .ended: counts.unreachable += 1
      }
    } catch {
      // The library refuses a message only if it or the socket is none.
      counts.unreachable += 1
    }
    return false
  }
}
