import Cryptography

/// Which block of a chain is not as it has to be, and what is wrong with it.
public struct ChainFault: Error, Hashable, CustomStringConvertible {
  /// The block's place, or the place at which its bytes stand.
  public let height: UInt64
  /// `nil` if the bytes do not make a block.
  public let hash: Digest?
  public let fault: BlockFault

  public init(height: UInt64, hash: Digest?, fault: BlockFault) {
    self.height = height
    self.hash = hash
    self.fault = fault
  }

  public var description: String {
    let name = hash.map { " (\($0.description.prefix(12))…)" } ?? ""
    return "block \(height)\(name): \(fault)"
  }
}

/// What is wrong with a block.
public enum BlockFault: Error, Hashable, CustomStringConvertible {
  case malformed(LedgerCodingError)
  /// A first block, or a chain, of another network.
  case otherNetwork(Digest, expected: Digest)
  case wrongHeight(expected: UInt64)
  case wrongLink
  case unknownParent
  case wrongDifficulty(UInt64, expected: UInt64)
  case noWork
  /// Not later than the median of the blocks before.
  case tooEarly(UInt64, median: UInt64)
  case fromFuture(milliseconds: UInt64, limit: UInt64)
  case tooManyTransactions(Int, limit: Int)
  case tooLarge(Int, limit: Int)
  case transaction(Int, TransactionRefusal)
  case application(ApplicationRefusal)
  case invalidAncestor

  public var description: String {
    switch self {
    case .malformed(let error): "\(error)"
    case .otherNetwork(let hash, let expected):
      "it belongs to network \(hash), and this is network \(expected)"
    case .wrongHeight(let expected): "it stands where block \(expected) has to be"
    case .wrongLink: "it does not name the hash of the block before it"
    case .unknownParent: "the block before it is not here"
    case .wrongDifficulty(let found, let expected):
      "it has difficulty \(found) where the chain asks for \(expected)"
    case .noWork: "its hash does not prove the work that its difficulty asks for"
    case .tooEarly(let time, let median):
      "it is dated \(time) ms, not later than the median \(median) ms of the blocks before it"
    case .fromFuture(let milliseconds, let limit):
      "it is dated \(milliseconds) ms ahead of this clock, and \(limit) are allowed; "
        + "check the clocks, or take it again later"
    case .tooManyTransactions(let count, let limit):
      "it has \(count) transactions, and the chain allows \(limit)"
    case .tooLarge(let count, let limit): "it has \(count) bytes, and the chain allows \(limit)"
    case .transaction(let index, let refusal): "transaction \(index): \(refusal)"
    case .application(let refusal): "\(refusal)"
    case .invalidAncestor: "it stands behind a block that is not valid"
    }
  }
}
