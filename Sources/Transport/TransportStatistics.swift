/// What a node has sent, received and refused since it started: counts, which wrap never in
/// practice.
public struct TransportStatistics: Sendable, Hashable {
  /// Messages that were handed to a connection, directly or sealed.
  public var sentMessages: UInt64 = 0
  /// The bytes of their payloads.
  public var sentBytes: UInt64 = 0
  /// Messages that were delivered.
  public var receivedMessages: UInt64 = 0
  /// The bytes of their payloads.
  public var receivedBytes: UInt64 = 0
  /// Sealed frames that were handed on for others.
  public var relayedFrames: UInt64 = 0
  /// The bytes of their payloads.
  public var relayedBytes: UInt64 = 0
  /// Messages that were not sent because a queue was full.
  public var fullQueues: UInt64 = 0
  /// Messages that were not sent because no connection led to their destination.
  public var unreachable: UInt64 = 0
  /// Messages that were not sent because they were longer than the settings allow.
  public var oversizedSends: UInt64 = 0
  /// Questions for this node's state.
  public var statusRequests: UInt64 = 0
  /// Connections to peers that came to be.
  public var connections: UInt64 = 0
  /// Connections to peers that broke.
  public var disconnections: UInt64 = 0
  /// Connections that were refused because their key is no member's.
  public var refusedConnections: UInt64 = 0

  private var refusals = InlineArray<16, UInt64>(repeating: 0)

  public init() {}

  /// The frames that were refused for a reason.
  public subscript(reason: Refusal) -> UInt64 {
    get { refusals[reason.rawValue] }
    set { refusals[reason.rawValue] = newValue }
  }

  /// The frames that were refused, for whatever reason.
  public var refusedFrames: UInt64 { Refusal.allCases.reduce(0) { $0 + self[$1] } }

  /// Adds the counts of another part of the node.
  mutating func add(_ other: TransportStatistics) {
    sentMessages += other.sentMessages
    sentBytes += other.sentBytes
    receivedMessages += other.receivedMessages
    receivedBytes += other.receivedBytes
    relayedFrames += other.relayedFrames
    relayedBytes += other.relayedBytes
    fullQueues += other.fullQueues
    unreachable += other.unreachable
    oversizedSends += other.oversizedSends
    statusRequests += other.statusRequests
    connections += other.connections
    disconnections += other.disconnections
    refusedConnections += other.refusedConnections
    for reason in Refusal.allCases { self[reason] += other[reason] }
  }

  public static func == (a: Self, b: Self) -> Bool { a.values == b.values }
  public func hash(into hasher: inout Hasher) { hasher.combine(values) }

  // Every count, in a fixed order.
  private var values: [UInt64] {
    [
      sentMessages, sentBytes, receivedMessages, receivedBytes, relayedFrames, relayedBytes,
      fullQueues, unreachable, oversizedSends, statusRequests, connections, disconnections,
      refusedConnections,
    ] + Refusal.allCases.map { self[$0] }
  }
}
