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
