import LinearAlgebra
import Testing

/// Vectors over the field of p = 2³¹ - 1 beside plain arithmetic of 64 bits.
@Suite struct PrimeFieldVectorsTests {
  static let p = UInt64(PrimeFieldVectors.prime)
  static let counts = [0, 1, 2, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 100, 257]

  /// Elements of which every third is at an edge: 0, 1, 2, p - 2, p - 1.
  static func elements(_ count: Int, _ values: inout SampleValues) -> [UInt32] {
    let edges: [UInt64] = [0, 1, 2, p - 2, p - 1]
    return (0..<count).map { _ in
      let word = values.next()
      return UInt32(word % 3 == 0 ? edges[Int(word >> 32) % edges.count] : (word >> 8) % p)
    }
  }

  /// Runs the body on a part of a buffer that starts anywhere; what is around it must stay.
  static func write(
    _ initial: [UInt32], at start: Int, _ body: (inout MutableSpan<UInt32>) -> Void
  ) -> [UInt32] {
    let guards = [UInt32](repeating: 123, count: 40)
    var memory = Array(guards[..<start]) + initial + guards
    var whole = memory.mutableSpan
    var part = whole._mutatingExtracting(start..<start + initial.count)
    body(&part)
    #expect(memory[..<start].allSatisfy { $0 == 123 })
    #expect(memory[(start + initial.count)...].allSatisfy { $0 == 123 })
    return Array(memory[start..<start + initial.count])
  }

  @Test(arguments: counts, [0, 1, 7]) func sumsAndDifferences(_ n: Int, _ start: Int) {
    var values = SampleValues(seed: 21)
    let x = Self.elements(n + start, &values)
    let y = Self.elements(n, &values)
    let tail = Array(x[start...])
    let sum = Self.write(y, at: start) {
      PrimeFieldVectors.add(x.span.extracting(start...), to: &$0)
    }
    #expect(sum == zip(tail, y).map { UInt32((UInt64($0) + UInt64($1)) % Self.p) })
    let difference = Self.write(y, at: start) {
      PrimeFieldVectors.subtract(x.span.extracting(start...), from: &$0)
    }
    #expect(difference == zip(tail, y).map { UInt32((UInt64($1) + Self.p - UInt64($0)) % Self.p) })
  }

  static func combination(_ vectors: [[UInt32]], _ coefficients: [UInt32], _ n: Int) -> [UInt32] {
    (0..<n).map { i in
      var sum: UInt64 = 0
      for (vector, c) in zip(vectors, coefficients) {
        sum = (sum + UInt64(vector[i]) * UInt64(c) % p) % p
      }
      return UInt32(sum)
    }
  }

  @Test(arguments: counts, [1, 2, 3, 4, 5, 6, 8, 9, 16, 64]) func combinations(
    _ n: Int, _ terms: Int
  ) {
    var values = SampleValues(seed: 22)
    let vectors = (0..<terms).map { _ in Self.elements(n, &values) }
    let coefficients = Self.elements(terms, &values)
    let expected = Self.combination(vectors, coefficients, n)
    let zeros = [UInt32](repeating: 0, count: n)
    let apart = Self.write(zeros, at: terms % 5) {
      PrimeFieldVectors.combine(vectors, coefficients: coefficients.span, into: &$0)
    }
    #expect(apart == expected)
    // The same with rows that are longer than the result.
    let rows: [UInt32] = vectors.dropFirst().flatMap { $0 + [5, 6, 7] }
    let first = vectors[0]
    let together = Self.write(zeros, at: terms % 3) {
      PrimeFieldVectors.combine(
        first.span, rows: rows.span, stride: n + 3, coefficients: coefficients.span, into: &$0)
    }
    #expect(together == expected)
  }

  /// Nothing is lost where every product and every partial sum is as large as can be.
  @Test(arguments: 1...64) func theLargestCombination(_ terms: Int) {
    let n = 49
    let most = UInt32(Self.p - 1)
    let vectors = [[UInt32]](repeating: [UInt32](repeating: most, count: n), count: terms)
    let coefficients = [UInt32](repeating: most, count: terms)
    let result = Self.write([UInt32](repeating: 0, count: n), at: 1) {
      PrimeFieldVectors.combine(vectors, coefficients: coefficients.span, into: &$0)
    }
    // (p - 1)² is 1.
    #expect(result == [UInt32](repeating: UInt32(terms), count: n))
  }

  @Test func nothingCombinesToZero() {
    let none: [UInt32] = []
    let result = Self.write([7, 8, 9], at: 0) {
      PrimeFieldVectors.combine([], coefficients: none.span, into: &$0)
    }
    #expect(result == [0, 0, 0])
  }

  @Test(arguments: counts) func wordsThatAreNoElementsAreFound(_ n: Int) {
    var values = SampleValues(seed: 23)
    let good = Self.elements(n, &values)
    #expect(PrimeFieldVectors.firstOther(in: good.span) == nil)
    for place in 0..<n {
      for word in [PrimeFieldVectors.prime, PrimeFieldVectors.prime + 1, .max] {
        var bad = good
        bad[place] = word
        #expect(PrimeFieldVectors.firstOther(in: bad.span) == place)
        #expect(PrimeFieldVectors.firstOther(in: bad.span, from: place + 1) == nil)
      }
    }
  }

  @Test(arguments: counts) func masksStopAtOnes(_ n: Int) {
    var values = SampleValues(seed: 24)
    // A zero bit keeps the words from being all ones by chance.
    let words = (0..<n).map { _ in UInt32(truncatingIfNeeded: values.next()) & ~16 }
    let low = words.map { $0 & 0x7fff_ffff }
    let all = Self.write(words, at: 3) { #expect(PrimeFieldVectors.mask(&$0) == nil) }
    #expect(all == low)
    for place in 0..<n {
      for ones: UInt32 in [0x7fff_ffff, 0xffff_ffff] {
        var some = words
        some[place] = ones
        let masked = Self.write(some, at: place % 4) {
          #expect(PrimeFieldVectors.mask(&$0) == place)
          $0[place] = low[place]
          #expect(PrimeFieldVectors.mask(&$0, from: place) == nil)
        }
        #expect(masked == low)
      }
    }
  }
}
