import Cryptography

/// What is common to the blocks of all kinds of chains: a place, a hash, the hash of the block
/// before, and canonical bytes.
///
/// ``Block`` has an opaque payload and is settled by votes; ``MinedBlock`` has transactions and is
/// settled by proof of work. Stores keep either.
public protocol ChainedBlock: Sendable, Hashable {
  /// The place in the chain; 0 for the first block.
  var height: UInt64 { get }
  /// The hash of the block before; 32 zeros in the first block.
  var previous: Digest { get }
  var hash: Digest { get }
  /// The canonical bytes: a block has no others, and others are no block.
  var encoded: [UInt8] { get }

  /// - Throws: ``LedgerCodingError``.
  init(decoding bytes: [UInt8]) throws(LedgerCodingError)

  /// Checks that this block stands behind `head`, or is a first block where there is none.
  ///
  /// - Throws: ``ChainError``.
  func check(follows head: Self?) throws(ChainError)
}

extension Block: ChainedBlock {}
