import Consensus
import Testing

@Suite struct FixedPointTests {
  @Test(arguments: [1, 20, 40, 52]) func nearestMultiplesOfTheStep(bits: Int) throws {
    let fixedPoint = FixedPoint(fractionalBits: bits)
    let step = 1 / Double(1 << bits)
    for value in [0.0, 0.25, -0.3, 1.0 / 3, 0.999_999, -0.5 * step, 0.7 * step] {
      let decoded = fixedPoint.decode(try fixedPoint.encode(value))
      #expect((decoded - value).magnitude <= step / 2)
      #expect(fixedPoint.decode(try fixedPoint.encode(decoded)) == decoded)
    }
    #expect(try fixedPoint.encode(0.5) == Int64(1) << (bits - 1))
  }

  @Test func theRange() throws {
    let fixedPoint = FixedPoint()
    #expect(fixedPoint.limit == 8192)
    let inside = 8192.0.nextDown
    #expect(try fixedPoint.decode(fixedPoint.encode(-inside)) <= -8191.999)
    for value in [8192.0, -8192, 1e300, .infinity, -.infinity, .nan] {
      #expect(throws: ExactSumError.self) { try fixedPoint.encode(value) }
    }
    // A thousand participants at the limit still fit.
    let most = try fixedPoint.encode(inside)
    let sum = try ExactSum().sum([[Int64]](repeating: [most], count: 1000))
    #expect(fixedPoint.decode(sum[0]) > 8_191_999)
  }

  @Test func arraysNameThePlace() throws {
    let fixedPoint = FixedPoint(fractionalBits: 20)
    let values: [Float] = [1, -2.5, 0.125]
    var integers = [Int64](repeating: 7, count: 5)
    try fixedPoint.encode(values.span, into: &integers, at: 1)
    #expect(integers == [7, 1 << 20, -5 << 19, 1 << 17, 7])
    let broken: [Float] = [1, .nan]
    let error = #expect(throws: ExactSumError.self) {
      var target = [Int64](repeating: 0, count: 2)
      try fixedPoint.encode(broken.span, into: &target)
    }
    guard case .outOfRange(_, let index, _)? = error else {
      return #expect(Bool(false), "another error")
    }
    #expect(index == 1)
  }
}
