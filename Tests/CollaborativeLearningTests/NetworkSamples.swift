import CollaborativeLearning
import Cryptography

/// Keys that are the same in every run: by a number, not secret.
func sampleKeys(_ number: Int) throws -> MemberKeys {
  func secret(_ purpose: Int) -> [UInt8] {
    SHA256.hash([UInt8(number), UInt8(purpose)]).bytes
  }
  return try MemberKeys(
    name: "plant-\(number)", address: NetworkAddress("tcp://plant-\(number).example:47000"),
    signing: SigningKey(seed: secret(0)), transport: AgreementKey(secret: secret(1)),
    agreement: AgreementKey(secret: secret(2)))
}

func sampleMember(_ number: Int) throws -> Network.Member { try sampleKeys(number).card.member() }

/// The first version of a network of plants 0, 1, …; signed by all unless told otherwise.
func sampleNetwork(
  _ count: Int = 4, signedBy signers: [Int]? = nil,
  _ change: (inout NetworkTerms) -> Void = { _ in }
) throws -> Network {
  var terms = NetworkTerms(members: count)
  change(&terms)
  let network = try Network(name: "steel", members: (0..<count).map(sampleMember), terms: terms)
  return try network.signed(by: signers ?? Array(0..<count))
}

extension Network {
  func signed(by numbers: [Int]) throws -> Network {
    var network = self
    for number in numbers { network = try network.signed(by: sampleKeys(number)) }
    return network
  }

  /// What a forger makes of a network: other parts, the same signatures.
  func forged(
    name: String? = nil, sequence: Int? = nil, members: [Member]? = nil,
    terms: NetworkTerms? = nil, change: Change? = nil, predecessorDigest: Digest? = nil,
    predecessor: Network? = nil, signatures: [String: Signature]? = nil
  ) throws(NetworkError) -> Network {
    try Network(
      name: name ?? self.name, sequence: sequence ?? self.sequence,
      members: members ?? self.members, terms: terms ?? self.terms, change: change ?? self.change,
      predecessorDigest: predecessorDigest ?? self.predecessorDigest,
      predecessor: predecessor ?? self.predecessor, signatures: signatures ?? self.signatures)
  }

  /// Signatures of members for whatever this version says, without any question asked.
  func signedBlindly(by numbers: [Int]) throws -> Network {
    var message: [UInt8] = []
    for part in [Array("collabdict network signature 1".utf8), digest.bytes] {
      message += [UInt8(part.count)] + [UInt8](repeating: 0, count: 7) + part
    }
    var signatures: [String: Signature] = [:]
    for number in numbers {
      let keys = try sampleKeys(number)
      signatures[keys.name] = keys.signing.signature(for: message)
    }
    return try forged(signatures: signatures)
  }
}

/// The error that `body` throws, or `nil`.
func networkError(_ body: () throws -> Void) -> NetworkError? {
  do {
    try body()
    return nil
  } catch {
    return error as? NetworkError
  }
}
