/// Why a secret could not be shared or put together.
public enum SecretSharingError: Error, Equatable, CustomStringConvertible {
  /// The threshold and the number of holders do not satisfy 1 ≤ threshold ≤ holders ≤ 64.
  case parameters(threshold: Int, holders: Int)
  /// Fewer shares than the threshold.
  case tooFewShares(Int, threshold: Int)
  /// A share of a holder that does not exist.
  case unknownHolder(Int, holders: Int)
  /// Two shares of one holder.
  case repeatedHolder(Int)
  /// A share whose length is not that of the others.
  case length(Int, expected: Int, holder: Int)
  /// A word of a share is not an element of the field.
  case notAnElement(holder: Int, index: Int)
  /// A share beyond the threshold contradicts the others: at least one of them is wrong.
  case contradiction(holder: Int)

  public var description: String {
    switch self {
    case .parameters(let threshold, let holders):
      "\(threshold) of \(holders) shares: the threshold must be from 1 to the number of holders, "
        + "and holders at most \(SecretSharing.largestCount)"
    case .tooFewShares(let count, let threshold):
      "\(count) shares cannot give the secret; wait for \(threshold)"
    case .unknownHolder(let holder, let holders):
      "a share of holder \(holder), where holders are 0 to \(holders - 1)"
    case .repeatedHolder(let holder): "two shares of holder \(holder); leave one of them out"
    case .length(let count, let expected, let holder):
      "the share of holder \(holder) has \(count) elements instead of \(expected)"
    case .notAnElement(let holder, let index):
      "the share of holder \(holder) holds no field element at place \(index)"
    case .contradiction(let holder):
      "the share of holder \(holder) contradicts the others; at least one of them is wrong"
    }
  }
}
