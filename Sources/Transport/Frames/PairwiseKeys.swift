import Cryptography

/// The keys that one member shares with each of the others, for frames that others hand on.
///
/// X25519 gives two members the same secret. From it comes one key for each direction and each
/// start of the sender's process, labelled with the network, so that a frame's number is never used
/// twice with a key. Memory is bounded by the number of members.
struct PairwiseKeys: Sendable {
  private struct Peer {
    var publicKey: AgreementPublicKey
    // `nil` before it is first needed; computing it takes as long as sealing a long message.
    var shared: SymmetricKey?
    // The last incarnation whose key was asked for, in either direction.
    var sealing: (incarnation: UInt64, key: SymmetricKey)?
    var opening: (incarnation: UInt64, key: SymmetricKey)?
  }

  private let own: UInt32
  private let ownKey: AgreementKey
  private let network: UInt64
  private var peers: [UInt32: Peer] = [:]

  init(own: UInt32, ownKey: AgreementKey, network: UInt64) {
    self.own = own
    self.ownKey = ownKey
    self.network = network
  }

  /// Replaces the members. Those who keep their key keep what was computed for them.
  mutating func replaceMembers(_ members: [UInt32: AgreementPublicKey]) {
    var peers: [UInt32: Peer] = [:]
    for (index, key) in members {
      if let known = self.peers[index], known.publicKey == key {
        peers[index] = known
      } else {
        peers[index] = Peer(publicKey: key)
      }
    }
    self.peers = peers
  }

  /// The key with which this member seals for another, in this incarnation of this member; `nil`
  /// for a stranger, or a public key that no honest party has.
  mutating func sealing(to destination: UInt32, incarnation: UInt64) -> SymmetricKey? {
    if let known = peers[destination]?.sealing, known.incarnation == incarnation {
      return known.key
    }
    guard let shared = shared(with: destination) else { return nil }
    let key = shared.derived(for: label(from: own, to: destination, incarnation: incarnation))
    peers[destination]?.sealing = (incarnation, key)
    return key
  }

  /// The key with which another member seals for this one, in that incarnation of the other.
  mutating func opening(from origin: UInt32, incarnation: UInt64) -> SymmetricKey? {
    if let known = peers[origin]?.opening, known.incarnation == incarnation { return known.key }
    guard let shared = shared(with: origin) else { return nil }
    let key = shared.derived(for: label(from: origin, to: own, incarnation: incarnation))
    peers[origin]?.opening = (incarnation, key)
    return key
  }

  private mutating func shared(with member: UInt32) -> SymmetricKey? {
    guard let peer = peers[member] else { return nil }
    if let shared = peer.shared { return shared }
    let shared = ownKey.sharedKey(with: peer.publicKey)
    peers[member]?.shared = shared
    return shared
  }

  private func label(from origin: UInt32, to destination: UInt32, incarnation: UInt64) -> [UInt8] {
    // A header's layout serves: every field has its place, and none can be taken for another.
    let header = FrameHeader(
      kind: .sealed, network: network, origin: origin, destination: destination,
      incarnation: incarnation, number: 0, payloadByteCount: 0)
    return Array("CollabDict sealed frame 1".utf8) + header.encode()
  }
}

extension FrameHeader {
  /// The header as it is authenticated with a sealed payload: without the hops, which change.
  var sealContext: [UInt8] {
    var header = self
    header.hops = 0
    return header.encode()
  }
}
