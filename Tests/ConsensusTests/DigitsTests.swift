import Consensus
import LinearAlgebra
import Testing

@Suite struct DigitsTests {
  static let p = UInt64(FieldElement.prime)
  static let largest = Digits.largestMagnitude

  static func encode(_ values: [Int64]) throws -> [UInt32] {
    var digits = [UInt32](repeating: 0, count: 3 * values.count)
    var span = digits.mutableSpan
    try Digits.encode(values.span, into: &span)
    return digits
  }

  static func decode(_ digits: [UInt32], summands: Int) throws -> [Int64] {
    var values = [Int64](repeating: 99, count: digits.count / 3)
    var span = values.mutableSpan
    try Digits.decode(digits.span, summands: summands, into: &span)
    return values
  }

  /// As many times the same number, added in the field.
  static func times(_ count: Int, _ digits: [UInt32]) -> [UInt32] {
    digits.map { UInt32(UInt64($0) * UInt64(count) % p) }
  }

  static let edges: [Int64] = {
    var edges: [Int64] = [0, largest, -largest, largest - 1, -largest + 1]
    for power in [17, 18, 35, 36, 52] {
      for offset: Int64 in [-1, 0, 1] {
        edges += [1 << power + offset, -(1 << power) + offset]
      }
    }
    // Carries that run through all digits.
    edges += [0x1_ffff_7fff_ffff, (1 << 53) - (1 << 17), (1 << 53) - (1 << 17) - 1]
    return edges
  }()

  @Test(arguments: [0, 1, 15, 16, 17, 35, 100]) func numbersComeBack(_ count: Int) throws {
    var state = UInt64(count)
    let random = (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int64(bitPattern: state) >> 10
    }
    for values in [random, Array((Self.edges + random).prefix(count)), Self.edges] {
      let digits = try Self.encode(values)
      #expect(digits.allSatisfy { $0 < Self.p })
      #expect(try Self.decode(digits, summands: 1) == values)
    }
  }

  @Test func digitsAreBalanced() throws {
    let digits = try Self.encode(Self.edges)
    for (i, word) in digits.enumerated() {
      let digit = UInt64(word) > Self.p / 2 ? Int64(word) - Int64(Self.p) : Int64(word)
      #expect(digit.magnitude <= 1 << 17)
      if i < 2 * Self.edges.count { #expect(digit < 1 << 17) }
    }
    #expect(try Self.encode([5 + 7 << 18 - 3 << 36]) == [5, 7, UInt32(Self.p) - 3])
  }

  @Test func sumsOfManyNumbersAreExact() throws {
    // As large as 4096 summands of 64 bits may be, with digits that are all of one sign.
    let large: [Int64] = [
      (1 << 51) - 1, -(1 << 51), -(1 << 50) - (1 << 17) - (1 << 35), 0x1_fffd_ffff, -1, 1 << 17,
    ]
    let sum = Self.times(4096, try Self.encode(large))
    #expect(try Self.decode(sum, summands: 4096) == large.map { $0 << 12 })
    // The most summands: digits as large as p / 2 allows.
    let small: [Int64] = [-(1 << 17), -(1 << 17) - (1 << 35), 1 << 49, -(1 << 49) - 1]
    let most = Self.times(Digits.mostSummands, try Self.encode(small))
    #expect(try Self.decode(most, summands: Digits.mostSummands) == small.map { $0 * 8191 })
  }

  @Test func differentNumbersAdded() throws {
    var state: UInt64 = 5
    var sum = [Int64](repeating: 0, count: 37)
    var digits = [UInt32](repeating: 0, count: 3 * 37)
    for _ in 0..<1000 {
      let values = (0..<37).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int64(bitPattern: state) >> 10
      }
      let part = try Self.encode(values)
      var span = digits.mutableSpan
      PrimeFieldVectors.add(part.span, to: &span)
      for i in sum.indices { sum[i] += values[i] }
    }
    #expect(try Self.decode(digits, summands: 1000) == sum)
  }

  @Test(arguments: [0, 15, 16, 40]) func whatIsTooLargeIsRefused(_ place: Int) throws {
    for value in [Self.largest + 1, -Self.largest - 1, .max, .min] {
      var values = [Int64](repeating: Self.largest, count: 41)
      values[place] = value
      #expect(throws: DigitsError.outOfRange(value: value, index: place)) {
        try Self.encode(values)
      }
    }
  }

  @Test func sumsBeyondSixtyFourBits() throws {
    // 1024 · 2⁵³ = 2⁶³ is one too many; its negative fits just so.
    let up = Self.times(1024, try Self.encode([0, Self.largest]))
    #expect(throws: DigitsError.notASum(index: 1, summands: 1024)) {
      try Self.decode(up, summands: 1024)
    }
    let down = Self.times(1024, try Self.encode([-Self.largest]))
    #expect(try Self.decode(down, summands: 1024) == [.min])
    let lower = Self.times(1025, try Self.encode([-Self.largest]))
    #expect(throws: DigitsError.self) { try Self.decode(lower, summands: 1025) }
    // The top digit alone makes 2⁶³, and the lowest takes one away again.
    let edge = zip(up, Self.times(1024, try Self.encode([0, -1]))).map {
      UInt32((UInt64($0) + UInt64($1)) % Self.p)
    }
    #expect(try Self.decode(edge, summands: 2048) == [0, .max - 1023])
  }

  @Test(arguments: [0, 1, 2], [0, 15, 16, 20]) func wordsThatNoDigitsMakeAreRefused(
    _ digit: Int, _ place: Int
  ) throws {
    let good = try Self.encode([Int64](repeating: 3, count: 21))
    let limit = UInt32(7 << 17)
    for word in [limit + 1, UInt32(Self.p) - limit - 1, 1 << 30, UInt32(Self.p), .max] {
      var bad = good
      bad[digit * 21 + place] = word
      #expect(throws: DigitsError.notASum(index: place, summands: 7)) {
        try Self.decode(bad, summands: 7)
      }
    }
    for word in [limit, UInt32(Self.p) - limit] {
      var extreme = good
      extreme[digit * 21 + place] = word
      #expect(throws: Never.self) { try Self.decode(extreme, summands: 7) }
    }
  }

  @Test func moreSummandsThanFit() throws {
    for count in [0, -1, Digits.mostSummands + 1] {
      #expect(throws: DigitsError.summands(count)) { try Self.decode([0, 0, 0], summands: count) }
    }
    // One more of the largest digit would pass p / 2.
    #expect(Int64(Digits.mostSummands) * Digits.largestDigit <= PrimeFieldVectors.largestMagnitude)
    #expect(
      Int64(Digits.mostSummands + 1) * Digits.largestDigit > PrimeFieldVectors.largestMagnitude)
  }
}
