import Cryptography

/// A node's connections to the other members of its network: encrypted, each end known by its key
/// (CurveZMQ), and messages of one member delivered at most once.
///
/// Every member listens at one address; each sends over a connection of its own to the listeners of
/// the members that it is linked with. What is for others goes sealed over members in between.
/// A message is lost when the connection breaks on which it is; who needs it sends it again.
///
/// A mesh is used by one thread at a time. Its end closes the connections and waits, at most for
/// the linger time, until what is queued has been sent.
public final class Mesh {
  /// Chooses the member over which a message goes on: the next one on the way to `destination`, one
  /// of `connected`; `nil` if there is none.
  public typealias NextHop = (_ destination: Int, _ connected: Set<Int>) -> Int?

  /// Wakes this mesh from any thread.
  public let waker: MeshWaker
  /// Where the mesh listens, with the port that a wildcard became.
  public let endpoint: String

  let own: Int
  let settings: MeshSettings
  let nextHop: NextHop
  private let transportKey: AgreementKey
  private let admission = Admission()
  private let context: Context
  // Closed in this order: what comes in, what goes out, and the thread that lets in.
  var listener: Socket
  private(set) var links: [Int: Link] = [:]
  private var authenticator: Authenticator?

  var poller = Poller()
  // The links in the order in which the poller has their monitors.
  private(set) var polledLinks: [Link] = []
  var gate: FrameGuard
  var sealer: FrameSealer
  var counts = TransportStatistics()
  private(set) var connected: Set<Int> = []
  private var members: [Int: MemberAddress] = [:]
  private var memberOfTicket: [Int: Int] = [:]
  private var linkCount = 0
  // Kept so that receiving takes no memory but the payload's.
  var route = Message()
  var content = Message()
  var turnsSincePoll = 0

  /// Listens, and starts to connect.
  ///
  /// - Parameters:
  ///   - listen: where to listen: `tcp://address:port`, IPv6 in brackets; `*` for any port.
  ///   - own: this member's index.
  ///   - transportKey: the key of this member's connections.
  ///   - agreementKey: the key for what others hand on.
  ///   - members: all members of the network. This one may be among them.
  ///   - linked: the members to connect to; `nil` for all.
  ///   - nextHop: where to send what is for a member without a connection.
  /// - Throws: `TransportError` if the address cannot be listened at, or a setting is out of range.
  public init(
    listen: String, own: Int, transportKey: AgreementKey, agreementKey: AgreementKey,
    members: [MemberAddress], linked: Set<Int>? = nil, nextHop: @escaping NextHop = { _, _ in nil },
    settings: MeshSettings
  ) throws(TransportError) {
    try settings.validate()
    try Self.check(own: own, members)
    self.own = own
    self.settings = settings
    self.nextHop = nextHop
    self.transportKey = transportKey
    gate = FrameGuard(
      own: own, network: settings.network, agreementKey: agreementKey, members: [:],
      maximumPayloadBytes: settings.maximumMessageBytes + SymmetricKey.sealOverhead,
      hopLimit: settings.hopLimit)
    sealer = FrameSealer(
      own: own, network: settings.network, agreementKey: agreementKey, members: [:])
    context = try Context()
    waker = try MeshWaker()
    // Whom to let in is decided before anybody can knock.
    authenticator = try Authenticator(in: context, admission: admission)
    listener = try Socket.listener(key: transportKey, settings: settings, in: context)
    try listener.bind(listen)
    endpoint = try listener.endpoint()
    try replaceMembers(members, linked: linked)
  }

  deinit {
    // The poller has the sockets' addresses, and the links are in two places.
    poller = Poller()
    polledLinks = []
    links = [:]
  }

  /// What was sent, received and refused so far.
  public var statistics: TransportStatistics {
    var result = gate.statistics
    result.add(counts)
    result.refusedConnections = admission.refused
    return result
  }

  /// The linked members to whom messages can be sent directly.
  public var connectedMembers: Set<Int> { connected }

  /// Replaces the members. Connections to members who stay as they are go on; those of members who
  /// are gone are no longer listened to.
  ///
  /// - Throws: `TransportError` for an address that is none, or members that contradict one another;
  ///   some links may have been replaced then.
  public func replaceMembers(
    _ members: [MemberAddress], linked: Set<Int>? = nil
  ) throws(TransportError) {
    try Self.check(own: own, members)
    var next: [Int: MemberAddress] = [:]
    for member in members { next[member.index] = member }
    let changed = next.filter { self.members[$0.key]?.transportKey != $0.value.transportKey }
    let agreementKeys = next.mapValues { $0.agreementKey }
    gate.replaceMembers(agreementKeys, changed: Set(changed.keys))
    sealer.replaceMembers(agreementKeys)
    self.members = next

    let tickets = admission.replaceKeys(members.map { $0.transportKey })
    memberOfTicket = [:]
    for member in members {
      if let ticket = tickets[member.transportKey] { memberOfTicket[ticket] = member.index }
    }
    try replaceLinks(next.filter { $0.key != own && linked?.contains($0.key) ?? true })
  }

  private func replaceLinks(_ wanted: [Int: MemberAddress]) throws(TransportError) {
    // Nothing may be waited for while sockets come and go.
    poller = Poller()
    polledLinks = []
    defer { fillPoller() }
    for (index, link) in links where wanted[index] != link.address {
      links[index] = nil
      connected.remove(index)
    }
    for (index, address) in wanted where links[index] == nil {
      linkCount += 1
      links[index] = try Link(
        to: address, key: transportKey, settings: settings, name: String(linkCount), in: context)
    }
  }

  private func fillPoller() {
    poller = Poller()
    poller.add(listener)
    poller.add(descriptor: waker.descriptor)
    polledLinks = links.values.sorted { $0.address.index < $1.address.index }
    for link in polledLinks { poller.add(link.monitor) }
  }

  /// The member whose key a connection has; `nil` for one who is a member no longer.
  func member(ofTicket ticket: Int?) -> Int? { ticket.flatMap { memberOfTicket[$0] } }

  /// Takes note of a link's change.
  func note(_ change: Link.Change, of member: Int) {
    switch change {
    case .connected:
      connected.insert(member)
      counts.connections += 1
    case .disconnected:
      connected.remove(member)
      counts.disconnections += 1
    }
  }

  private static func check(own: Int, _ members: [MemberAddress]) throws(TransportError) {
    var indices: Set<Int> = []
    var keys: Set<AgreementPublicKey> = []
    for index in [own] + members.map({ $0.index }) where UInt32(exactly: index) == nil {
      throw TransportError(
        .badSetting, "no index of a member", at: "member \(index)", remedy: "count from 0")
    }
    for member in members {
      guard indices.insert(member.index).inserted, keys.insert(member.transportKey).inserted else {
        throw TransportError(
          .badSetting, "the index or the transport key is another member's, too",
          at: "member \(member.index)", remedy: "give each member its own")
      }
    }
  }
}
