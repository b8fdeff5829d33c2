internal import CSodium

/// SHA-256 (FIPS 180-4).
public struct SHA256 {
  private var state = crypto_hash_sha256_state()

  public init() {
    Sodium.prepare()
    _ = unsafe crypto_hash_sha256_init(&state)
  }

  /// Takes in more bytes.
  public mutating func update(_ bytes: [UInt8]) {
    _ = unsafe crypto_hash_sha256_update(&state, bytes, UInt64(bytes.count))
  }

  /// Takes in the memory of plain numbers, in this machine's byte order.
  public mutating func update<T: BitwiseCopyable>(memoryOf values: Span<T>) {
    unsafe values.withUnsafeBytes { bytes in
      let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      _ = unsafe crypto_hash_sha256_update(&state, start, UInt64(bytes.count))
    }
  }

  /// The digest of everything taken in.
  public consuming func finalise() -> Digest {
    var digest = [UInt8](repeating: 0, count: Digest.byteCount)
    _ = unsafe crypto_hash_sha256_final(&state, &digest)
    return Digest(bytes: digest)
  }

  /// The digest of some bytes.
  public static func hash(_ bytes: [UInt8]) -> Digest {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalise()
  }
}
