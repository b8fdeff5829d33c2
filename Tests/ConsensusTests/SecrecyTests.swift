import Cryptography
import Testing

@testable import Consensus

/// What fewer shares than the threshold look like: uniform, whatever the secret.
///
/// Seeds are fixed, so that every outcome is; bounds are eight standard deviations of χ² away.
@Suite struct SecrecyTests {
  static let trials = 1 << 17

  /// χ² of cells beside the uniform distribution.
  static func chiSquare(_ cells: [Int]) -> Double {
    let expected = Double(cells.reduce(0, +)) / Double(cells.count)
    return cells.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
  }

  static func bound(_ cells: Int) -> Double {
    let degrees = Double(cells - 1)
    return degrees + 8 * (2 * degrees).squareRoot()
  }

  /// How often each combination of some bits of the shares' elements occurs.
  static func cells(_ shares: [[UInt32]], shift: UInt32, bits: UInt32) -> [Int] {
    var cells = [Int](repeating: 0, count: 1 << (Int(bits) * shares.count))
    for i in shares[0].indices {
      var cell = 0
      for share in shares { cell = cell << Int(bits) | Int(share[i] >> shift & (1 << bits - 1)) }
      cells[cell] += 1
    }
    return cells
  }

  @Test(
    arguments: [(2, 3), (3, 5), (4, 6)],
    [[0], [1], [FieldElement.prime - 1], [123_456_789, 7]] as [[UInt32]])
  func fewerSharesAreUniform(_ parameters: (Int, Int), _ pattern: [UInt32]) throws {
    let (t, n) = parameters
    let sharing = try SecretSharing(threshold: t, holders: n)
    let secret = (0..<Self.trials).map { pattern[$0 % pattern.count] }
    let shares = sharing.allShares(secret, seeds: testSeeds(t - 1))
    let bits: UInt32 = t == 2 ? 8 : t == 3 ? 4 : 3
    for coalition in subsets(of: n, size: t - 1) {
      for shift in [0, 11, 31 - bits] {
        let cells = Self.cells(coalition.map { shares[$0] }, shift: shift, bits: bits)
        #expect(Self.chiSquare(cells) < Self.bound(cells.count), "holders \(coalition), \(shift)")
      }
    }
  }

  /// What a coalition would take for the secret, were its own number the threshold.
  static func guess(_ coalition: [Int], _ shares: [[UInt32]]) -> [UInt32] {
    let nodes = coalition.map { FieldElement($0 + 1) }
    let weights = FieldElement.interpolation(at: .zero, from: nodes)
    return shares[0].indices.map { i in
      zip(coalition, weights).reduce(FieldElement.zero) {
        $0 + $1.1 * FieldElement(Int(shares[$1.0][i]))
      }.value
    }
  }

  /// Bits of shares hide a relation modulo p; the relation that a degree too low would leave is
  /// looked for by itself.
  @Test(arguments: [(2, 3), (3, 5), (4, 6)], [0, 123_456_789] as [UInt32])
  func guessesAreUniform(_ parameters: (Int, Int), _ value: UInt32) throws {
    let (t, n) = parameters
    let sharing = try SecretSharing(threshold: t, holders: n)
    let secret = [UInt32](repeating: value, count: Self.trials / 4)
    let shares = sharing.allShares(secret, seeds: testSeeds(t - 1))
    for size in 1..<t {
      for coalition in subsets(of: n, size: size) {
        let cells = Self.cells([Self.guess(coalition, shares)], shift: 23, bits: 8)
        #expect(Self.chiSquare(cells) < Self.bound(256), "holders \(coalition)")
      }
    }
    for coalition in subsets(of: n, size: t) {
      // Not compared inside, where a failure would print all elements.
      let found = Self.guess(coalition, shares) == secret
      #expect(found, "holders \(coalition)")
    }
  }

  /// A seed's share cannot depend on the secret; and the same seeds must not be used twice, as a
  /// full share then betrays the difference.
  @Test func whyASeedIsForOneSecret() throws {
    let sharing = try SecretSharing(threshold: 2, holders: 2)
    let seeds = testSeeds(1)
    let a = testSecret(10, 1)
    let b = testSecret(10, 2)
    let first = sharing.share(a.span, seeds: seeds)[0]
    let second = sharing.share(b.span, seeds: seeds)[0]
    for i in a.indices {
      let shares = FieldElement(Int(first[i])) - FieldElement(Int(second[i]))
      #expect(-shares == FieldElement(Int(a[i])) - FieldElement(Int(b[i])))
    }
  }

  @Test func expansionsAreUniform() {
    let elements = SecretSharing.expand(testSeeds(1)[0], count: 1 << 20)
    #expect(elements.allSatisfy { $0 < FieldElement.prime })
    for shift: UInt32 in [0, 8, 16, 23] {
      let cells = Self.cells([elements], shift: shift, bits: 8)
      #expect(Self.chiSquare(cells) < Self.bound(256), "bits from \(shift) on")
    }
    // Neighbours, too.
    let pairs = Self.cells([elements, Array(elements[1...] + elements[..<1])], shift: 0, bits: 5)
    #expect(Self.chiSquare(pairs) < Self.bound(1024))
  }

  @Test func expansionsAreOfTheirSeedAndPlace() {
    let seeds = testSeeds(2)
    let long = SecretSharing.expand(seeds[0], count: 10_000)
    for count in [0, 1, 15, 16, 17, 4096, 9999] {
      #expect(SecretSharing.expand(seeds[0], count: count) == Array(long[..<count]))
    }
    #expect(SecretSharing.expand(seeds[1], count: 16) != Array(long[..<16]))
  }

  /// All-ones words are drawn anew, until an element comes; others keep their low bits.
  @Test(arguments: [1, 5, 16, 40]) func wordsThatAreNoElementsAreReplaced(_ count: Int) {
    let p = FieldElement.prime
    for place in 0..<count {
      var words = (0..<count).map { UInt32($0) << 31 | UInt32($0 + 7) }
      words[place] = place % 2 == 0 ? p : .max
      if count > 30 { words[30] = .max }
      var drawn: [UInt64] = [UInt64(p), 0xffff_ffff_ffff_ffff, 0xffff_ffff_8000_0063, 100]
      var span = words.mutableSpan
      FieldStream.reduce(&span) { drawn.removeFirst() }
      for i in 0..<count {
        let expected =
          i == place
          ? (count > 30 && place > 30 ? 100 : 99)
          : count > 30 && i == 30 ? (place > 30 ? 99 : 100) : i + 7
        #expect(words[i] == UInt32(expected))
      }
    }
  }
}
