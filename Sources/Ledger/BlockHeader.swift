import Cryptography

/// The header of a mined block (BEMA 2020, Fig. 4): what is hashed, and what proves work.
///
/// The bytes under the hash, little-endian:
///
/// | offset | bytes | field |
/// |---|---|---|
/// | 0 | 8 | version |
/// | 8 | 8 | height |
/// | 16 | 32 | hash of the block before |
/// | 48 | 8 | time: milliseconds since 1 January 1970, UTC |
/// | 56 | 8 | difficulty |
/// | 64 | 32 | Merkle root of transactions and records |
/// | 96 | 32 | hash of the miner's information |
/// | 128 | 8 | nonce |
///
/// The nonce stands alone in the third block of SHA-256, so that the first two are hashed once for
/// all nonces.
public struct BlockHeader: Sendable, Hashable {
  /// The version that this program writes, and the only one that it reads.
  public static let version: UInt64 = 1
  /// Bytes of a header.
  public static let byteCount = 136
  static let nonceOffset = 128

  /// The place in the chain; 0 for the first block.
  public var height: UInt64
  /// The hash of the block before; 32 zeros in the first block.
  public var previous: Digest
  /// Milliseconds since 1 January 1970, UTC, by the miner's clock.
  public var time: UInt64
  /// The number of hashes that a nonce takes on average, at least 1; the block's work.
  public var difficulty: UInt64
  public var merkleRoot: Digest
  /// ``MinerInformation/hash``.
  public var minerHash: Digest
  public var nonce: UInt64

  /// - Precondition: a difficulty of at least 1.
  public init(
    height: UInt64, previous: Digest, time: UInt64, difficulty: UInt64, merkleRoot: Digest,
    minerHash: Digest, nonce: UInt64 = 0
  ) {
    precondition(difficulty > 0, "a difficulty of 0")
    self.height = height
    self.previous = previous
    self.time = time
    self.difficulty = difficulty
    self.merkleRoot = merkleRoot
    self.minerHash = minerHash
    self.nonce = nonce
  }

  /// 136 bytes.
  public var encoded: [UInt8] {
    var writer = LedgerWriter(reserving: Self.byteCount)
    writer.header(self)
    return writer.bytes
  }

  /// Double SHA-256 of ``encoded``. It is computed anew each time.
  public var hash: Digest { DoubleSHA256.hash(encoded) }
}

extension LedgerWriter {
  public mutating func header(_ header: BlockHeader) {
    long(BlockHeader.version)
    long(header.height)
    digest(header.previous)
    long(header.time)
    long(header.difficulty)
    digest(header.merkleRoot)
    digest(header.minerHash)
    long(header.nonce)
  }
}

extension LedgerReader {
  public mutating func header() throws(LedgerCodingError) -> BlockHeader {
    guard try long() == BlockHeader.version else { throw .malformed("version of a block") }
    let height = try long()
    let previous = try digest()
    let time = try long()
    let difficulty = try long()
    guard difficulty > 0 else { throw .malformed("difficulty") }
    let merkleRoot = try digest()
    let minerHash = try digest()
    return BlockHeader(
      height: height, previous: previous, time: time, difficulty: difficulty,
      merkleRoot: merkleRoot, minerHash: minerHash, nonce: try long())
  }
}
