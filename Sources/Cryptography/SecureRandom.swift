internal import CSodium

/// Randomness that nobody can predict, from the operating system: for keys, masks and shares.
///
/// Noise that must be reproducible comes from `Randomness` instead.
public enum SecureRandom {
  /// As many random bytes.
  public static func bytes(_ count: Int) -> [UInt8] {
    Sodium.prepare()
    var bytes = [UInt8](repeating: 0, count: count)
    unsafe randombytes_buf(&bytes, count)
    return bytes
  }
}

/// A ChaCha20 key stream (RFC 8439 with a 64-bit nonce): as many random words as one likes from a
/// secret key. Without the key they cannot be told from random ones.
public struct KeyStream {
  private let key: SymmetricKey
  private let nonce: [UInt8]
  private var block: UInt64 = 0

  /// - Parameter nonce: streams of the same key with different nonces have nothing in common.
  public init(key: SymmetricKey, nonce: UInt64) {
    Sodium.prepare()
    self.key = key
    self.nonce = littleEndian(nonce)
  }

  /// The next words. Each call starts a new block of 16 words, whatever the last one left.
  public mutating func fill(_ words: inout MutableSpan<UInt32>) {
    let count = 4 * words.count
    unsafe words.withUnsafeMutableBytes { bytes in
      guard let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
        return
      }
      // XOR with zeros is the stream itself.
      unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
      _ = unsafe crypto_stream_chacha20_xor_ic(
        start, start, UInt64(count), nonce, block, key.bytes)
    }
    block += UInt64((count + 63) / 64)
  }

  /// Eight random bytes as a number. For few numbers: a block of 64 bytes is spent on each.
  public mutating func next() -> UInt64 {
    var words: [UInt32] = [0, 0]
    var span = words.mutableSpan
    fill(&span)
    return UInt64(words[0]) | UInt64(words[1]) << 32
  }
}

func littleEndian(_ value: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
}
