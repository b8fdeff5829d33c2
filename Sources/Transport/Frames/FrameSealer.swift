import Cryptography

/// Makes the headers of what a member sends, and seals what others must hand on.
///
/// Numbers are never given twice, also when a frame could not be sent: a seal's number must be used
/// once only, and receivers do not mind gaps.
public struct FrameSealer: Sendable {
  /// A random number that this process chose when it started.
  public let incarnation: UInt64
  private let own: UInt32
  private let network: UInt64
  private var keys: PairwiseKeys
  private var numbers: [UInt32: UInt64] = [:]

  /// - Parameters:
  ///   - own: this member's index.
  ///   - network: the first 8 bytes of the network file's digest.
  ///   - agreementKey: what this member seals with.
  ///   - members: the public halves of every member's key, by index.
  ///   - incarnation: secret randomness decides if it is not given. Never use one twice.
  public init(
    own: Int, network: UInt64, agreementKey: AgreementKey, members: [Int: AgreementPublicKey],
    incarnation: UInt64? = nil
  ) {
    self.own = UInt32(own)
    self.network = network
    self.incarnation =
      incarnation ?? SecureRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    keys = PairwiseKeys(own: UInt32(own), ownKey: agreementKey, network: network)
    replaceMembers(members)
  }

  /// Replaces the members. Numbers go on where they were.
  public mutating func replaceMembers(_ members: [Int: AgreementPublicKey]) {
    var peerKeys: [UInt32: AgreementPublicKey] = [:]
    for (index, key) in members { peerKeys[UInt32(index)] = key }
    keys.replaceMembers(peerKeys)
  }

  /// The header of the next frame to a member.
  public mutating func nextHeader(
    _ kind: FrameKind, to destination: Int, payloadByteCount: Int
  ) -> FrameHeader {
    let index = UInt32(destination)
    let number = numbers[index, default: 0] + 1
    numbers[index] = number
    return FrameHeader(
      kind: kind, network: network, origin: own, destination: index, incarnation: incarnation,
      number: number, payloadByteCount: UInt32(payloadByteCount))
  }

  /// The next frame to a member, sealed so that only that member can read it; `nil` for a stranger,
  /// or a public key that no honest party has.
  public mutating func seal(_ payload: [UInt8], to destination: Int) -> Frame? {
    guard let key = keys.sealing(to: UInt32(destination), incarnation: incarnation) else {
      return nil
    }
    let header = nextHeader(
      .sealed, to: destination, payloadByteCount: payload.count + SymmetricKey.sealOverhead)
    let sealed = key.seal(payload, number: header.number, context: header.sealContext)
    return Frame(header, payload: sealed)
  }
}
