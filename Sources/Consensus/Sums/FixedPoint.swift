/// Wide numbers as integers with a fixed number of binary places: losses, moments and whatever else
/// needs more than an element of the field (``FieldVector``) has room for.
public struct FixedPoint: Sendable, Hashable {
  /// The number of binary places.
  public let fractionalBits: Int
  /// The largest magnitude that one contribution may have.
  public var limit: Double { Double(1 << (53 - fractionalBits)) }

  /// - Parameter fractionalBits: 1 to 52; with 40, steps of 9e-13 up to ±8192.
  public init(fractionalBits: Int = 40) {
    precondition((1...52).contains(fractionalBits), "\(fractionalBits) binary places")
    self.fractionalBits = fractionalBits
  }

  private var scale: Double { Double(1 << fractionalBits) }

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
