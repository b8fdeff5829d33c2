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

/// Numbers as integers with a fixed number of binary places, so that a sum over participants is
/// exact and no order of adding can change it.
public struct FixedPoint: Sendable, Hashable {
  /// The number of binary places.
  public let fractionalBits: Int
  /// The largest magnitude that one contribution may have; a thousand of them still fit.
  public var limit: Double { Double(1 << (53 - fractionalBits)) }

  /// - Parameter fractionalBits: 1 to 52; with 40, steps of 9e-13 up to ±8192.
  public init(fractionalBits: Int = 40) {
    precondition((1...52).contains(fractionalBits), "\(fractionalBits) binary places")
    self.fractionalBits = fractionalBits
  }

  private var scale: Double { Double(1 << fractionalBits) }

  /// The nearest multiples of the step.
  ///
  /// - Throws: ``ExactSumError/outOfRange(value:index:limit:)``.
  public func encode(
    _ values: Span<Float>, into integers: inout [Int64], at start: Int = 0
  ) throws(ExactSumError) {
    precondition(start + values.count <= integers.count, "no room for \(values.count) numbers")
    let scale = scale
    let bound = limit
    for i in 0..<values.count {
      let value = Double(values[i])
      // Written so that NaN fails as well.
      guard value.magnitude < bound else {
        throw .outOfRange(value: value, index: i, limit: bound)
      }
      integers[start + i] = Int64((value * scale).rounded())
    }
  }

  /// The nearest multiple of the step.
  ///
  /// - Throws: ``ExactSumError/outOfRange(value:index:limit:)``.
  public func encode(_ value: Double) throws(ExactSumError) -> Int64 {
    guard value.magnitude < limit else { throw .outOfRange(value: value, index: 0, limit: limit) }
    return Int64((value * scale).rounded())
  }

  /// The number that an integer stands for.
  public func decode(_ integer: Int64) -> Double { Double(integer) / scale }
}

/// How the contributions of all participants become their sum: the place of the network.
///
/// CollabDict 2024, Eqs. (14) and (35). An implementation sees integers, whose sum does not depend
/// on any order, and must return the same sum to everybody.
public protocol Aggregation: Sendable {
  /// The sum over the participants, element by element.
  func sum(_ contributions: [[Int64]]) throws -> [Int64]
}

/// The sum within one process.
public struct ExactSum: Aggregation {
  public init() {}

  /// - Throws: ``ExactSumError`` when lengths differ or the sum leaves the integers' range.
  public func sum(_ contributions: [[Int64]]) throws -> [Int64] {
    guard var total = contributions.first else { return [] }
    for part in contributions.dropFirst() {
      guard part.count == total.count else {
        throw ExactSumError.lengths(total.count, part.count)
      }
      for i in total.indices {
        let (sum, overflow) = total[i].addingReportingOverflow(part[i])
        if overflow { throw ExactSumError.overflow(index: i) }
        total[i] = sum
      }
    }
    return total
  }
}
