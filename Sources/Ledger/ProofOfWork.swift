import Cryptography

/// Proof of work: a hash that is small.
///
/// The first 8 bytes of a block's hash, read as a big-endian number, must be at most 2⁶⁴ - 1 divided
/// by the difficulty (rounded down). A random hash is so with a probability of 1 / difficulty.
public enum ProofOfWork {
  /// Whether a hash is small enough.
  public static func isValid(_ hash: Digest, difficulty: UInt64) -> Bool {
    difficulty > 0 && leading(hash) <= UInt64.max / difficulty
  }

  /// The first nonce of `nonces` that makes the header's hash small enough.
  ///
  /// - Parameter proceed: asked every 256 nonces; `false` ends the search.
  public static func nonce(
    for header: BlockHeader, in nonces: Range<UInt64>, proceed: () -> Bool = { true }
  ) -> UInt64? {
    var start = SHA256()
    start.update(Array(header.encoded[..<BlockHeader.nonceOffset]))
    let limit = UInt64.max / header.difficulty
    var bytes = [UInt8](repeating: 0, count: 8)
    for nonce in nonces {
      if nonce & 255 == 255 && !proceed() { return nil }
      for i in 0..<8 { bytes[i] = UInt8(truncatingIfNeeded: nonce >> (8 * UInt64(i))) }
      var hash = start
      hash.update(bytes)
      if leading(DoubleSHA256.finalise(hash)) <= limit { return nonce }
    }
    return nil
  }

  /// The block with the first nonce that gives its hash enough work.
  public static func mine(_ block: MinedBlock) -> MinedBlock {
    guard let nonce = nonce(for: block.header, in: 0..<UInt64.max) else {
      preconditionFailure(
        "no nonce of 2⁶⁴ - 1 makes a hash for a difficulty of \(block.difficulty)")
    }
    return block.with(nonce: nonce)
  }

  private static func leading(_ hash: Digest) -> UInt64 {
    hash.bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
  }
}
