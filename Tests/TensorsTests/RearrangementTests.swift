import Tensors
import Testing

@Suite struct RearrangementTests {
  static let shapes: [[Int]] = [[7], [3, 5], [2, 3, 4], [2, 3, 4, 5], [1, 6, 1, 2], [3, 1]]

  static func slice(_ x: [Float], _ shape: [Int], axis: Int, _ range: Range<Int>) -> [Float] {
    let count = Shape(shape).replacing(axis, with: range.count).count
    var result = [Float](repeating: .nan, count: count)
    var span = result.mutableSpan
    Rearrangement.slice(x.span, Shape(shape), axis: axis, range, into: &span)
    return result
  }

  @Test(arguments: shapes) func slicesAreThePartsWithThatIndex(_ shape: [Int]) {
    let x = NaiveIndex.values(Shape(shape).count, 5)
    for axis in shape.indices {
      for lower in 0...shape[axis] {
        for upper in lower...shape[axis] {
          let expected = NaiveIndex.all(shape).filter { (lower..<upper).contains($0[axis]) }
            .map { x[NaiveIndex.place($0, in: shape)] }
          #expect(Self.slice(x, shape, axis: axis, lower..<upper) == expected)
        }
      }
    }
  }

  @Test(arguments: shapes) func placeWritesWhatSliceReadsAndKeepsTheRest(_ shape: [Int]) {
    let x = NaiveIndex.values(Shape(shape).count, 6)
    for axis in shape.indices {
      let range = shape[axis] / 3..<shape[axis]
      let part = [Float](
        repeating: 1000, count: Shape(shape).replacing(axis, with: range.count).count
      ).enumerated().map { $1 + Float($0) }
      var result = x
      var span = result.mutableSpan
      Rearrangement.place(part.span, into: &span, Shape(shape), axis: axis, range)
      #expect(Self.slice(result, shape, axis: axis, range) == part)
      for index in NaiveIndex.all(shape) where !range.contains(index[axis]) {
        let place = NaiveIndex.place(index, in: shape)
        #expect(result[place] == x[place])
      }
    }
  }

  static func permutations(_ rank: Int) -> [[Int]] {
    rank == 0
      ? [[]]
      : permutations(rank - 1).flatMap { shorter in
        (0..<rank).map { Array(shorter[..<$0]) + [rank - 1] + Array(shorter[$0...]) }
      }
  }

  @Test(arguments: shapes) func permutedAxesComeFromTheNamedOnes(_ shape: [Int]) {
    let x = NaiveIndex.values(Shape(shape).count, 7)
    for order in Self.permutations(shape.count) {
      let padded = Rearrangement.paddedOrder(order, rank: shape.count)
      var result = [Float](repeating: .nan, count: x.count)
      var span = result.mutableSpan
      Rearrangement.permute(x.span, Shape(shape), order: padded, into: &span)
      let permuted = order.map { shape[$0] }
      let expected = NaiveIndex.all(permuted).map { index in
        var source = index
        for (axis, from) in order.enumerated() { source[from] = index[axis] }
        return x[NaiveIndex.place(source, in: shape)]
      }
      #expect(result == expected, "\(shape) by \(order)")

      var back = [Float](repeating: .nan, count: x.count)
      var backSpan = back.mutableSpan
      Rearrangement.permute(
        result.span, Shape(permuted), order: Rearrangement.inverse(padded), into: &backSpan)
      #expect(back == x, "\(order) undone")
    }
  }
}
