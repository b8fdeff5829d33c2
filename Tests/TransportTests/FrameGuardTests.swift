import Cryptography
import Testing

@testable import Transport

/// Members 0 to 3 of one network, and what each of them sends and lets in.
struct Circle {
  let keys = (0..<4).map { _ in AgreementKey.random() }
  let network: UInt64 = 77
  var members: [Int: AgreementPublicKey] {
    Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($0, $1.publicKey) })
  }

  func gate(_ own: Int, network: UInt64 = 77, hopLimit: Int = 16) -> FrameGuard {
    FrameGuard(
      own: own, network: network, agreementKey: keys[own], members: members,
      maximumPayloadBytes: 1000, hopLimit: hopLimit)
  }

  func sealer(_ own: Int, incarnation: UInt64? = nil) -> FrameSealer {
    FrameSealer(
      own: own, network: network, agreementKey: keys[own], members: members,
      incarnation: incarnation)
  }
}

extension FrameSealer {
  mutating func direct(_ payload: [UInt8], to member: Int) -> [UInt8] {
    Frame(nextHeader(.direct, to: member, payloadByteCount: payload.count), payload: payload)
      .encode()
  }

  mutating func sealed(_ payload: [UInt8], to member: Int) throws -> Frame {
    let frame = seal(payload, to: member)
    return try #require(frame)
  }
}

@Suite struct FrameGuardTests {
  let circle = Circle()

  @Test func goodFramesAreDelivered() throws {
    var gate = circle.gate(0)
    var sealer = circle.sealer(1)
    let sealed = try sealer.sealed([4, 5], to: 0).encode()
    #expect(
      gate.judge(sealer.direct([1, 2], to: 0), from: 1) == .deliver(origin: 1, payload: [1, 2]))
    #expect(gate.judge(sealer.direct([], to: 0), from: 1) == .deliver(origin: 1, payload: []))
    // A seal vouches for its origin, whoever hands it on.
    #expect(gate.judge(sealed, from: 2) == .deliver(origin: 1, payload: [4, 5]))
    #expect(gate.statistics.receivedMessages == 3)
    #expect(gate.statistics.receivedBytes == 4)
    #expect(gate.statistics.refusedFrames == 0)
  }

  @Test func everyBadFrameHasItsReason() throws {
    var gate = circle.gate(0)
    var sealer = circle.sealer(1)
    func refuse(_ bytes: [UInt8], from member: Int = 1, _ reason: Refusal) {
      let before = gate.statistics
      #expect(gate.judge(bytes, from: member) == .refuse(reason))
      #expect(gate.statistics[reason] == before[reason] + 1)
      #expect(gate.statistics.refusedFrames == before.refusedFrames + 1)
      #expect(gate.statistics.receivedMessages == before.receivedMessages)
    }
    func changed(_ bytes: [UInt8], _ place: Int, _ value: UInt8) -> [UInt8] {
      var bytes = bytes
      bytes[place] = value
      return bytes
    }
    let good = sealer.direct([1, 2, 3], to: 0)
    let sealed = try sealer.sealed([4, 5], to: 0).encode()
    refuse([], .truncated)
    refuse(Array(good.dropLast()), .truncated)
    refuse(Array(good[..<30]), .truncated)
    refuse(sealer.direct([UInt8](repeating: 0, count: 1001), to: 0), .oversized)
    refuse(changed(good, 0, 0), .malformed)
    refuse(changed(good, 6, 1), .malformed)
    refuse(changed(good, 5, 3), .misplaced)
    refuse(changed(good, 8, 0), .wrongNetwork)
    refuse(changed(sealed, 8, 0), .wrongNetwork)
    refuse(good, from: 9, .stranger)
    refuse(good, from: -1, .stranger)
    refuse(good, from: 2, .forgedOrigin)
    refuse(good, from: 0, .forgedOrigin)
    refuse(changed(sealed, 16, 0), .forgedOrigin)
    refuse(changed(sealed, 16, 9), .forgedOrigin)
    refuse(changed(good, 20, 2), .wrongDestination)
    refuse(changed(sealed, 20, 9), .wrongDestination)
    for place in [24, 32, 48, 50, sealed.count - 1] {
      refuse(changed(sealed, place, sealed[place] ^ 1), .brokenSeal)
    }
    refuse(changed(sealed, 16, 2), .brokenSeal)
    // None of these has made the guard take a good frame for a known one.
    #expect(gate.judge(good, from: 1) == .deliver(origin: 1, payload: [1, 2, 3]))
    #expect(gate.judge(sealed, from: 1) == .deliver(origin: 1, payload: [4, 5]))
    refuse(good, .duplicate)
    refuse(sealed, from: 3, .duplicate)
    for _ in 0..<1100 { _ = sealer.nextHeader(.direct, to: 0, payloadByteCount: 0) }
    #expect(gate.judge(sealer.direct([], to: 0), from: 1) == .deliver(origin: 1, payload: []))
    refuse(good, .replayed)
    refuse(sealed, .replayed)
  }

  @Test func aRelaySeesOnlyTheHeader() throws {
    let secret = (0..<100).map { UInt8($0) }
    var sealer = circle.sealer(1)
    let bytes = try sealer.sealed(secret, to: 3).encode()
    #expect(!bytes.contains(secret[0..<4]))
    var relay = circle.gate(2, hopLimit: 2)
    guard case .forward(let onward) = relay.judge(bytes, from: 1) else {
      Issue.record("not handed on")
      return
    }
    #expect(onward.hops == 1 && onward.destination == 3)
    // With its own key, and whatever it makes of the header, it cannot open the seal.
    var stolen = bytes
    stolen[20] = 2
    #expect(relay.judge(stolen, from: 1) == .refuse(.brokenSeal))

    var end = circle.gate(3)
    var handed = bytes
    handed[FrameHeader.hopsOffset] = onward.hops
    #expect(end.judge(handed, from: 2) == .deliver(origin: 1, payload: secret))
    var looped = bytes
    looped[FrameHeader.hopsOffset] = 2
    #expect(relay.judge(looped, from: 1) == .refuse(.hopLimit))
  }

  @Test func questionsLeaveNoTrace() {
    var gate = circle.gate(0)
    var sealer = circle.sealer(1, incarnation: 5)
    #expect(gate.judge(sealer.direct([], to: 0), from: 1) == .deliver(origin: 1, payload: []))
    for incarnation in UInt64(100)..<200 {
      let question = FrameHeader(
        kind: .statusRequest, network: 0, origin: .max, destination: .max,
        incarnation: incarnation, number: 1, payloadByteCount: 0)
      let expected = FrameVerdict.statusRequest(from: 1, incarnation: incarnation, number: 1)
      #expect(gate.judge(question.encode(), from: 1) == expected)
    }
    #expect(gate.judge(sealer.direct([], to: 0), from: 1) == .deliver(origin: 1, payload: []))
    #expect(gate.statistics.statusRequests == 100)
  }

  @Test func forgedSealsCannotMakeItForget() throws {
    var gate = circle.gate(0)
    var sealer = circle.sealer(1)
    let sealed = try sealer.sealed([1], to: 0)
    #expect(gate.judge(sealed.encode(), from: 2) == .deliver(origin: 1, payload: [1]))
    // As many incarnations as anyone likes to invent: none is remembered, none pushes one out.
    for incarnation in UInt64(0)..<2000 {
      var forged = sealed.header
      forged.incarnation = incarnation
      let bytes = Frame(forged, payload: sealed.payload).encode()
      #expect(gate.judge(bytes, from: 2) == .refuse(.brokenSeal))
    }
    #expect(gate.judge(sealed.encode(), from: 2) == .refuse(.duplicate))
    let next = try sealer.sealed([2], to: 0).encode()
    #expect(gate.judge(next, from: 2) == .deliver(origin: 1, payload: [2]))
  }

  @Test func newMembersStartAfresh() {
    var gate = circle.gate(0)
    var sealer = circle.sealer(1)
    let first = sealer.direct([1], to: 0)
    #expect(gate.judge(first, from: 1) == .deliver(origin: 1, payload: [1]))
    gate.replaceMembers(circle.members)
    #expect(gate.judge(first, from: 1) == .refuse(.duplicate))
    gate.replaceMembers(circle.members.filter { $0.key != 1 })
    #expect(gate.judge(first, from: 1) == .refuse(.stranger))
    gate.replaceMembers(circle.members)
    #expect(gate.judge(first, from: 1) == .deliver(origin: 1, payload: [1]))
  }
}
