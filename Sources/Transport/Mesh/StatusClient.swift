internal import CZeroMQ
import Cryptography

/// Asks a node for its state, as a member: over a connection of its own, which disturbs no other.
public struct StatusClient {
  /// Asks once, and waits for the answer.
  ///
  /// - Parameters:
  ///   - endpoint: where the node listens.
  ///   - serverKey: the public half of its connections' key.
  ///   - ownKey: the key of a member's connections; the node's own will do.
  ///   - timeoutMilliseconds: how long to wait.
  ///   - maximumReplyBytes: longer answers are not taken.
  /// - Returns: what the node replied.
  /// - Throws: `TransportError`, if the address is none, or no answer comes in time.
  public static func request(
    endpoint: String, serverKey: AgreementPublicKey, ownKey: AgreementKey,
    timeoutMilliseconds: Int = 5000, maximumReplyBytes: Int = 8 << 20
  ) throws(TransportError) -> [UInt8] {
    var settings = MeshSettings(network: 0)
    settings.lingerSeconds = 0
    let context = try Context()
    let socket = try Socket.sender(key: ownKey, peer: serverKey, settings: settings, in: context)
    try socket.set(ZMQ_MAXMSGSIZE, maximumReplyBytes + FrameHeader.byteCount + 4096)
    try socket.set(ZMQ_RCVHWM, 1)
    // The request waits here until there is a connection.
    try socket.set(ZMQ_IMMEDIATE, 0)
    try socket.connect(endpoint)

    let nonce = SecureRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    let header = FrameHeader(
      kind: .statusRequest, network: 0, origin: .max, destination: .max, incarnation: nonce,
      number: 1, payloadByteCount: 0)
    guard var request = Message(header, payload: []), try request.send(over: socket) == .done else {
      throw noAnswer(endpoint, timeoutMilliseconds)
    }
    return try answer(
      from: socket, nonce: nonce, endpoint: endpoint, timeoutMilliseconds: timeoutMilliseconds,
      maximumReplyBytes: maximumReplyBytes)
  }

  private static func answer(
    from socket: borrowing Socket, nonce: UInt64, endpoint: String, timeoutMilliseconds: Int,
    maximumReplyBytes: Int
  ) throws(TransportError) -> [UInt8] {
    let deadline = ContinuousClock.now + .milliseconds(timeoutMilliseconds)
    var poller = Poller()
    poller.add(socket)
    var message = Message()
    while ContinuousClock.now < deadline {
      // Short waits, because a signal may end one early.
      guard try poller.wait(milliseconds: min(20, timeoutMilliseconds)),
        try message.receive(from: socket) == .done
      else { continue }
      let bytes = message.bytes
      guard !message.hasMore,
        let frame = try? Frame.decode(bytes, maximumPayloadBytes: maximumReplyBytes),
        frame.header.kind == .statusReply, frame.header.incarnation == nonce
      else { continue }
      return frame.payload
    }
    throw noAnswer(endpoint, timeoutMilliseconds)
  }

  private static func noAnswer(_ endpoint: String, _ milliseconds: Int) -> TransportError {
    TransportError(
      .noAnswer, "no answer within \(Double(milliseconds) / 1000) s", at: endpoint,
      remedy: "see that the node runs, and that both keys are in its list of members")
  }
}
