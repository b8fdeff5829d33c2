/// How a mesh uses the network.
public struct MeshSettings: Sendable, Hashable {
  /// The first 8 bytes of the network file's digest.
  public var network: UInt64
  /// The longest payload that is sent or taken, in bytes; at most 1 GiB.
  public var maximumMessageBytes = 8 << 20
  /// Messages that wait for each peer before `send` says no.
  public var sendQueue = 256
  /// Messages of each peer that wait here before the peer has to.
  public var receiveQueue = 256
  /// Seconds between the signs of life on an idle connection; 0 for none.
  public var heartbeatSeconds = 5.0
  /// Seconds without a sign of life after which a connection is given up.
  public var heartbeatTimeoutSeconds = 20.0
  /// Seconds before the first attempt to connect again.
  public var reconnectSeconds = 0.1
  /// Seconds to which the pause between two attempts grows by doubling.
  public var longestReconnectSeconds = 5.0
  /// Seconds that a handshake may take.
  public var handshakeSeconds = 15.0
  /// Seconds that the end of a mesh waits for what is queued to be sent.
  public var lingerSeconds = 1.0
  /// The operating system's send and receive buffers in bytes; 0 for its own choice.
  public var socketBufferBytes = 0
  /// How often a sealed frame may be handed on, 1 to 255.
  public var hopLimit = 16

  /// The settings of a network, all others as above.
  public init(network: UInt64) { self.network = network }

  func validate() throws(TransportError) {
    let ranges: [(String, Double, ClosedRange<Double>)] = [
      ("bytes of a message", Double(maximumMessageBytes), 1...Double(1 << 30)),
      ("send queue", Double(sendQueue), 1...1e6),
      ("receive queue", Double(receiveQueue), 1...1e6),
      ("heartbeat", heartbeatSeconds, 0...3600),
      ("heartbeat timeout", heartbeatTimeoutSeconds, 0.001...6000),
      ("reconnect pause", reconnectSeconds, 0.001...3600),
      ("longest reconnect pause", longestReconnectSeconds, 0.001...3600),
      ("handshake time", handshakeSeconds, 0.001...3600),
      ("linger time", lingerSeconds, 0...3600),
      ("socket buffer", Double(socketBufferBytes), 0...Double(1 << 30)),
      ("hop limit", Double(hopLimit), 1...255),
    ]
    for (name, value, range) in ranges where !range.contains(value) {
      throw TransportError(
        .badSetting, "\(value) is out of range", at: "setting \(name)",
        remedy: "choose \(range.lowerBound) to \(range.upperBound)")
    }
  }
}
