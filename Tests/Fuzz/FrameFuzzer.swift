import Cryptography

// Compiled together with the codec's own files by `run`. What must hold of any bytes: nothing
// traps, what decodes encodes to the same bytes again, and whatever a guard is shown, it says one
// of its four things, counts every refusal, and delivers nothing twice.

private enum Fixture {
  static let keys = (0..<3).map {
    AgreementKey(secret: [UInt8](repeating: UInt8($0 + 1), count: 32))
  }
  static let members = Dictionary(
    uniqueKeysWithValues: keys.enumerated().map { ($0, $1.publicKey) })
  static let network: UInt64 = 7
  static let maximumPayloadBytes = 1024

  static func gate() -> FrameGuard {
    FrameGuard(
      own: 0, network: network, agreementKey: keys[0], members: members,
      maximumPayloadBytes: maximumPayloadBytes)
  }
}

/// One run of the fuzzer is one thread: its guard lives from input to input, so that what one
/// input leaves behind meets the next.
@MainActor private var gate = Fixture.gate()
@MainActor private var inputs = 0

@MainActor func check(_ bytes: [UInt8]) {
  if let frame = try? Frame.decode(bytes, maximumPayloadBytes: Fixture.maximumPayloadBytes) {
    precondition(frame.encode() == bytes, "decoding and encoding gives other bytes")
    precondition(frame.payload.count <= Fixture.maximumPayloadBytes, "an oversized frame")
  }
  inputs += 1
  if inputs % 100_000 == 0 { gate = Fixture.gate() }
  // The first byte also chooses the connection; a guard sees each input twice.
  let member = Int(bytes.last ?? 0) % 4
  for turn in 0..<2 {
    let before = gate.statistics
    let verdict = gate.judge(bytes, from: member)
    let after = gate.statistics
    switch verdict {
    case .refuse(let reason):
      precondition(after[reason] == before[reason] + 1, "a refusal that is not counted")
    case .deliver(let origin, _):
      precondition(turn == 0, "a frame that is delivered twice")
      precondition(origin == 1 || origin == 2, "a message from nobody")
      precondition(after.receivedMessages == before.receivedMessages + 1, "an uncounted message")
    case .forward(let header):
      precondition(header.destination != 0 && header.hops > 0, "a frame handed on to itself")
    case .statusRequest(let from, _, _):
      precondition(from == member, "a question of somebody else")
    }
  }
}

/// Valid frames to start from.
@MainActor func seeds() -> [[UInt8]] {
  var result: [[UInt8]] = []
  for origin in 1...2 {
    var sealer = FrameSealer(
      own: origin, network: Fixture.network, agreementKey: Fixture.keys[origin],
      members: Fixture.members, incarnation: 5)
    // The last byte is the connection's member.
    for payload in [[UInt8(origin)], [1, 2, 3, UInt8(origin)]] {
      let header = sealer.nextHeader(.direct, to: 0, payloadByteCount: payload.count)
      result.append(Frame(header, payload: payload).encode())
    }
    for destination in [0, 3 - origin] {
      if let sealed = sealer.seal([9, 8, 7], to: destination) { result.append(sealed.encode()) }
    }
    for kind in [FrameKind.statusRequest, .statusReply] {
      let header = sealer.nextHeader(kind, to: 0, payloadByteCount: 0)
      result.append(Frame(header, payload: []).encode())
    }
  }
  return result
}
