import Cryptography

/// What is to be done with a frame.
public enum FrameVerdict: Sendable, Hashable {
  /// A message for this member.
  case deliver(origin: Int, payload: [UInt8])
  /// A sealed frame for another: to be sent on as it is, but with this header.
  case forward(FrameHeader)
  /// A question for this node's state. The answer carries the same incarnation and number.
  case statusRequest(from: Int, incarnation: UInt64, number: UInt64)
  /// Nothing. It has been counted.
  case refuse(Refusal)
}

/// Decides what to do with the bytes that arrive over authenticated connections: pure, without
/// sockets or clocks. Whatever arrives, memory is bounded by the number of members.
///
/// Nothing that a frame says is remembered before it is known to be true: the connection's key
/// vouches for direct frames, the seal for others.
public struct FrameGuard: Sendable {
  /// The counts of what was refused, delivered and asked.
  public internal(set) var statistics = TransportStatistics()

  private let own: UInt32
  private let network: UInt64
  private let maximumPayloadBytes: Int
  private let hopLimit: Int
  private var keys: PairwiseKeys
  private var members: [UInt32: (agreementKey: AgreementPublicKey, memory: ReplayMemory)] = [:]

  /// - Parameters:
  ///   - own: this member's index.
  ///   - network: the first 8 bytes of the network file's digest.
  ///   - agreementKey: what this member opens sealed frames with.
  ///   - members: the public halves of every member's key, by index.
  ///   - maximumPayloadBytes: longer payloads are refused.
  ///   - hopLimit: how often a sealed frame may be handed on, 1 to 255.
  public init(
    own: Int, network: UInt64, agreementKey: AgreementKey, members: [Int: AgreementPublicKey],
    maximumPayloadBytes: Int = FrameHeader.largestPayload, hopLimit: Int = 16
  ) {
    self.own = UInt32(own)
    self.network = network
    self.maximumPayloadBytes = maximumPayloadBytes
    self.hopLimit = hopLimit
    keys = PairwiseKeys(own: UInt32(own), ownKey: agreementKey, network: network)
    replaceMembers(members)
  }

  /// Replaces the members. Of those who keep their key everything is remembered; of others nothing.
  ///
  /// - Parameter changed: members who are others than before although this key is the same.
  public mutating func replaceMembers(
    _ members: [Int: AgreementPublicKey], changed: Set<Int> = []
  ) {
    var next: [UInt32: (agreementKey: AgreementPublicKey, memory: ReplayMemory)] = [:]
    var peerKeys: [UInt32: AgreementPublicKey] = [:]
    for (member, key) in members {
      let index = UInt32(member)
      peerKeys[index] = key
      if let known = self.members[index], known.agreementKey == key, !changed.contains(member) {
        next[index] = known
      } else {
        next[index] = (key, ReplayMemory())
      }
    }
    self.members = next
    keys.replaceMembers(peerKeys)
  }

  /// Decides about one frame.
  ///
  /// - Parameters:
  ///   - bytes: as they arrived.
  ///   - member: the index of the member whose key the connection has.
  public mutating func judge(_ bytes: Span<UInt8>, from member: Int) -> FrameVerdict {
    let verdict = verdict(of: bytes, from: member)
    switch verdict {
    case .deliver(_, let payload):
      statistics.receivedMessages += 1
      statistics.receivedBytes += UInt64(payload.count)
    case .statusRequest: statistics.statusRequests += 1
    case .refuse(let reason): statistics[reason] += 1
    case .forward: break
    }
    return verdict
  }

  /// Decides about one frame.
  public mutating func judge(_ bytes: [UInt8], from member: Int) -> FrameVerdict {
    judge(bytes.span, from: member)
  }

  private mutating func verdict(of bytes: Span<UInt8>, from member: Int) -> FrameVerdict {
    guard let sender = UInt32(exactly: member), members[sender] != nil else {
      return .refuse(.stranger)
    }
    let header: FrameHeader
    do {
      header = try FrameHeader.decode(bytes, maximumPayloadBytes: maximumPayloadBytes)
    } catch {
      return .refuse(Refusal(error))
    }
    switch header.kind {
    case .direct: return direct(header, bytes, from: sender)
    case .sealed: return sealed(header, bytes)
    case .statusRequest:
      // Who asks need not know the network, and nothing is remembered of it.
      return .statusRequest(from: member, incarnation: header.incarnation, number: header.number)
    case .statusReply: return .refuse(.misplaced)
    }
  }

  private mutating func direct(
    _ header: FrameHeader, _ bytes: Span<UInt8>, from sender: UInt32
  ) -> FrameVerdict {
    guard header.network == network else { return .refuse(.wrongNetwork) }
    guard header.origin == sender, sender != own else { return .refuse(.forgedOrigin) }
    guard header.destination == own else { return .refuse(.wrongDestination) }
    guard header.hops == 0 else { return .refuse(.malformed) }
    if let refusal = admit(header) { return .refuse(refusal) }
    return .deliver(origin: Int(sender), payload: payload(of: bytes))
  }

  private mutating func sealed(_ header: FrameHeader, _ bytes: Span<UInt8>) -> FrameVerdict {
    guard header.network == network else { return .refuse(.wrongNetwork) }
    guard header.origin != own,
      let freshness = members[header.origin]?.memory.freshness(
        of: header.number, incarnation: header.incarnation)
    else { return .refuse(.forgedOrigin) }
    guard members[header.destination] != nil else { return .refuse(.wrongDestination) }
    guard header.destination == own else {
      guard Int(header.hops) < hopLimit else { return .refuse(.hopLimit) }
      var onward = header
      onward.hops += 1
      return .forward(onward)
    }
    // Asked first because it is cheap, and answered again once the seal has proved whole.
    if let refusal = Refusal(freshness) { return .refuse(refusal) }
    guard let key = keys.opening(from: header.origin, incarnation: header.incarnation),
      let message = key.open(
        payload(of: bytes), number: header.number, context: header.sealContext)
    else { return .refuse(.brokenSeal) }
    if let refusal = admit(header) { return .refuse(refusal) }
    return .deliver(origin: Int(header.origin), payload: message)
  }

  /// Remembers a frame that is known to be its origin's; a reason if it was known already.
  private mutating func admit(_ header: FrameHeader) -> Refusal? {
    guard
      let freshness = members[header.origin]?.memory.insert(
        header.number, incarnation: header.incarnation)
    else { return .stranger }
    return Refusal(freshness)
  }

  private func payload(of bytes: Span<UInt8>) -> [UInt8] {
    let whole = bytes.extracting(FrameHeader.byteCount...)
    return unsafe [UInt8](unsafeUninitializedCapacity: whole.count) { room, count in
      unsafe whole.withUnsafeBufferPointer { source in
        count = unsafe room.initialize(fromContentsOf: source)
      }
    }
  }
}

extension Refusal {
  init?(_ freshness: Freshness) {
    switch freshness {
    case .fresh: return nil
    case .duplicate: self = .duplicate
    case .tooOld: self = .replayed
    }
  }
}
