import Cryptography
import Synchronization
import Testing

@testable import Transport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Several nodes in this process, one thread for all of them.
final class Nodes {
  let transportKeys: [AgreementKey]
  let agreementKeys: [AgreementKey]
  var meshes: [Mesh?]
  var messages: [[(from: Int, payload: [UInt8])]]
  var events: [[String]]
  private(set) var addresses: [MemberAddress] = []
  private let links: [Set<Int>?]
  private let nextHop: Mesh.NextHop

  static func settings(_ network: UInt64 = 7) -> MeshSettings {
    var settings = MeshSettings(network: network)
    settings.reconnectSeconds = 0.02
    settings.longestReconnectSeconds = 0.1
    settings.handshakeSeconds = 15
    settings.lingerSeconds = 0.2
    settings.heartbeatSeconds = 0.3
    // Sockets that are closed tell of it. One whose thread has to wait for others is not gone.
    settings.heartbeatTimeoutSeconds = 120
    settings.maximumMessageBytes = 1 << 20
    return settings
  }

  /// Starts nodes that know one another.
  ///
  /// - Parameters:
  ///   - settings: those of each node.
  ///   - links: with whom each is linked; with everybody unless told otherwise.
  init(
    _ settings: [MeshSettings], address: String = "127.0.0.1", links: [Set<Int>?]? = nil,
    nextHop: @escaping Mesh.NextHop = { _, _ in nil }
  ) throws {
    let count = settings.count
    transportKeys = (0..<count).map { _ in AgreementKey.random() }
    agreementKeys = (0..<count).map { _ in AgreementKey.random() }
    meshes = []
    messages = Array(repeating: [], count: count)
    events = Array(repeating: [], count: count)
    self.links = links ?? Array(repeating: nil, count: count)
    self.nextHop = nextHop
    for (index, settings) in settings.enumerated() {
      let (transportKey, agreementKey) = (transportKeys[index], agreementKeys[index])
      let mesh = try Self.listening { port in
        try Mesh(
          listen: "tcp://\(address):\(port)", own: index, transportKey: transportKey,
          agreementKey: agreementKey, members: [], nextHop: nextHop, settings: settings)
      }
      meshes.append(mesh)
      addresses.append(
        MemberAddress(
          index: index, endpoint: mesh.endpoint, transportKey: transportKeys[index].publicKey,
          agreementKey: agreementKeys[index].publicKey))
    }
    for (index, mesh) in meshes.enumerated() {
      try mesh?.replaceMembers(addresses, linked: self.links[index])
    }
  }

  /// The next port to listen at. Ports of the range from which the system takes those of outgoing
  /// connections could be gone when a node comes back to its own.
  private static let nextPort = Mutex(UInt16(12_000 + getpid() % 8_000))

  /// What listens at the first port that is free.
  private static func listening(_ make: (UInt16) throws -> Mesh) throws -> Mesh {
    for _ in 0..<100 {
      let port = nextPort.withLock { port in
        port = port == 20_000 ? 12_000 : port + 1
        return port
      }
      do {
        return try make(port)
      } catch let error as TransportError where error.code == .addressInUse {}
    }
    return try make(0)
  }

  func stop(_ index: Int) { meshes[index] = nil }

  /// Starts a node again at its address.
  func start(_ index: Int, _ settings: MeshSettings = Nodes.settings()) throws {
    func made() throws -> Mesh {
      try Mesh(
        listen: addresses[index].endpoint, own: index, transportKey: transportKeys[index],
        agreementKey: agreementKeys[index], members: addresses, linked: links[index],
        nextHop: nextHop, settings: settings)
    }
    for _ in 0..<1000 {
      do {
        meshes[index] = try made()
        return
      } catch let error as TransportError where error.code == .addressInUse {
        // Another test starts a process, which has this one's sockets until it runs its program.
        usleep(10_000)
      }
    }
    meshes[index] = try made()
  }

  subscript(index: Int) -> Mesh { meshes[index]! }

  /// Lets every node work until something holds.
  func run(seconds: Double = 60, without idle: Set<Int> = [], until done: () -> Bool) throws -> Bool
  {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !done() {
      if ContinuousClock.now > deadline { return false }
      for (index, mesh) in meshes.enumerated() where !idle.contains(index) {
        guard let mesh else { continue }
        try mesh.receive(timeoutMilliseconds: 2) { take($0, at: index, mesh) }
      }
    }
    return true
  }

  /// Lets every node work until each is connected with everybody it is linked with.
  func connect() throws -> Bool {
    try run {
      meshes.enumerated().allSatisfy { index, mesh in
        guard let mesh else { return true }
        let linked = links[index] ?? Set(meshes.indices)
        return mesh.connectedMembers == linked.subtracting([index])
      }
    }
  }

  private func take(_ event: MeshEvent, at index: Int, _ mesh: Mesh) {
    switch event {
    case .message(let origin, let payload): messages[index].append((origin, payload))
    case .connected(let peer): events[index].append("connected \(peer)")
    case .disconnected(let peer): events[index].append("disconnected \(peer)")
    case .woken: events[index].append("woken")
    case .statusRequest(let token, let asker):
      events[index].append("asked \(asker)")
      mesh.reply(to: token, payload: Array("fine".utf8))
    }
  }
}

/// A member who sends whatever it likes.
final class RawPeer {
  private let context: Context
  private let socket: Socket

  init(_ key: AgreementKey, to address: MemberAddress) throws {
    context = try Context()
    var settings = Nodes.settings()
    settings.maximumMessageBytes = 64 << 20
    socket = try Socket.sender(
      key: key, peer: address.transportKey, settings: settings, in: context)
    try socket.connect(address.endpoint)
  }

  /// Sends one message of several parts, as soon as it is connected.
  func send(_ parts: [[UInt8]], seconds: Double = 60) throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    for (place, part) in parts.enumerated() {
      while true {
        guard var message = Message(part) else { return false }
        socket.catchUp()
        if try message.send(over: socket, more: place + 1 < parts.count) == .done { break }
        if ContinuousClock.now > deadline { return false }
        usleep(1000)
      }
    }
    return true
  }
}
