/// Why numbers could not be summed exactly.
public enum ExactSumError: Error, Equatable, CustomStringConvertible {
  /// A value is NaN, infinite, or too large for the fixed-point range.
  case outOfRange(value: Double, index: Int, limit: Double)
  /// Two contributions have different lengths.
  case lengths(Int, Int)
  /// What came back is no sum of so many contributions.
  case notASum(participants: Int)

  public var description: String {
    switch self {
    case .outOfRange(let value, let index, let limit):
      "value \(value) at place \(index) does not fit the exact sum's range of ±\(limit); "
        + "lower the learning rate or clip the gradient"
    case .lengths(let a, let b): "contributions of \(a) and \(b) numbers cannot be added"
    case .notASum(let participants):
      "what came back is no sum of \(participants) contributions; the members do not run the same "
        + "version, or not with the same settings"
    }
  }
}
