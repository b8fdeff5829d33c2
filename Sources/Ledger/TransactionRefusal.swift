/// Why a transaction is not taken.
public enum TransactionRefusal: Error, Hashable, CustomStringConvertible {
  case otherNetwork
  case badSignature
  /// A transaction with this number is on the chain already.
  case replayed(UInt64, next: UInt64)
  /// Transactions before this one are missing.
  case outOfSequence(UInt64, next: UInt64)
  /// Another transaction with this number waits already.
  case taken(UInt64)
  case known
  case tooLarge(Int, limit: Int)
  case senderHasTooMany(limit: Int)
  case poolIsFull
  /// By the application.
  case notAdmitted(String)

  public var description: String {
    switch self {
    case .otherNetwork: "the transaction is for the chain of another network"
    case .badSignature: "the transaction's signature is not its sender's"
    case .replayed(let sequence, let next):
      "the sender's transaction \(sequence) is on the chain already; its next has number \(next)"
    case .outOfSequence(let sequence, let next):
      "the sender's transaction \(sequence) stands where number \(next) has to be"
    case .taken(let sequence):
      "another transaction of the sender with number \(sequence) waits already"
    case .known: "the transaction waits already"
    case .tooLarge(let count, let limit):
      "the transaction has \(count) bytes, and the chain takes \(limit)"
    case .senderHasTooMany(let limit):
      "\(limit) transactions of the sender wait already; send again when some are mined"
    case .poolIsFull: "too many transactions wait; send again when some are mined"
    case .notAdmitted(let reason): "the transaction is refused: \(reason)"
    }
  }
}
