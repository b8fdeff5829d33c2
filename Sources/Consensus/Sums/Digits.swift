import LinearAlgebra

/// Integers too wide for the prime field of p = 2³¹ - 1, as three digits that fit it.
///
/// |v| ≤ 2⁵³ is y₀ + 2¹⁸ y₁ + 2³⁶ y₂ with y₀ and y₁ in [-2¹⁷, 2¹⁷); the top digit takes what
/// remains, |y₂| ≤ 2¹⁷. Digits are added in the field like anything else, without carrying: the
/// sum of N of them is at most N · 2¹⁷ in magnitude and is known exactly while that is at most
/// (p - 1) / 2 = 2³⁰ - 1, which is so for N ≤ 8191 = 2¹³ - 1.
public enum Digits {
  /// Digits of a number.
  public static let count = 3
  /// The largest magnitude of a number, 2⁵³.
  public static let largestMagnitude: Int64 = 1 << 53
  /// The largest magnitude of a digit, 2¹⁷.
  public static let largestDigit: Int64 = 1 << 17
  /// How many numbers may be summed by their digits.
  public static let mostSummands = 8191

  /// The digits of numbers as field elements, `[3, values.count]`, lowest digits first.
  ///
  /// - Throws: ``DigitsError/outOfRange(value:index:)``.
  public static func encode(
    _ values: Span<Int64>, into digits: inout MutableSpan<UInt32>
  ) throws(DigitsError) {
    if let index = PrimeFieldVectors.encodeDigits(values, into: &digits) {
      throw .outOfRange(value: values[index], index: index)
    }
  }

  /// The sums of numbers from the sums of their digits modulo p, `[3, values.count]`.
  ///
  /// - Parameter summands: how many numbers were summed, 1 to ``mostSummands``. Digits that so
  ///   many cannot make are refused.
  /// - Throws: ``DigitsError/notASum(index:summands:)``, also for a sum beyond 64 bits.
  public static func decode(
    _ digits: Span<UInt32>, summands: Int, into values: inout MutableSpan<Int64>
  ) throws(DigitsError) {
    guard (1...mostSummands).contains(summands) else { throw .summands(summands) }
    let bound = Int64(summands) * largestDigit
    if let index = PrimeFieldVectors.decodeDigits(digits, bound: bound, into: &values) {
      throw .notASum(index: index, summands: summands)
    }
  }
}

/// Why integers could not be taken apart or put together.
public enum DigitsError: Error, Equatable, CustomStringConvertible {
  /// A number beyond ±2⁵³.
  case outOfRange(value: Int64, index: Int)
  /// Words that are no sum of the digits of so many numbers, or whose sum leaves 64 bits.
  case notASum(index: Int, summands: Int)
  /// More summands than digits leave room for, or none.
  case summands(Int)

  public var description: String {
    switch self {
    case .outOfRange(let value, let index):
      "\(value) at place \(index) is beyond ±\(Digits.largestMagnitude); scale it down"
    case .notASum(let index, let summands):
      "the digits at place \(index) are not those of a sum of \(summands) numbers within 64 bits"
    case .summands(let count):
      "digits of \(count) numbers: from 1 to \(Digits.mostSummands) can be summed"
    }
  }
}
