import Consensus
import Cryptography
import LinearAlgebra
import Testing

@Suite struct SecretSharingTests {
  static let parameters = [(1, 1), (1, 4), (2, 2), (2, 3), (3, 5), (4, 4), (4, 7)]

  @Test(arguments: parameters, [0, 1, 37, 4096, 4097, 8203]) func everySubsetGivesTheSecret(
    _ parameters: (Int, Int), _ count: Int
  ) throws {
    let (t, n) = parameters
    let sharing = try SecretSharing(threshold: t, holders: n)
    let secret = testSecret(count)
    let shares = sharing.allShares(secret, seeds: testSeeds(t - 1))
    #expect(shares.count == n)
    var full = [UInt32](repeating: 5, count: sharing.fullShareCount * count)
    var span = full.mutableSpan
    sharing.share(secret.span, seeds: testSeeds(t - 1), into: &span)
    let same = full == Array(shares[(t - 1)...].joined())
    #expect(same)
    #expect(shares.allSatisfy { $0.allSatisfy { $0 < FieldElement.prime } })
    for subset in subsets(of: n, size: t) {
      for order in [subset, subset.reversed()] {
        // Not compared inside, where a failure would print all elements.
        let same = try sharing.reconstruct(order.map { ($0, shares[$0]) }) == secret
        #expect(same, "holders \(order)")
      }
    }
    let all = try sharing.reconstruct((0..<n).reversed().map { ($0, shares[$0]) })
    let allSame = all == secret
    #expect(allSame)
  }

  @Test(arguments: [(64, 64), (33, 64), (1, 64)]) func theMostHolders(
    _ t: Int, _ n: Int
  ) throws {
    let sharing = try SecretSharing(threshold: t, holders: n)
    let secret = testSecret(77)
    let shares = sharing.allShares(secret, seeds: testSeeds(t - 1))
    for start in 0...(n - t) {
      let some = (start..<start + t).map { ($0, shares[$0]) }
      #expect(try sharing.reconstruct(some) == secret)
    }
  }

  /// The shares are the values of one polynomial of degree t - 1, in Shamir's places.
  @Test func sharesAreValuesOfThePolynomial() throws {
    // s + a x + b x² through holder 0 at x = 1 and holder 1 at x = 2.
    let sharing = try SecretSharing(threshold: 3, holders: 5)
    let secret = testSecret(20)
    let shares = sharing.allShares(secret, seeds: testSeeds(2))
    let half = FieldElement(2).inverse()
    for i in secret.indices {
      let s = FieldElement(Int(secret[i]))
      let first = FieldElement(Int(shares[0][i])) - s
      let second = FieldElement(Int(shares[1][i])) - s
      let b = (second - first - first) * half
      let a = first - b
      for holder in 2..<5 {
        let x = FieldElement(holder + 1)
        #expect(shares[holder][i] == (s + a * x + b * x * x).value)
      }
    }
  }

  @Test(arguments: [(2, 3), (3, 5)]) func sumsOfSharesAreSharesOfTheSum(
    _ t: Int, _ n: Int
  ) throws {
    let sharing = try SecretSharing(threshold: t, holders: n)
    let count = 300
    var total = [UInt32](repeating: 0, count: count)
    var sums = [[UInt32]](repeating: total, count: n)
    for participant in 0..<9 {
      let secret = testSecret(count, UInt64(participant))
      let shares = sharing.allShares(secret, seeds: testSeeds(t - 1, UInt8(participant)))
      for i in 0..<count {
        total[i] = UInt32((UInt64(total[i]) + UInt64(secret[i])) % UInt64(FieldElement.prime))
      }
      for k in 0..<n {
        var span = sums[k].mutableSpan
        let share = shares[k]
        PrimeFieldVectors.add(share.span, to: &span)
      }
    }
    for subset in subsets(of: n, size: t) {
      #expect(try sharing.reconstruct(subset.map { ($0, sums[$0]) }) == total)
    }
  }

  /// Wide integers through digits, shares and sums.
  @Test func sumsOfIntegers() throws {
    let sharing = try SecretSharing(threshold: 2, holders: 3)
    let numbers: [[Int64]] = [
      [1 << 53, -(1 << 53), -1], [1 << 53, -(1 << 53), 7], [-(1 << 17), 1 << 35, -99],
    ]
    var sums = [[UInt32]](repeating: [UInt32](repeating: 0, count: 9), count: 3)
    for (participant, values) in numbers.enumerated() {
      var digits = [UInt32](repeating: 0, count: 9)
      var span = digits.mutableSpan
      try Digits.encode(values.span, into: &span)
      let shares = sharing.allShares(digits, seeds: testSeeds(1, UInt8(participant)))
      for k in 0..<3 {
        var sum = sums[k].mutableSpan
        let share = shares[k]
        PrimeFieldVectors.add(share.span, to: &sum)
      }
    }
    let digits = try sharing.reconstruct([(2, sums[2]), (0, sums[0])])
    var result: [Int64] = [0, 0, 0]
    var span = result.mutableSpan
    try Digits.decode(digits.span, summands: 3, into: &span)
    let expected = (0..<3).map { i in numbers.reduce(0) { $0 + $1[i] } }
    #expect(result == expected)
  }

  @Test func parametersThatMakeNoSense() {
    for (t, n) in [(0, 3), (-1, 3), (4, 3), (1, 0), (3, 65), (65, 65)] {
      #expect(throws: SecretSharingError.parameters(threshold: t, holders: n)) {
        try SecretSharing(threshold: t, holders: n)
      }
    }
  }

  @Test func sharesThatAreWrong() throws {
    let sharing = try SecretSharing(threshold: 3, holders: 5)
    let s = sharing.allShares(testSecret(40), seeds: testSeeds(2))
    func expect(_ error: SecretSharingError, _ shares: [(Int, [UInt32])]) {
      #expect(throws: error) { try sharing.reconstruct(shares.map { (holder: $0, share: $1) }) }
    }
    expect(.tooFewShares(0, threshold: 3), [])
    expect(.tooFewShares(2, threshold: 3), [(0, s[0]), (1, s[1])])
    expect(.repeatedHolder(1), [(0, s[0]), (1, s[1]), (1, s[1])])
    expect(.unknownHolder(5, holders: 5), [(0, s[0]), (1, s[1]), (5, s[2])])
    expect(.unknownHolder(-1, holders: 5), [(-1, s[0]), (1, s[1]), (2, s[2])])
    let short = Array(s[4].dropLast())
    expect(.length(39, expected: 40, holder: 4), [(0, s[0]), (1, s[1]), (4, short)])
    var other = s[3]
    other[33] = FieldElement.prime
    expect(.notAnElement(holder: 3, index: 33), [(0, s[0]), (3, other), (4, s[4])])
    // A share beyond the threshold shows that one of them has been changed, if not which.
    var changed = s[0]
    changed[39] = (changed[39] + 1) % FieldElement.prime
    expect(.contradiction(holder: 4), [(0, changed), (3, s[3]), (1, s[1]), (4, s[4])])
    expect(.contradiction(holder: 0), [(2, s[2]), (3, s[3]), (1, s[1]), (0, changed)])
  }
}
