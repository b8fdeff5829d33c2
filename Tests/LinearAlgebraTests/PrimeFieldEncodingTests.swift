import LinearAlgebra
import Testing

/// Signed numbers as elements of the field of p = 2³¹ - 1, and back.
@Suite struct PrimeFieldEncodingTests {
  static let p = Int64(PrimeFieldVectors.prime)
  static let half = PrimeFieldVectors.largestMagnitude
  static let counts = [0, 1, 3, 15, 16, 17, 33, 64, 101]

  static func element(_ v: Int64) -> UInt32 { UInt32(v < 0 ? p + v : v) }

  static func encode(_ v: [Float], _ scale: Float, _ bound: Float) -> (Int?, [UInt32]) {
    var y = [UInt32](repeating: 99, count: v.count)
    var span = y.mutableSpan
    let place = PrimeFieldVectors.encode(v.span, scale: scale, bound: bound, into: &span)
    return (place, y)
  }

  static func encode(_ v: [Int64], bound: Int64) -> (Int?, [UInt32]) {
    var y = [UInt32](repeating: 99, count: v.count)
    var span = y.mutableSpan
    let place = PrimeFieldVectors.encode(v.span, bound: bound, into: &span)
    return (place, y)
  }

  static func decode(_ y: [UInt32]) -> [Int64] {
    var v = [Int64](repeating: 99, count: y.count)
    var span = v.mutableSpan
    PrimeFieldVectors.decode(y.span, into: &span)
    return v
  }

  static func decode(_ y: [UInt32], scale: Float) -> [Float] {
    var v = [Float](repeating: .nan, count: y.count)
    var span = v.mutableSpan
    PrimeFieldVectors.decode(y.span, scale: scale, into: &span)
    return v
  }

  @Test(arguments: counts) func floatsGoToTheNearestStep(_ n: Int) {
    var values = SampleValues(seed: 31)
    // Halves and signs at the first places.
    let special: [Float] = [0, -0.0, 0.5 / 1024, 1.5 / 1024, -0.5 / 1024, -1.5 / 1024, 100, -100]
    let v = Array((special + values.floats(n, in: -100...100)).prefix(n))
    let (place, y) = Self.encode(v, 1024, 100)
    #expect(place == nil)
    let steps = v.map { Int64((Double($0) * 1024).rounded(.toNearestOrEven)) }
    #expect(y == steps.map(Self.element))
    #expect(Self.decode(y, scale: 1024) == steps.map { Float($0) / 1024 })
  }

  @Test func theWidestFloats() {
    let largest = Float(0x1p30).nextDown
    let v: [Float] = [largest, -largest, 0x1p29, -0x1p29, 1, -1]
    let (place, y) = Self.encode(v, 1, largest)
    #expect(place == nil)
    #expect(y == v.map { Self.element(Int64($0)) })
    #expect(Self.decode(y, scale: 1) == v)
  }

  @Test(arguments: counts) func floatsThatDoNotFitAreFound(_ n: Int) {
    let bad: [Float] = [.nan, -.nan, .infinity, -.infinity, Float(8).nextUp, -Float(8).nextUp]
    for place in 0..<n {
      for value in bad {
        var v = [Float](repeating: 8, count: n)
        v[place] = value
        // One behind it must not be taken for the first.
        if place + 1 < n { v[n - 1] = .nan }
        #expect(Self.encode(v, 16, 8).0 == place)
      }
    }
  }

  @Test(arguments: counts) func integersComeBack(_ n: Int) {
    var values = SampleValues(seed: 32)
    let edges = [0, 1, -1, Self.half, -Self.half]
    let random = (0..<n).map { _ in Int64(values.next() % UInt64(Self.p)) - Self.half }
    let v = Array((edges + random).prefix(n))
    let (place, y) = Self.encode(v, bound: Self.half)
    #expect(place == nil)
    #expect(y == v.map(Self.element))
    #expect(Self.decode(y) == v)
    for place in 0..<n {
      for value in [1001, -1001, Self.p, .max, .min] {
        var v = [Int64](repeating: -1000, count: n)
        v[place] = value
        #expect(Self.encode(v, bound: 1000).0 == place)
      }
    }
  }

  /// Sums of elements stand for sums of numbers.
  @Test func sumsComeBack() {
    let a: [Int64] = [Self.half - 5, -Self.half + 5, 17, -3]
    let b: [Int64] = [5, -5, -18, 3]
    var sum = Self.encode(a, bound: Self.half).1
    let other = Self.encode(b, bound: Self.half).1
    var span = sum.mutableSpan
    PrimeFieldVectors.add(other.span, to: &span)
    #expect(Self.decode(sum) == [Self.half, -Self.half, -1, 0])
  }
}
