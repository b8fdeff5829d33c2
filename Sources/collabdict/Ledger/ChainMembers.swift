import CollaborativeLearning
import Cryptography
import Storage
import Transport

/// The members of a mined chain, from their public key files. Everybody sorts them by their signing
/// keys, so that all number them alike, in whatever order they are named.
struct ChainMembers {
  let members: [Network.Member]
  /// This member's place.
  let own: Int

  static let missing = UsageError("missing: the public key files of the chain's members")

  /// - Parameters:
  ///   - paths: of the public key files, the own one among them or not.
  ///   - keys: this member's.
  init(_ paths: [String], keys: MemberKeys) throws {
    guard !paths.isEmpty else { throw Self.missing }
    var members = try Self.cards(paths)
    guard let own = members.first(where: { $0.signingKey == keys.signing.verificationKey }) else {
      throw ConfigurationError(
        "the key of \(keys.name) is no member's; name its public key file, too, or another key")
    }
    guard own.transportKey == keys.transport.publicKey,
      own.agreementKey == keys.agreement.publicKey
    else {
      throw ConfigurationError(
        "the public key file of \(own.name) has other keys than the private one; hand out the newer"
      )
    }
    members.sort { $0.signingKey.bytes.lexicographicallyPrecedes($1.signingKey.bytes) }
    self.members = members
    self.own = members.firstIndex(of: own) ?? 0
  }

  /// The members of some public key files, in the order of these.
  static func cards(_ paths: [String]) throws -> [Network.Member] {
    var members: [Network.Member] = []
    for path in paths {
      do {
        let member = try MemberCard(reading: path).member()
        guard !members.contains(where: { $0.signingKey == member.signingKey }) else {
          throw ConfigurationError("the member \(member.name) is there twice; name it once")
        }
        members.append(member)
      } catch let error as StorageError {
        throw error
      } catch {
        throw FileError(path: path, cause: error)
      }
    }
    return members
  }

  var name: String { members[own].name }
  var listenAddress: String { members[own].address.listening }

  var addresses: [MemberAddress] {
    members.enumerated().map { index, member in
      MemberAddress(
        index: index, endpoint: member.address.description, transportKey: member.transportKey,
        agreementKey: member.agreementKey)
    }
  }

  /// Members that were given other lists would number one another otherwise: the list stands for the
  /// network of the messages. Which chain it is they tell one another.
  func meshSettings(byteLimit: Int) -> MeshSettings {
    let digest = SHA256.hash(members.flatMap { $0.signingKey.bytes })
    var settings = MeshSettings(network: digest.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    settings.maximumMessageBytes = max(settings.maximumMessageBytes, byteLimit + 64)
    // What one member may have waiting here, half a gibibyte, unless a block alone is larger.
    settings.receiveQueue = min(
      settings.receiveQueue, max(8, (512 << 20) / settings.maximumMessageBytes))
    settings.heartbeatSeconds = 2
    settings.heartbeatTimeoutSeconds = 10
    settings.longestReconnectSeconds = 2
    return settings
  }
}
