import Randomness
import Testing

@Suite struct PermutationTests {
  static func stream(_ round: Int) -> RandomStream {
    RandomStream(seed: 11, round: UInt32(round), purpose: .minibatch)
  }

  @Test(arguments: [0, 1, 2, 3, 10, 64, 65, 1000]) func holdsEveryNumberOnce(_ count: Int) {
    let order = Self.stream(0).permutation(count)
    #expect(order.sorted() == (0..<Int32(count)).map { $0 })
    #expect(order == Self.stream(0).permutation(count))
    if count >= 10 { #expect(order != Self.stream(1).permutation(count)) }
  }

  /// All 24 orders of four: χ² with 23 degrees of freedom stays below 49.7 but once in a thousand.
  @Test func everyOrderIsEquallyLikely() {
    let draws = 24_000
    var frequency: [[Int32]: Int] = [:]
    for round in 0..<draws { frequency[Self.stream(round).permutation(4), default: 0] += 1 }
    #expect(frequency.count == 24)
    let chiSquare = frequency.values.reduce(0.0) {
      $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000
    }
    #expect(chiSquare < 49.7)
    #expect(chiSquare > 7.5)  // nor suspiciously even
  }

  /// Where each of seven lands: 36 degrees of freedom, below 68 but once in a thousand.
  @Test func everyElementLandsEverywhere() {
    let draws = 14_000
    var frequency = [Int](repeating: 0, count: 49)
    for round in 0..<draws {
      for (place, element) in Self.stream(round).permutation(7).enumerated() {
        frequency[7 * place + Int(element)] += 1
      }
    }
    let chiSquare = frequency.reduce(0.0) { $0 + Double(($1 - 2000) * ($1 - 2000)) / 2000 }
    #expect(chiSquare * 6 / 7 < 68)
  }

  @Test func longerScratchChangesNothing() {
    var order = (0..<Int32(50)).map { $0 }
    var scratch = [UInt32](repeating: 5, count: 300)
    var span = order.mutableSpan
    Self.stream(0).shuffle(&span, scratch: &scratch)
    #expect(order == Self.stream(0).permutation(50))
    #expect(scratch.count == 300)
  }
}
