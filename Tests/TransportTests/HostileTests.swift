import Cryptography
import Testing

@testable import Transport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Peers that do what they should not, over real sockets.
@Suite(.serialized, .timeLimit(.minutes(15))) struct HostileTests {
  @Test func strangersAreRefused() throws {
    let nodes = try Nodes([Nodes.settings(), Nodes.settings()])
    #expect(try nodes.connect())
    let stranger = try RawPeer(.random(), to: nodes.addresses[0])
    #expect(try !stranger.send([[1, 2, 3]], seconds: 0.5))
    #expect(try nodes.run { nodes[0].statistics.refusedConnections > 0 })
    #expect(nodes[0].statistics.refusedFrames == 0)
    #expect(nodes[1].send([1], to: 0))
    #expect(try nodes.run { nodes.messages[0].count == 1 })
  }

  @Test func whoIsMemberNoLongerIsNotHeard() throws {
    let nodes = try Nodes([Nodes.settings(), Nodes.settings(), Nodes.settings()])
    #expect(try nodes.connect())
    // 0 lets 1 go, whose connection is still there, and gives its number to another key.
    var other = nodes.addresses[1]
    other.transportKey = AgreementKey.random().publicKey
    try nodes[0].replaceMembers([nodes.addresses[0], other, nodes.addresses[2]])
    #expect(nodes[1].send([1], to: 0))
    #expect(try nodes.run { nodes[0].statistics[.stranger] == 1 })
    #expect(nodes[2].send([2], to: 0))
    #expect(try nodes.run { nodes.messages[0].count == 1 })
    #expect(nodes.messages[0][0].from == 2)
  }

  @Test func aLateMemberGetsInWithoutStartingAgain() throws {
    var settings = Nodes.settings()
    settings.handshakeSeconds = 2
    let nodes = try Nodes([settings, settings])
    #expect(try nodes.connect())
    try nodes[0].replaceMembers([nodes.addresses[0]])
    nodes.stop(1)
    try nodes.start(1, settings)
    #expect(try nodes.run { nodes[0].statistics.refusedConnections > 0 })
    try nodes[0].replaceMembers(nodes.addresses)
    #expect(try nodes.connect())
  }

  @Test func anotherNetworkIsCountedAndDropped() throws {
    let nodes = try Nodes([Nodes.settings(7), Nodes.settings(8)])
    #expect(try nodes.connect())
    #expect(nodes[1].send([1], to: 0))
    #expect(try nodes.run { nodes[0].statistics[.wrongNetwork] == 1 })
    #expect(nodes.messages[0].isEmpty)
  }

  @Test func badFramesOfAMemberAreCountedAndDropped() throws {
    let nodes = try Nodes([Nodes.settings(), Nodes.settings(), Nodes.settings()])
    #expect(try nodes.connect())
    let peer = try RawPeer(nodes.transportKeys[1], to: nodes.addresses[0])
    var sealer = FrameSealer(
      own: 1, network: 7, agreementKey: nodes.agreementKeys[1], members: [:])
    let good = sealer.direct([1], to: 0)
    var forged = sealer.direct([1], to: 0)
    forged[16] = 2
    let long = sealer.direct([UInt8](repeating: 0, count: (1 << 20) + 100), to: 0)
    for parts in [[good], [good], [forged], [[1]], [good, good], [[], [], []], [long]] {
      #expect(try peer.send(parts))
    }
    #expect(try nodes.run { nodes[0].statistics.refusedFrames == 6 })
    let statistics = nodes[0].statistics
    #expect(statistics[.duplicate] == 1 && statistics[.forgedOrigin] == 1)
    #expect(statistics[.truncated] == 1 && statistics[.misplaced] == 2)
    #expect(statistics[.oversized] == 1)
    #expect(nodes.messages[0].count == 1)
    // Far too much costs the connection, and nobody else's.
    #expect(try peer.send([[UInt8](repeating: 0, count: 8 << 20)]))
    #expect(nodes[2].send([2], to: 0))
    #expect(try nodes.run { nodes.messages[0].count == 2 })
    #expect(!nodes[1].send([UInt8](repeating: 0, count: (1 << 20) + 1), to: 0))
    #expect(nodes[1].statistics.oversizedSends == 1)
  }

  @Test func garbageAtThePortDoesNoHarm() throws {
    let nodes = try Nodes([Nodes.settings(), Nodes.settings()])
    #expect(try nodes.connect())
    var generator = Generator(state: 1)
    let end = ContinuousClock.now + .seconds(1)
    var round = 0
    while ContinuousClock.now < end || round < 4 {
      round += 1
      try pour(round, &generator, at: nodes.addresses[0].endpoint)
      #expect(nodes[1].send([1], to: 0))
      #expect(try nodes.run { nodes.messages[0].count == round })
    }
    #expect(nodes[0].statistics.refusedFrames == 0)
    #expect(nodes.events[0] == ["connected 1"])
  }

  /// Random bytes over a connection without ZeroMQ, sometimes after a greeting as it should be.
  private func pour(_ round: Int, _ generator: inout Generator, at endpoint: String) throws {
    let port = try #require(UInt16(endpoint.split(separator: ":").last ?? ""))
    #if canImport(Glibc)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(status == 0)
    var bytes: [UInt8] = []
    if round % 2 == 0 {
      // ZMTP 3.0, CURVE, as a client.
      bytes = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("CURVE".utf8)
      bytes += [UInt8](repeating: 0, count: 64 - bytes.count)
      if round % 4 == 0 { bytes += [4, 200, 5] + Array("HELLO".utf8) }
    }
    for _ in 0..<generator.next() % 5000 {
      bytes.append(UInt8(truncatingIfNeeded: generator.next()))
    }
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  @Test func aPeerThatDoesNotReadHoldsNobodyUp() throws {
    var settings = Nodes.settings()
    settings.sendQueue = 4
    settings.receiveQueue = 4
    settings.socketBufferBytes = 64 << 10
    let nodes = try Nodes([settings, settings, settings])
    #expect(try nodes.connect())
    // 1 never reads: after its queues and the system's are full, sending says no at once.
    let payload = [UInt8](repeating: 1, count: 100_000)
    var sent = 0
    while nodes[0].send(payload, to: 1), sent < 10_000 { sent += 1 }
    #expect(sent >= 4 && sent < 1000)
    #expect(nodes[0].statistics.fullQueues == 1)
    // A busy machine may take its time, but not for each.
    var times: [Duration] = []
    for _ in 0..<5 {
      let start = ContinuousClock.now
      if nodes[0].send(payload, to: 1) { sent += 1 }
      times.append(ContinuousClock.now - start)
    }
    #expect(times.min() ?? .seconds(1) < .milliseconds(100))
    #expect(nodes[0].send([2], to: 2))
    #expect(try nodes.run(without: [1]) { nodes.messages[2].count == 1 })
    // Nothing that was taken is lost once it reads again.
    #expect(try nodes.run { nodes.messages[1].count == sent })
    #expect(nodes[0].send([3], to: 1))
    #expect(try nodes.run { nodes.messages[1].count == sent + 1 })
  }
}
