import Testing

@testable import Consensus

@Suite struct FieldElementTests {
  static let elements = [
    0, 1, 2, 3, 1 << 16, 1 << 30, (1 << 31) - 3, (1 << 31) - 2, 123_456_789,
  ].map { FieldElement($0) }

  @Test func classesOfIntegers() {
    let p = Int(FieldElement.prime)
    #expect(p == 2_147_483_647)
    #expect(FieldElement(p) == .zero)
    #expect(FieldElement(p + 1) == .one)
    #expect(FieldElement(-1).value == UInt32(p - 1))
    #expect(FieldElement(-p) == .zero)
    #expect(FieldElement(.max).value == UInt32(Int.max % p))
  }

  @Test func theAxiomsOfAField() {
    for a in Self.elements {
      #expect(a + .zero == a)
      #expect(a * .one == a)
      #expect(a + (-a) == .zero)
      if a != .zero { #expect(a * a.inverse() == .one) }
      for b in Self.elements {
        #expect(a + b == b + a)
        #expect(a * b == b * a)
        #expect((a - b) + b == a)
        for c in Self.elements {
          #expect((a + b) + c == a + (b + c))
          #expect((a * b) * c == a * (b * c))
          #expect(a * (b + c) == a * b + a * c)
        }
      }
    }
  }

  @Test func productsAndPowers() {
    // (p - 1)² = (-1)² and 2³¹ = p + 1 are both 1.
    #expect(FieldElement(-1) * FieldElement(-1) == .one)
    #expect(FieldElement(2).power(31) == .one)
    #expect(FieldElement(3).power(0) == .one)
    #expect(FieldElement(3).power(5).value == 243)
    #expect(FieldElement(7).power(FieldElement.prime - 1) == .one)
    #expect(FieldElement(2).inverse().value == 1 << 30)
  }

  /// A polynomial of degree below the number of nodes is known everywhere from its values there.
  @Test(arguments: 1...9) func interpolation(_ count: Int) {
    let coefficients = (0..<count).map { FieldElement(1_000_003 * ($0 + 1) * ($0 + 7)) }
    func value(_ x: FieldElement) -> FieldElement {
      coefficients.reversed().reduce(.zero) { $0 * x + $1 }
    }
    let nodes = (0..<count).map { FieldElement(3 * $0 * $0 + 1) }
    for point in Self.elements {
      let weights = FieldElement.interpolation(at: point, from: nodes)
      let sum = zip(weights, nodes).reduce(FieldElement.zero) { $0 + $1.0 * value($1.1) }
      #expect(sum == value(point))
    }
  }
}
