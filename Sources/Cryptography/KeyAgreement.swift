internal import CSodium

/// The public half of an X25519 key (RFC 7748); also the public key of a ZeroMQ CURVE socket.
public struct AgreementPublicKey: Sendable, Hashable, CustomStringConvertible {
  public static let byteCount = 32

  /// 32 bytes.
  public let bytes: [UInt8]

  /// - Precondition: 32 bytes.
  public init(bytes: [UInt8]) {
    precondition(bytes.count == Self.byteCount, "a key of \(bytes.count) bytes instead of 32")
    self.bytes = bytes
  }

  public var description: String { Hexadecimal.text(bytes) }
}

/// An X25519 key (RFC 7748): two parties who know each other's public half get the same secret.
public struct AgreementKey: Sendable {
  /// 32 secret bytes.
  public let secret: [UInt8]
  public let publicKey: AgreementPublicKey

  /// The key of some secret bytes.
  ///
  /// - Precondition: 32 bytes.
  public init(secret: [UInt8]) {
    precondition(secret.count == 32, "a secret of \(secret.count) bytes instead of 32")
    Sodium.prepare()
    var open = [UInt8](repeating: 0, count: 32)
    _ = unsafe crypto_scalarmult_base(&open, secret)
    self.secret = secret
    publicKey = AgreementPublicKey(bytes: open)
  }

  /// A new key from secure randomness.
  public static func random() -> AgreementKey { AgreementKey(secret: SecureRandom.bytes(32)) }

  /// The secret that the holders of both keys can compute; `nil` for a public key that no honest
  /// party has (a point of small order).
  public func sharedKey(with other: AgreementPublicKey) -> SymmetricKey? {
    var shared = [UInt8](repeating: 0, count: 32)
    guard unsafe crypto_box_beforenm(&shared, other.bytes, secret) == 0 else { return nil }
    return SymmetricKey(bytes: shared)
  }
}
