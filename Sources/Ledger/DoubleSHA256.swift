import Cryptography

/// SHA-256 of the SHA-256 of bytes: the hash of headers, transactions, the miner's information and
/// the nodes of Merkle trees (BEMA 2020, Sec. III-C-3c). Unlike the simple hash it cannot be
/// continued by somebody who knows the digest, but not the bytes.
public enum DoubleSHA256 {
  public static func hash(_ bytes: [UInt8]) -> Digest { SHA256.hash(SHA256.hash(bytes).bytes) }

  /// Goes on from what a hash has taken in.
  static func finalise(_ hash: consuming SHA256) -> Digest { SHA256.hash(hash.finalise().bytes) }
}
