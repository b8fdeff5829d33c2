/// Why numbers could not be summed exactly.
public enum ExactSumError: Error, Equatable, CustomStringConvertible {
  /// A value is NaN, infinite, or too large for the fixed-point range.
  case outOfRange(value: Double, index: Int, limit: Double)
  /// Two contributions have different lengths.
  case lengths(Int, Int)
  /// The sum left the range of the integers.
  case overflow(index: Int)

  public var description: String {
    switch self {
    case .outOfRange(let value, let index, let limit):
      "value \(value) at place \(index) does not fit the exact sum's range of ±\(limit); "
        + "lower the learning rate or clip the gradient"
    case .lengths(let a, let b): "contributions of \(a) and \(b) numbers cannot be added"
    case .overflow(let index): "the exact sum overflowed at place \(index)"
    }
  }
}
