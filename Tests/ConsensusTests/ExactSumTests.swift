import Consensus
import Testing

@Suite struct ExactSumTests {
  @Test func noOrderChangesTheSum() throws {
    let fixedPoint = FixedPoint()
    let contributions = try (0..<50).map { p in
      let narrow = (0..<20).map { Float(p * p - $0 * 31) / 4096 }
      var elements: [UInt32] = []
      try FieldVector.encode(
        narrow: narrow.span, bound: 1, wide: [fixedPoint.encode(Double(p) / 7.3)],
        into: &elements)
      return elements
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

  @Test func lengths() throws {
    #expect(try ExactSum().sum([]) == [])
    #expect(try ExactSum().sum([[], []]) == [])
    #expect(throws: ExactSumError.lengths(2, 1)) { try ExactSum().sum([[1, 2], [3]]) }
  }
}

@Suite struct FieldVectorTests {
  /// What members encode, sum in the field and decode is what plain arithmetic gives.
  @Test(arguments: [1, 3, 8, 100]) func sumsOfBothKindsAreExact(members: Int) throws {
    let step = 1 / Double(FieldVector.stepsPerUnit)
    let bound = FieldVector.narrowLimit / Float(members)
    let narrow: [[Float]] = (0..<members).map { p in
      (0..<33).map { i -> Float in
        let hundredths = (p * 37 + i * 11) % 201 - 100
        return 0.999 * bound * Float(hundredths) / 100
      }
    }
    let wide: [[Int64]] = (0..<members).map { p in
      [Int64(p) << 40, -Digits.largestMagnitude, Digits.largestMagnitude, 0, -1]
    }
    let contributions = try (0..<members).map { p in
      var elements: [UInt32] = []
      let numbers = narrow[p]
      try FieldVector.encode(
        narrow: numbers.span, bound: bound, wide: wide[p], into: &elements)
      #expect(elements.count == FieldVector.count(narrow: 33, wide: 5))
      return elements
    }
    let sum = try ExactSum().sum(contributions)
    var sums = [Float](repeating: 0, count: 33)
    do {
      var span = sums.mutableSpan
      FieldVector.decodeNarrow(sum, into: &span)
    }
    for i in 0..<33 {
      var steps = 0.0
      for vector in narrow { steps += (Double(vector[i]) / step).rounded(.toNearestOrEven) }
      #expect(sums[i] == Float(steps * step))
    }
    if members <= 100 {
      let decoded = try FieldVector.decodeWide(sum, narrow: 33, participants: members)
      for k in 0..<5 { #expect(decoded[k] == wide.reduce(0) { $0 + $1[k] }) }
    }
  }

  @Test func outOfRangeIsAnErrorAndNoWrapAround() {
    func encode(_ values: [Float]) throws {
      var elements: [UInt32] = []
      try FieldVector.encode(narrow: values.span, bound: 1, wide: [], into: &elements)
    }
    for value in [1.001, -1.001, .infinity, .nan, 1e30] as [Float] {
      let error = #expect(throws: ExactSumError.self) { try encode([0, value]) }
      guard case .outOfRange(_, let index, let limit)? = error else {
        Issue.record("another error")
        continue
      }
      #expect(index == 1 && limit == 1)
    }
    #expect(throws: ExactSumError.self) {
      try FieldVector.encode(wide: [0, Digits.largestMagnitude + 1])
    }
  }

  @Test func somethingElseThanASumIsRefused() throws {
    let sum = try FieldVector.encode(wide: [Digits.largestMagnitude])
    #expect(throws: ExactSumError.notASum(participants: 3)) {
      try FieldVector.decodeWide(sum + [1], narrow: 0, participants: 3)
    }
    #expect(throws: ExactSumError.notASum(participants: 1)) {
      try FieldVector.decodeWide([0, 0, 1 << 20], narrow: 0, participants: 1)
    }
  }
}
