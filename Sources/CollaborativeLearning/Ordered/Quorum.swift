import Consensus
import Cryptography
import Ledger

/// Who of a role may sign, and how many of them have to.
///
/// With a threshold q of n, n - q members may be silent. Any two quorums share 2q - n members, so no
/// two quorums ever sign against each other as long as fewer than 2q - n members break the rules: a
/// majority is safe against crashes, more than two thirds also against members that lie.
public struct Quorum: Sendable, Hashable {
  public let keys: [VerificationKey]
  public let threshold: Int

  /// - Parameter threshold: more than half of the members; `nil` for the fewest that are.
  public init(_ keys: [VerificationKey], threshold: Int? = nil) {
    self.keys = keys
    self.threshold = threshold ?? keys.count / 2 + 1
  }

  public var count: Int { keys.count }

  /// What is wrong with it, if anything.
  func problem(_ role: String) -> String? {
    if keys.isEmpty { return "no \(role)" }
    if keys.count > OrderedJob.mostMembers { return "\(keys.count) \(role)s" }
    if Set(keys).count != keys.count { return "two \(role)s with the same key" }
    if threshold > keys.count || 2 * threshold <= keys.count {
      return "a quorum of \(threshold) among \(keys.count) \(role)s"
    }
    return nil
  }

  func isValid(_ signature: Signature, by member: Int, of statement: [UInt8]) -> Bool {
    keys.indices.contains(member) && keys[member].isValid(signature, for: statement)
  }

  /// Whether enough members signed, in ascending order, each once, and all of them validly.
  func isReached(by signatures: [MemberSignature], of statement: [UInt8]) -> Bool {
    guard signatures.count >= threshold else { return false }
    for (i, one) in signatures.enumerated() {
      guard i == 0 || signatures[i - 1].member < one.member,
        isValid(one.signature, by: one.member, of: statement)
      else { return false }
    }
    return true
  }
}

extension LedgerWriter {
  mutating func member(_ member: Int) { word(UInt32(member)) }

  mutating func signatures(_ signatures: [MemberSignature]) {
    word(UInt32(signatures.count))
    for one in signatures {
      member(one.member)
      raw(one.signature.bytes)
    }
  }
}

extension LedgerReader {
  mutating func member() throws(LedgerCodingError) -> Int {
    let member = Int(try word())
    guard member < OrderedJob.mostMembers else { throw .malformed("member") }
    return member
  }

  mutating func signature() throws(LedgerCodingError) -> Signature {
    Signature(bytes: try raw(Signature.byteCount))
  }

  mutating func signatures() throws(LedgerCodingError) -> [MemberSignature] {
    let count = try count(of: "signatures", size: 4 + Signature.byteCount)
    var signatures: [MemberSignature] = []
    for _ in 0..<count {
      let member = try member()
      signatures.append(MemberSignature(member: member, signature: try signature()))
    }
    return signatures
  }
}
