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

/// Real sockets on this machine's own network.
@Suite(.serialized, .timeLimit(.minutes(15))) struct MeshTests {
  @Test(arguments: [2, 3]) func membersExchangeMessages(count: Int) throws {
    let nodes = try Nodes(Array(repeating: Nodes.settings(), count: count))
    #expect(try nodes.connect())
    let lengths = [0, 1, 200, 60_000, 1 << 20]
    for sender in 0..<count {
      for receiver in 0..<count where receiver != sender {
        for length in lengths {
          let payload = [UInt8](repeating: UInt8(10 * sender + receiver), count: length)
          #expect(nodes[sender].send(payload, to: receiver))
        }
      }
    }
    let expected = (count - 1) * lengths.count
    #expect(try nodes.run { nodes.messages.allSatisfy { $0.count == expected } })
    for receiver in 0..<count {
      for sender in 0..<count where sender != receiver {
        let received = nodes.messages[receiver].filter { $0.from == sender }.map { $0.payload }
        #expect(received.map { $0.count } == lengths)
        #expect(received.allSatisfy { $0.allSatisfy { $0 == UInt8(10 * sender + receiver) } })
      }
      #expect(nodes[receiver].statistics.refusedFrames == 0)
      #expect(nodes[receiver].statistics.sentMessages == UInt64(expected))
    }
  }

  @Test func addressesOfTheNewInternetProtocol() throws {
    let nodes: Nodes
    do {
      nodes = try Nodes([Nodes.settings(), Nodes.settings()], address: "[::1]")
    } catch let error as TransportError where error.code == .badEndpoint {
      print("skipped: this machine has no IPv6 (\(error))")
      return
    }
    #expect(nodes.addresses[0].endpoint.hasPrefix("tcp://[::1]:"))
    #expect(try nodes.connect())
    #expect(nodes[0].send([1], to: 1) && nodes[1].send([2], to: 0))
    #expect(try nodes.run { nodes.messages.allSatisfy { $0.count == 1 } })
  }

  @Test func aMemberInTheMiddleHandsOn() throws {
    // 0 – 1 – 2
    let nodes = try Nodes(
      Array(repeating: Nodes.settings(), count: 3), links: [[1], [0, 2], [1]],
      nextHop: { _, connected in connected.contains(1) ? 1 : nil })
    #expect(try nodes.connect())
    let long = [UInt8](repeating: 9, count: 1 << 20)
    #expect(nodes[0].send([1, 2, 3], to: 2) && nodes[2].send(long, to: 0))
    #expect(try nodes.run { nodes.messages[2].count == 1 && nodes.messages[0].count == 1 })
    #expect(nodes.messages[2][0] == (0, [1, 2, 3]))
    #expect(nodes.messages[0][0] == (2, long))
    #expect(nodes.messages[1].isEmpty)
    #expect(nodes[1].statistics.relayedFrames == 2)

    // The member in the middle changes a byte on the way.
    let relay = try RawPeer(nodes.transportKeys[1], to: nodes.addresses[2])
    var sealer = FrameSealer(
      own: 0, network: 7, agreementKey: nodes.agreementKeys[0],
      members: [2: nodes.agreementKeys[2].publicKey])
    var bytes = try sealer.sealed([4, 5, 6], to: 2).encode()
    #expect(try relay.send([bytes]))
    #expect(try nodes.run { nodes.messages[2].count == 2 })
    bytes = try sealer.sealed([4, 5, 6], to: 2).encode()
    bytes[50] ^= 1
    #expect(try relay.send([bytes]))
    #expect(try nodes.run { nodes[2].statistics[.brokenSeal] == 1 })
    // Without the one in the middle there is no way, and that is said.
    nodes.stop(1)
    #expect(try nodes.run { nodes[0].connectedMembers.isEmpty })
    #expect(!nodes[0].send([1], to: 2))
    #expect(nodes[0].statistics.unreachable == 1)
  }

  @Test func aPeerThatStopsAndStartsAgainIsNoticed() throws {
    let nodes = try Nodes([Nodes.settings(), Nodes.settings()])
    #expect(try nodes.connect())
    for turn in 1...3 {
      #expect(nodes[1].send([UInt8(turn)], to: 0))
      #expect(try nodes.run { nodes.messages[0].count == turn })
      nodes.stop(1)
      #expect(try nodes.run { nodes[0].connectedMembers.isEmpty })
      #expect(!nodes[0].send([1], to: 1))
      try nodes.start(1)
      #expect(try nodes.connect())
    }
    #expect(nodes.events[0].filter { $0 == "disconnected 1" }.count == 3)
    #expect(nodes.events[0].filter { $0 == "connected 1" }.count == 4)
    #expect(nodes[0].send([5], to: 1))
    #expect(try nodes.run { nodes.messages[1].count == 1 })
  }

  @Test func wakingFromAnotherThread() throws {
    let nodes = try Nodes([Nodes.settings()])
    let waker = nodes[0].waker
    let start = ContinuousClock.now
    let thread = try Transport.Thread {
      usleep(100_000)
      waker.wake()
      waker.wake()
    }
    var woken = 0
    try nodes[0].receive(timeoutMilliseconds: -1) { if case .woken = $0 { woken += 1 } }
    #expect(woken == 1)
    #expect(ContinuousClock.now - start > .milliseconds(90))
    _ = thread
  }

  @Test func waitingEndsInTime() throws {
    let nodes = try Nodes([Nodes.settings()])
    var times: [Duration] = []
    for _ in 0..<5 {
      let start = ContinuousClock.now
      try nodes[0].receive(timeoutMilliseconds: 60) { _ in Issue.record("nothing happens") }
      times.append(ContinuousClock.now - start)
    }
    // A busy machine may take longer, but not each time.
    let fastest = times.min() ?? .zero
    #expect(fastest >= .milliseconds(59) && fastest < .seconds(1))
  }

  @Test func badSettingsAreErrorsInOneLine() throws {
    let nodes = try Nodes([Nodes.settings()])
    func error(_ listen: String, _ settings: MeshSettings = Nodes.settings()) throws
      -> TransportError
    {
      try #require(throws: TransportError.self) {
        _ = try Mesh(
          listen: listen, own: 0, transportKey: .random(), agreementKey: .random(), members: [],
          settings: settings)
      }
    }
    #expect(try error(nodes.addresses[0].endpoint).code == .addressInUse)
    #expect(try error("tcp://203.0.113.7:7001").code == .badEndpoint)
    #expect(try error("nonsense").code == .badEndpoint)
    #expect(try error("tcp://127.0.0.1:99999").description.contains("no port 99999"))
    #expect(try error("nonsense://127.0.0.1:1").code == .badEndpoint)
    var settings = Nodes.settings()
    settings.sendQueue = 0
    #expect(try error("tcp://127.0.0.1:*", settings).code == .badSetting)
    #expect(
      try error(nodes.addresses[0].endpoint).description
        == "\(nodes.addresses[0].endpoint): the address is already in use; "
        + "stop the other program, or listen elsewhere")
    #expect(throws: TransportError.self) {
      try nodes[0].replaceMembers([nodes.addresses[0], nodes.addresses[0]])
    }
  }
}

/// Members who come and go while connections break.
@Suite(.serialized, .timeLimit(.minutes(15))) struct MembershipTests {
  @Test func linksThatEndWhileTheyBreakHoldNobodyUp() throws {
    let nodes = try Nodes([Nodes.settings(), Nodes.settings(), Nodes.settings()])
    for turn in 1...100 {
      let connected = try nodes.connect()
      try #require(connected, "turn \(turn)")
      // Both ends at the same time.
      let end = nodes[0]
      nodes.stop(1)
      try end.replaceMembers([nodes.addresses[0], nodes.addresses[2]])
      #expect(nodes[2].send([1], to: 0))
      let arrived = try nodes.run { nodes.messages[0].count == turn }
      try #require(arrived, "turn \(turn)")
      try end.replaceMembers(nodes.addresses)
      try nodes.start(1)
    }
  }
}
