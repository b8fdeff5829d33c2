internal import CZeroMQ
import Cryptography

extension Socket {
  /// The socket at which a mesh listens: every connection is encrypted and its key has been let in.
  static func listener(
    key: AgreementKey, settings: MeshSettings, in context: Context
  ) throws(TransportError) -> Socket {
    let socket = try Socket(.router, in: context)
    try socket.setCommon(settings)
    try socket.set(ZMQ_CURVE_SERVER, 1)
    try socket.set(ZMQ_CURVE_SECRETKEY, key.secret)
    // Keys are looked at because somebody answers for this context; what comes over a connection
    // that nobody has looked at has no ticket, and is refused.
    try socket.set(ZMQ_ZAP_DOMAIN, Array("collabdict".utf8))
    try socket.set(ZMQ_RCVHWM, settings.receiveQueue)
    // Only answers to questions leave here.
    try socket.set(ZMQ_SNDHWM, 16)
    try socket.set(ZMQ_ROUTER_MANDATORY, 1)
    // A little more than the longest frame, so that one that is just too long is counted; a member
    // who sends more than that loses the connection.
    try socket.set(
      ZMQ_MAXMSGSIZE, settings.maximumMessageBytes + FrameHeader.byteCount + 4096)
    return socket
  }

  /// A socket that sends to one listener, not yet connected.
  static func sender(
    key: AgreementKey, peer: AgreementPublicKey, settings: MeshSettings, in context: Context
  ) throws(TransportError) -> Socket {
    let socket = try Socket(.dealer, in: context)
    try socket.setCommon(settings)
    try socket.set(ZMQ_CURVE_SERVERKEY, peer.bytes)
    try socket.set(ZMQ_CURVE_PUBLICKEY, key.publicKey.bytes)
    try socket.set(ZMQ_CURVE_SECRETKEY, key.secret)
    try socket.set(ZMQ_SNDHWM, settings.sendQueue)
    try socket.set(ZMQ_RECONNECT_IVL, milliseconds(settings.reconnectSeconds))
    try socket.set(ZMQ_RECONNECT_IVL_MAX, milliseconds(settings.longestReconnectSeconds))
    // Nothing is queued for a peer that is not there: `send` says so instead.
    try socket.set(ZMQ_IMMEDIATE, 1)
    return socket
  }

  /// Peers have nothing to say on a connection that only sends.
  borrowing func expectNothing() throws(TransportError) {
    try set(ZMQ_RCVHWM, 1)
    try set(ZMQ_MAXMSGSIZE, 4096)
  }

  private borrowing func setCommon(_ settings: MeshSettings) throws(TransportError) {
    try set(ZMQ_IPV6, 1)
    try set(ZMQ_TCP_KEEPALIVE, 1)
    try set(ZMQ_LINGER, milliseconds(settings.lingerSeconds))
    try set(ZMQ_HANDSHAKE_IVL, milliseconds(settings.handshakeSeconds))
    if settings.heartbeatSeconds > 0 {
      try set(ZMQ_HEARTBEAT_IVL, milliseconds(settings.heartbeatSeconds))
      try set(ZMQ_HEARTBEAT_TIMEOUT, milliseconds(settings.heartbeatTimeoutSeconds))
      try set(ZMQ_HEARTBEAT_TTL, milliseconds(settings.heartbeatTimeoutSeconds))
    }
    if settings.socketBufferBytes > 0 {
      try set(ZMQ_SNDBUF, settings.socketBufferBytes)
      try set(ZMQ_RCVBUF, settings.socketBufferBytes)
    }
  }
}

/// Seconds in whole milliseconds, at least 1 unless there are none.
func milliseconds(_ seconds: Double) -> Int {
  seconds > 0 ? max(1, Int((seconds * 1000).rounded())) : 0
}
