internal import CZeroMQ
import Cryptography

/// The connection over which a mesh sends to one peer, and what becomes of it.
///
/// The library connects again after most failures, but never after a handshake that was refused:
/// a peer that did not know this member yet would stay lost. So a link that has been down for long
/// starts anew.
final class Link {
  enum Change { case connected, disconnected }

  let address: MemberAddress
  private(set) var isConnected = false
  let socket: Socket
  let monitor: Socket
  private var event = Message()
  private var startsAnew: ContinuousClock.Instant
  private let patience: Duration

  /// - Parameter name: an address within the process that no other link has.
  init(
    to address: MemberAddress, key: AgreementKey, settings: MeshSettings, name: String,
    in context: Context
  ) throws(TransportError) {
    self.address = address
    // Never in the middle of a handshake, or of the pause before the next attempt.
    patience = .seconds(
      2 * max(settings.longestReconnectSeconds, settings.reconnectSeconds)
        + settings.handshakeSeconds)
    startsAnew = .now + patience
    socket = try Socket.sender(
      key: key, peer: address.transportKey, settings: settings, in: context)
    try socket.expectNothing()
    let endpoint = "inproc://link-\(name)"
    try socket.monitor(ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED, at: endpoint)
    monitor = try Socket(.pair, in: context)
    // Few and small. A full queue would make the library wait for this thread.
    try monitor.set(ZMQ_RCVHWM, 0)
    try monitor.set(ZMQ_LINGER, 0)
    try monitor.connect(endpoint)
    try socket.connect(address.endpoint)
  }

  deinit {
    // A report to which nobody listens any longer would hold the library's thread for ever, and
    // with it every other connection.
    socket.stopMonitoring()
  }

  /// The next change that was not yet told; `nil` when there is none.
  func nextChange() throws(TransportError) -> Change? {
    while try event.receive(from: monitor) == .done {
      // An event is 16 bits, in this machine's byte order, and a value; the address follows.
      let kind = event.read { bytes in
        bytes.count < 2 ? 0 : Int32(UInt16(littleEndian: UInt16(bytes[0]) | UInt16(bytes[1]) << 8))
      }
      while event.hasMore {
        guard try event.receive(from: monitor) == .done else { break }
      }
      if kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED, !isConnected {
        isConnected = true
        return .connected
      }
      if kind == ZMQ_EVENT_DISCONNECTED, isConnected {
        isConnected = false
        startsAnew = .now + patience
        return .disconnected
      }
    }
    return nil
  }

  /// Starts anew if the link has been down for long.
  func revive(now: ContinuousClock.Instant) throws(TransportError) {
    guard !isConnected, now >= startsAnew else { return }
    startsAnew = now + patience
    socket.disconnect(address.endpoint)
    try socket.connect(address.endpoint)
  }

  /// Hands a message to the connection, without waiting.
  func send(_ message: inout Message) throws(TransportError) -> Attempt {
    let outcome = try message.send(over: socket)
    guard outcome == .wouldWait else { return outcome }
    // It may only not have noticed yet that there is room again.
    socket.catchUp()
    return try message.send(over: socket)
  }
}
