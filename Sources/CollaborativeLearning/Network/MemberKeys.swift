import Cryptography

/// The three secret keys of a member. They never leave the member's machine.
public struct MemberKeys: Sendable {
  /// The name under which others know the member.
  public let name: String
  /// Where the member can be reached; `nil` if that is said when a network is made.
  public let address: NetworkAddress?
  /// Ed25519: for network files and messages.
  public let signing: SigningKey
  /// X25519: for the connections themselves (ZeroMQ CURVE).
  public let transport: AgreementKey
  /// X25519: for messages to one member that travel through others.
  public let agreement: AgreementKey

  /// - Throws: ``NetworkError`` if `name` cannot be a name.
  public init(
    name: String, address: NetworkAddress?, signing: SigningKey, transport: AgreementKey,
    agreement: AgreementKey
  ) throws(NetworkError) {
    try NetworkName.check(name, at: "name")
    self.name = name
    self.address = address
    self.signing = signing
    self.transport = transport
    self.agreement = agreement
  }

  /// New keys from secure randomness.
  ///
  /// - Throws: ``NetworkError`` if `name` cannot be a name.
  public static func random(
    name: String, address: NetworkAddress? = nil
  ) throws(NetworkError) -> MemberKeys {
    try MemberKeys(
      name: name, address: address, signing: .random(), transport: .random(), agreement: .random())
  }

  /// What the others get to see, signed.
  public var card: MemberCard {
    let bytes = MemberCard.canonicalBytes(
      name, address, signing.verificationKey, transport.publicKey, agreement.publicKey)
    return MemberCard(
      name: name, address: address, signingKey: signing.verificationKey,
      transportKey: transport.publicKey, agreementKey: agreement.publicKey,
      signature: signing.signature(for: bytes))
  }
}

/// The public halves of a member's keys under its own signature: what it hands to the others.
///
/// The signature does not say who somebody is. It says that all parts of the card come from the
/// holder of the signing key, so that a card that was mixed up or damaged is noticed.
public struct MemberCard: Sendable, Equatable {
  public let name: String
  public let address: NetworkAddress?
  public let signingKey: VerificationKey
  public let transportKey: AgreementPublicKey
  public let agreementKey: AgreementPublicKey
  public let signature: Signature

  public init(
    name: String, address: NetworkAddress?, signingKey: VerificationKey,
    transportKey: AgreementPublicKey, agreementKey: AgreementPublicKey, signature: Signature
  ) {
    self.name = name
    self.address = address
    self.signingKey = signingKey
    self.transportKey = transportKey
    self.agreementKey = agreementKey
    self.signature = signature
  }

  /// Whether the card is as its owner signed it.
  public var isGenuine: Bool {
    signingKey.isValid(
      signature,
      for: Self.canonicalBytes(name, address, signingKey, transportKey, agreementKey))
  }

  /// The member of a network that this card describes.
  ///
  /// - Parameter other: an address instead of the card's own.
  /// - Throws: ``NetworkError`` if neither says where the member can be reached.
  public func member(
    at other: NetworkAddress? = nil
  ) throws(NetworkError) -> Network.Member {
    guard let address = other ?? address else {
      throw NetworkError(
        "nothing says where \(name) can be reached", at: "address",
        remedy: "give its address, as in --address \(name)=tcp://host:port")
    }
    return Network.Member(
      name: name, address: address, signingKey: signingKey, transportKey: transportKey,
      agreementKey: agreementKey)
  }

  /// Name, address and the three keys, in ``CanonicalBytes``.
  fileprivate static func canonicalBytes(
    _ name: String, _ address: NetworkAddress?, _ signing: VerificationKey,
    _ transport: AgreementPublicKey, _ agreement: AgreementPublicKey
  ) -> [UInt8] {
    var bytes = CanonicalBytes(domain: "collabdict member card 1")
    bytes.append(name)
    bytes.append(optional: address) { $0.append($1.description) }
    bytes.append(signing.bytes)
    bytes.append(transport.bytes)
    bytes.append(agreement.bytes)
    return bytes.bytes
  }
}
