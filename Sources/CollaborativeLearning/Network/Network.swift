import Cryptography

/// Who learns together, under which terms: what every member has signed.
///
/// A network is a value: it knows no file and no clock. Its first version (sequence 0) is signed by
/// all members. Each later version is one change, a joining or a leaving; it holds the version
/// before it as a whole and is signed by more than half of the members present there
/// (see ``check()``).
///
/// A value of this type is sound in itself: names and keys are unique, three or more members are
/// present, the terms can be met. Whether it is signed, and follows from the version before it, is
/// what ``check()`` says.
public struct Network: Sendable, Equatable {
  /// One of those who learn together.
  public struct Member: Sendable, Equatable {
    public let name: String
    public let address: NetworkAddress
    /// For network files and messages.
    public let signingKey: VerificationKey
    /// For connections.
    public let transportKey: AgreementPublicKey
    /// For sealed messages.
    public let agreementKey: AgreementPublicKey
    /// Whether the member takes no part any more. Its index stays its own.
    public let hasLeft: Bool

    public init(
      name: String, address: NetworkAddress, signingKey: VerificationKey,
      transportKey: AgreementPublicKey, agreementKey: AgreementPublicKey, hasLeft: Bool = false
    ) {
      self.name = name
      self.address = address
      self.signingKey = signingKey
      self.transportKey = transportKey
      self.agreementKey = agreementKey
      self.hasLeft = hasLeft
    }

    /// The same member, gone.
    var gone: Member {
      Member(
        name: name, address: address, signingKey: signingKey, transportKey: transportKey,
        agreementKey: agreementKey, hasLeft: true)
    }
  }

  /// What a version does to the one before it.
  public enum Change: Sendable, Equatable {
    /// This member is new.
    case join(String)
    /// This member leaves, by its own will or by that of the others.
    case leave(String)

    /// The member that the change is about.
    public var member: String {
      switch self {
      case .join(let name), .leave(let name): name
      }
    }
  }

  public let name: String
  /// The number of changes since the first version.
  public let sequence: Int
  /// In an order that never changes: a member's index is its number in every version.
  public let members: [Member]
  public let terms: NetworkTerms
  /// `nil` in the first version.
  public let change: Change?
  /// The digest of the version before; `nil` in the first version.
  public let predecessorDigest: Digest?
  /// Signatures by the names of members. That they are good is for ``check()`` to say.
  public let signatures: [String: Signature]
  /// What is signed, in short. Signatures are no part of it.
  public let digest: Digest
  /// The version before, or nothing: an array, because a structure cannot hold itself.
  private let earlier: [Network]

  /// The most changes of a network; then its members make a new one.
  public static let mostChanges = 64
  /// The most members of a network, with those who have left.
  public static let mostMembers = 1024

  /// A version from its parts, as a file holds them.
  ///
  /// - Throws: ``NetworkError`` if it is not sound in itself.
  public init(
    name: String, sequence: Int, members: [Member], terms: NetworkTerms, change: Change?,
    predecessorDigest: Digest?, predecessor: Network?, signatures: [String: Signature]
  ) throws(NetworkError) {
    self.name = name
    self.sequence = sequence
    self.members = members
    self.terms = terms
    self.change = change
    self.predecessorDigest = predecessorDigest
    self.signatures = signatures
    earlier = predecessor.map { [$0] } ?? []
    digest = SHA256.hash(
      Self.canonicalBytes(name, sequence, members, terms, change, predecessorDigest))
    try checkSoundness()
  }

  /// The first version of a network, yet unsigned.
  ///
  /// - Throws: ``NetworkError`` if members or terms cannot be so.
  public init(name: String, members: [Member], terms: NetworkTerms) throws(NetworkError) {
    try self.init(
      name: name, sequence: 0, members: members, terms: terms, change: nil, predecessorDigest: nil,
      predecessor: nil, signatures: [:])
  }

  /// The version before; `nil` in the first.
  public var predecessor: Network? { earlier.first }

  public var training: TrainingConfiguration { terms.training }
  public var variables: NetworkVariables? { terms.variables }
  public var links: NetworkLinks { terms.links }
  public var sum: NetworkSum { terms.sum }
  public var privacy: NetworkPrivacy { terms.privacy }
  public var tolerance: Double { terms.tolerance }
  public var deadlines: NetworkDeadlines { terms.deadlines }

  /// The indices of the members that have not left, in order.
  public var presentMembers: [Int] { members.indices.filter { !members[$0].hasLeft } }

  /// How many of the present members are more than half of them.
  public var quorum: Int { presentMembers.count / 2 + 1 }

  /// Of Shamir's secret sharing: how many shares are given out now, and how many open one value;
  /// `nil` if `privacy` is another. When fewer members are present than shares were agreed, each
  /// gets one; the threshold is always the one that was signed.
  public var shares: (threshold: Int, count: Int)? {
    guard case .shamir(let threshold, let count) = privacy else { return nil }
    return (threshold, min(count, presentMembers.count))
  }

  /// The index of the member that signs with a key, present or not.
  public func index(of key: VerificationKey) -> Int? {
    members.firstIndex { $0.signingKey == key }
  }

  /// The index of the member of a name, present or not.
  public func index(named name: String) -> Int? { members.firstIndex { $0.name == name } }
}
