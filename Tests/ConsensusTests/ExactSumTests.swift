import Consensus
import Testing

@Suite struct ExactSumTests {
  @Test func noOrderChangesTheSum() throws {
    let fixedPoint = FixedPoint()
    let contributions = try (0..<50).map { p in
      try (0..<20).map { i in try fixedPoint.encode(Double(p * p - i * 31) / 7.3) }
    }
    let sum = try ExactSum().sum(contributions)
    var order = contributions
    for turn in 1..<10 {
      order = Array(order[turn...] + order[..<turn].reversed())
      #expect(try ExactSum().sum(order) == sum)
    }
    // Sums of parts, as a network would have them.
    let parts = try [
      ExactSum().sum(Array(contributions[..<13])), ExactSum().sum(Array(contributions[13...])),
    ]
    #expect(try ExactSum().sum(parts) == sum)
  }

  @Test func smallCases() throws {
    #expect(try ExactSum().sum([]) == [])
    #expect(try ExactSum().sum([[], []]) == [])
    #expect(try ExactSum().sum([[3, -4]]) == [3, -4])
    #expect(try ExactSum().sum([[3, -4], [1, 1], [-9, 0]]) == [-5, -3])
  }

  @Test func lengthsAndOverflow() {
    #expect(throws: ExactSumError.lengths(2, 1)) { try ExactSum().sum([[1, 2], [3]]) }
    #expect(throws: ExactSumError.overflow(index: 1)) {
      try ExactSum().sum([[0, .max], [0, 1]])
    }
    #expect(throws: ExactSumError.overflow(index: 0)) { try ExactSum().sum([[.min], [-1]]) }
  }
}
