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
  }
}
