import LinearAlgebra
import Tensors
import Testing

/// Index arithmetic as NumPy's manual describes it, one element at a time.
enum NaiveIndex {
  /// Every index of a shape, the last axis running fastest.
  static func all(_ shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { prefixes, length in
      prefixes.flatMap { prefix in (0..<length).map { prefix + [$0] } }
    }
  }

  static func place(_ index: [Int], in shape: [Int]) -> Int {
    zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// The place in a tensor of `shape` that a broadcast index reads.
  static func place(broadcast index: [Int], in shape: [Int]) -> Int {
    let own = index.suffix(shape.count)
    return place(zip(own, shape).map { $1 == 1 ? 0 : $0 }, in: shape)
  }

  /// Distinct values of both signs, none 0.
  static func values(_ count: Int, _ salt: Int) -> [Float] {
    (0..<count).map { Float((($0 * 37 + salt * 11) % 64) - 32) + 0.5 }
  }
}

@Suite struct BroadcastingTests {
  static let shapes: [[Int]] = [
    [], [1], [5], [1, 1], [3, 1], [1, 5], [3, 5], [2, 3, 5], [2, 1, 5], [2, 3, 1], [1, 3, 1],
    [2, 1, 1], [4, 2, 3, 5], [4, 1, 3, 1], [1, 2, 1, 5], [4, 1, 1, 1], [4, 2, 1, 5],
    [1, 2, 3, 1], [17], [3, 17], [2, 1, 17], [2, 3, 1, 17], [0], [3, 0],
  ]

  static let pairs: [([Int], [Int])] = shapes.flatMap { a in
    shapes.filter { Shape(a).broadcast(with: Shape($0)) != nil }.map { (a, $0) }
  }

  @Test func combineReadsTheElementsThatTheRuleNames() {
    #expect(Self.pairs.count > 250)
    let operations: [(VectorMath.Operation, (Float, Float) -> Float)] = [
      (.add, { $0 + $1 }), (.subtract, { $0 - $1 }), (.multiply, { $0 * $1 }),
      (.divide, { $0 / $1 }),
    ]
    for (a, b) in Self.pairs {
      let joint = Shape(a).broadcast(with: Shape(b))!
      let x = NaiveIndex.values(Shape(a).count, 1)
      let y = NaiveIndex.values(Shape(b).count, 2)
      for (operation, function) in operations {
        var result = [Float](repeating: .nan, count: joint.count)
        var span = result.mutableSpan
        Broadcasting.combine(x.span, Shape(a), operation, y.span, Shape(b), into: &span, joint)
        let expected = NaiveIndex.all(joint.dimensions).map {
          function(
            x[NaiveIndex.place(broadcast: $0, in: a)], y[NaiveIndex.place(broadcast: $0, in: b)])
        }
        #expect(result == expected, "\(a) \(operation) \(b)")
      }
    }
  }

  /// Halves sum exactly, so that order cannot matter.
  @Test func sumIsTheAdjointOfExpand() {
    for (reduced, full) in Self.pairs
    where Shape(reduced).broadcast(with: Shape(full)) == Shape(full) {
      let x = NaiveIndex.values(Shape(full).count, 3)
      var sums = [Float](repeating: .nan, count: Shape(reduced).count)
      var sumSpan = sums.mutableSpan
      Broadcasting.sum(x.span, Shape(full), to: Shape(reduced), into: &sumSpan)
      var expected = [Float](repeating: 0, count: sums.count)
      for (place, index) in NaiveIndex.all(full).enumerated() {
        expected[NaiveIndex.place(broadcast: index, in: reduced)] += x[place]
      }
      #expect(sums == expected, "\(full) to \(reduced)")

      let y = NaiveIndex.values(Shape(reduced).count, 4)
      var repeated = [Float](repeating: .nan, count: Shape(full).count)
      var repeatedSpan = repeated.mutableSpan
      Broadcasting.expand(
        y.span, Shape(reduced), times: -2, into: &repeatedSpan, Shape(full))
      #expect(
        repeated
          == NaiveIndex.all(full).map {
            -2 * y[NaiveIndex.place(broadcast: $0, in: reduced)]
          }, "\(reduced) to \(full)")
    }
  }
}
