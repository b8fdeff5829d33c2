internal import CSodium

/// An Ed25519 signature (RFC 8032).
public struct Signature: Sendable, Hashable {
  public static let byteCount = 64

  /// 64 bytes.
  public let bytes: [UInt8]

  /// - Precondition: 64 bytes.
  public init(bytes: [UInt8]) {
    precondition(bytes.count == Self.byteCount, "a signature of \(bytes.count) bytes instead of 64")
    self.bytes = bytes
  }
}

/// The public half of an Ed25519 key: tells who signed.
public struct VerificationKey: Sendable, Hashable, CustomStringConvertible {
  public static let byteCount = 32

  /// 32 bytes.
  public let bytes: [UInt8]

  /// - Precondition: 32 bytes.
  public init(bytes: [UInt8]) {
    precondition(bytes.count == Self.byteCount, "a key of \(bytes.count) bytes instead of 32")
    self.bytes = bytes
  }

  /// Whether the holder of this key signed the message.
  public func isValid(_ signature: Signature, for message: [UInt8]) -> Bool {
    Sodium.prepare()
    return unsafe crypto_sign_verify_detached(
      signature.bytes, message, UInt64(message.count), bytes) == 0
  }

  public var description: String { Hexadecimal.text(bytes) }
}

/// An Ed25519 key (RFC 8032). Signatures are deterministic.
public struct SigningKey: Sendable {
  /// 32 secret bytes, from which the key is made.
  public let seed: [UInt8]
  public let verificationKey: VerificationKey
  private let secret: [UInt8]

  /// The key of a seed.
  ///
  /// - Precondition: 32 bytes.
  public init(seed: [UInt8]) {
    precondition(seed.count == 32, "a seed of \(seed.count) bytes instead of 32")
    Sodium.prepare()
    var open = [UInt8](repeating: 0, count: 32)
    var secret = [UInt8](repeating: 0, count: 64)
    _ = unsafe crypto_sign_seed_keypair(&open, &secret, seed)
    self.seed = seed
    self.secret = secret
    verificationKey = VerificationKey(bytes: open)
  }

  /// A new key from secure randomness.
  public static func random() -> SigningKey { SigningKey(seed: SecureRandom.bytes(32)) }

  /// Signs a message.
  public func signature(for message: [UInt8]) -> Signature {
    var signature = [UInt8](repeating: 0, count: Signature.byteCount)
    _ = unsafe crypto_sign_detached(
      &signature, nil, message, UInt64(message.count), secret)
    return Signature(bytes: signature)
  }
}
