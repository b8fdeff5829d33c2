internal import CSodium

/// 32 secret bytes that two parties share, or one keeps.
public struct SymmetricKey: Sendable {
  public static let byteCount = 32
  /// Bytes that sealing adds.
  public static let sealOverhead = 16

  /// 32 bytes. Never print them.
  public let bytes: [UInt8]

  /// - Precondition: 32 bytes.
  public init(bytes: [UInt8]) {
    precondition(bytes.count == Self.byteCount, "a key of \(bytes.count) bytes instead of 32")
    self.bytes = bytes
  }

  /// A new key from secure randomness.
  public static func random() -> SymmetricKey { SymmetricKey(bytes: SecureRandom.bytes(32)) }

  /// A key for one purpose. Keys of different labels tell nothing of one another (BLAKE2b with this
  /// key, RFC 7693).
  public func derived(for label: [UInt8]) -> SymmetricKey {
    Sodium.prepare()
    var derived = [UInt8](repeating: 0, count: 32)
    _ = unsafe crypto_generichash(&derived, 32, label, UInt64(label.count), bytes, 32)
    return SymmetricKey(bytes: derived)
  }

  /// Encrypts and authenticates (ChaCha20-Poly1305, RFC 8439).
  ///
  /// - Parameters:
  ///   - number: never twice with the same key.
  ///   - context: what is authenticated beside the message, and not encrypted.
  /// - Returns: 16 bytes more than the message.
  public func seal(_ message: [UInt8], number: UInt64, context: [UInt8]) -> [UInt8] {
    Sodium.prepare()
    var sealed = [UInt8](repeating: 0, count: message.count + Self.sealOverhead)
    var count: UInt64 = 0
    let nonce = [0, 0, 0, 0] + littleEndian(number)
    _ = unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
      &sealed, &count, message, UInt64(message.count), context, UInt64(context.count), nil, nonce,
      bytes)
    return sealed
  }

  /// The message, or `nil` if anything about it is not as it was sealed.
  public func open(_ sealed: [UInt8], number: UInt64, context: [UInt8]) -> [UInt8]? {
    Sodium.prepare()
    guard sealed.count >= Self.sealOverhead else { return nil }
    var message = [UInt8](repeating: 0, count: sealed.count - Self.sealOverhead)
    var count: UInt64 = 0
    let nonce = [0, 0, 0, 0] + littleEndian(number)
    let outcome = unsafe message.withUnsafeMutableBufferPointer { buffer in
      // An empty array has no address, and the library wants one.
      var nothing: UInt8 = 0
      return unsafe withUnsafeMutablePointer(to: &nothing) { none in
        unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
          buffer.baseAddress ?? none, &count, nil, sealed, UInt64(sealed.count), context,
          UInt64(context.count), nonce, bytes)
      }
    }
    return outcome == 0 ? message : nil
  }
}
