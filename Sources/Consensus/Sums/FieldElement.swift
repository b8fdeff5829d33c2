import LinearAlgebra

/// An element of the prime field of p = 2³¹ - 1, for coefficients; vectors of elements are spans
/// of `UInt32` (see `PrimeFieldVectors`).
public struct FieldElement: Sendable, Hashable, CustomStringConvertible {
  /// p = 2³¹ - 1.
  public static let prime: UInt32 = PrimeFieldVectors.prime
  public static let zero = FieldElement(0)
  public static let one = FieldElement(1)

  /// The representative in [0, p).
  public let value: UInt32

  /// The class of an integer modulo p.
  public init(_ integer: Int) {
    let p = Int(Self.prime)
    let remainder = integer % p
    value = UInt32(remainder < 0 ? remainder + p : remainder)
  }

  private init(product: UInt64) { value = UInt32(product % UInt64(Self.prime)) }

  public var description: String { "\(value)" }

  public static func + (a: Self, b: Self) -> Self {
    Self(product: UInt64(a.value) + UInt64(b.value))
  }

  public static func - (a: Self, b: Self) -> Self {
    Self(product: UInt64(a.value) + UInt64(prime - b.value))
  }

  public static func * (a: Self, b: Self) -> Self {
    Self(product: UInt64(a.value) * UInt64(b.value))
  }

  public static prefix func - (a: Self) -> Self { zero - a }

  /// The element to a power, by squaring; the zeroth is one.
  public func power(_ exponent: UInt32) -> Self {
    var result = Self.one
    var square = self
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = result * square }
      square = square * square
      rest >>= 1
    }
    return result
  }

  /// The element that makes one with this: its power p - 2 (Fermat).
  ///
  /// - Precondition: the element is not zero.
  public func inverse() -> Self {
    precondition(value != 0, "0 has no inverse modulo \(Self.prime)")
    return power(Self.prime - 2)
  }

  /// The coefficients with which the values at `nodes` of any polynomial of a degree below their
  /// number make its value at `point`, one a node (Lagrange).
  ///
  /// - Precondition: the nodes are distinct.
  static func interpolation(at point: Self, from nodes: [Self]) -> [Self] {
    nodes.indices.map { k in
      var numerator = Self.one
      var denominator = Self.one
      for j in nodes.indices where j != k {
        numerator = numerator * (point - nodes[j])
        denominator = denominator * (nodes[k] - nodes[j])
      }
      return numerator * denominator.inverse()
    }
  }
}
