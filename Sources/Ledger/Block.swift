import Cryptography

/// A block of a chain: what was settled at one height, and the hash of the block before.
///
/// The hash is SHA-256 over height, previous hash, time and the payload's own digest. ``seal`` is not
/// under it: it proves that the block was accepted (votes under the hash, or a number that makes a
/// second hash small), so it can only be made once the hash is known. What payload and seal mean is
/// the protocol's affair.
public struct Block: Sendable, Hashable {
  /// The place in the chain; 0 for the first block.
  public let height: UInt64
  /// The hash of the block before; 32 zeros in the first block.
  public let previous: Digest
  /// Milliseconds since the start of the protocol's clock; never before the block before.
  public let time: UInt64
  public let payload: [UInt8]
  public var seal: [UInt8]
  public let hash: Digest

  /// The ``previous`` of a first block.
  public static let origin = Digest(bytes: [UInt8](repeating: 0, count: Digest.byteCount))
  /// Bytes that a payload or a seal may have at most.
  public static let largestPart = 1 << 28

  public init(
    height: UInt64, previous: Digest, time: UInt64, payload: [UInt8], seal: [UInt8] = []
  ) {
    precondition(
      payload.count <= Self.largestPart && seal.count <= Self.largestPart,
      "a payload of \(payload.count) bytes and a seal of \(seal.count)")
    self.height = height
    self.previous = previous
    self.time = time
    self.payload = payload
    self.seal = seal
    var writer = LedgerWriter()
    writer.raw(Array("collabdict block 1".utf8))
    writer.long(height)
    writer.digest(previous)
    writer.long(time)
    writer.digest(SHA256.hash(payload))
    hash = SHA256.hash(writer.bytes)
  }

  /// The canonical bytes: a block has no others, and others are no block.
  public var encoded: [UInt8] {
    var writer = LedgerWriter(reserving: payload.count + seal.count + 64)
    writer.block(self)
    return writer.bytes
  }

  /// - Throws: ``LedgerCodingError``.
  public init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    self = try reader.block()
    try reader.finish()
  }

  /// Checks that this block stands behind `head`, or is a first block where there is none.
  ///
  /// - Throws: ``ChainError``.
  public func check(follows head: Block?) throws(ChainError) {
    let expected = head.map { $0.height + 1 } ?? 0
    guard height == expected else { throw .wrongHeight(height, expected: expected) }
    guard previous == head?.hash ?? Self.origin else { throw .wrongLink(height) }
    guard time >= head?.time ?? 0 else { throw .backInTime(height) }
  }
}

/// Why a block does not belong where it is.
public enum ChainError: Error, Hashable, CustomStringConvertible {
  case wrongHeight(UInt64, expected: UInt64)
  case wrongLink(UInt64)
  case backInTime(UInt64)
  case notFirst
  case unknownParent(UInt64)
  case unknownBlock(Digest)

  public var description: String {
    switch self {
    case .wrongHeight(let height, let expected):
      "block \(height) stands where block \(expected) has to be"
    case .wrongLink(let height): "block \(height) does not name the hash of the block before it"
    case .backInTime(let height): "block \(height) is dated before the block before it"
    case .notFirst: "the chain has no first block"
    case .unknownParent(let height): "the block before block \(height) is not here"
    case .unknownBlock(let hash): "there is no block \(hash)"
    }
  }
}
