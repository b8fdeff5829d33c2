import AutomaticDifferentiation
import Foundation
import Tensors
import Testing

/// Reshapes, slices, joins, permuted axes and gathered rows.
@Suite struct RearrangementGradientTests {
  static let slices: [GradientCheck] = [
    ([6], 0, 2..<5), ([4, 5], 0, 1..<3), ([4, 5], 1, 0..<2), ([4, 5], -1, 4..<5),
    ([2, 3, 4], 1, 1..<3), ([2, 3, 4, 2], -2, 1..<4), ([3, 2], 0, 0..<3),
  ].map { (shape: [Int], axis: Int, range: Range<Int>) in
    let resolved = axis < 0 ? axis + shape.count : axis
    return GradientCheck("\(shape) axis \(axis) \(range)", [shape]) {
      $0.slice($1[0], along: axis, range)
    } reference: { inputs in
      var part = shape
      part[resolved] = range.count
      return ReferenceTensor(part) { index in
        var at = index
        at[resolved] += range.lowerBound
        return inputs[0][at]
      }
    }
  }

  @Test(arguments: slices) func partsAlongAnAxis(_ check: GradientCheck) { check.run() }

  static let joins: [GradientCheck] = [
    ([3], [4], 0), ([2, 3], [4, 3], 0), ([2, 3], [2, 1], 1), ([2, 3, 2], [2, 1, 2], 1),
    ([2, 3, 2], [2, 3, 5], -1), ([1, 2, 3, 2], [1, 2, 1, 2], -2),
  ].map { (a: [Int], b: [Int], axis: Int) in
    let resolved = axis < 0 ? axis + a.count : axis
    return GradientCheck("\(a) and \(b) along \(axis)", [a, b]) {
      $0.concatenate($1[0], $1[1], along: axis)
    } reference: { inputs in
      var joint = a
      joint[resolved] += b[resolved]
      return ReferenceTensor(joint) { index in
        if index[resolved] < a[resolved] { return inputs[0][index] }
        var at = index
        at[resolved] -= a[resolved]
        return inputs[1][at]
      }
    }
  }

  @Test(arguments: joins) func joinsAlongAnAxis(_ check: GradientCheck) { check.run() }

  static let permutations: [GradientCheck] = [
    ([5], [0]), ([3, 4], [1, 0]), ([3, 4], [0, 1]), ([2, 3, 4], [2, 0, 1]),
    ([2, 3, 4], [1, 2, 0]), ([2, 3, 4], [0, 2, 1]), ([2, 3, 4, 5], [3, 1, 0, 2]),
    ([2, 3, 4, 5], [1, 2, 3, 0]),
  ].map { (shape: [Int], order: [Int]) in
    GradientCheck("\(shape) by \(order)", [shape]) {
      $0.permute($1[0], order)
    } reference: { inputs in
      ReferenceTensor(order.map { shape[$0] }) { index in
        var at = index
        for (axis, source) in order.enumerated() { at[source] = index[axis] }
        return inputs[0][at]
      }
    }
  }

  @Test(arguments: permutations) func permutedAxes(_ check: GradientCheck) { check.run() }

  static let gathers: [GradientCheck] = [
    ([5], [0, 4, 4, 1]), ([4, 3], [2, 2, 2]), ([4, 3], [3, 2, 1, 0, 1]), ([3, 2, 2], [1, 1]),
    ([2, 3, 1, 2], [1, 0, 1, 1, 0]),
  ].map { (shape: [Int], rows: [Int32]) in
    GradientCheck("rows \(rows) of \(shape)", [shape]) {
      $0.gather($1[0], rows: rows)
    } reference: { inputs in
      ReferenceTensor([rows.count] + shape.dropFirst()) { index in
        inputs[0][[Int(rows[index[0]])] + index.dropFirst()]
      }
    }
  }

  @Test(arguments: gathers) func gatheredRows(_ check: GradientCheck) { check.run() }

  static let reshapes: [GradientCheck] = [
    ([6], [2, 3]), ([2, 3], [6]), ([2, 3, 4], [4, 6]), ([4], [1, 4, 1, 1]), ([1], []),
    ([], [1, 1]),
  ].map { (from: [Int], to: [Int]) in
    GradientCheck("\(from) as \(to)", [from]) {
      $0.reshape($1[0], Shape(to))
    } reference: {
      ReferenceTensor(to, $0[0].elements)
    }
  }

  @Test(arguments: reshapes) func reshapedTensors(_ check: GradientCheck) { check.run() }

  static let mixed: [GradientCheck] = [
    // A tensor used directly, as a view, and as a view of the view.
    GradientCheck("a node and its views", [[2, 6]]) { tape, x in
      let view = tape.reshape(x[0], Shape(3, 4))
      let again = tape.reshape(view, Shape(12))
      return tape.add(
        tape.add(tape.sum(tape.square(x[0])), tape.sum(tape.exponential(view))),
        tape.sum(tape.multiply(tape.square(again), again)))
    } reference: {
      .scalar($0[0].map { $0 * $0 + exp($0) + $0 * $0 * $0 }.sum)
    },
    // A view of what an operation made, with consumers on both sides.
    GradientCheck("a view of a result", [[4, 3]]) { tape, x in
      let y = tape.tanh(x[0])
      let view = tape.reshape(y, Shape(2, 6))
      return tape.add(tape.sum(tape.square(view), along: 1), tape.sum(y))
    } reference: {
      let y = $0[0].map { Foundation.tanh($0) }
      let squares = ReferenceTensor([2, 6], y.elements).reduced(along: 1) {
        $0.reduce(0) { $0 + $1 * $1 }
      }
      return squares.map { $0 + y.sum }
    },
    GradientCheck("overlapping slices", [[7]]) { tape, x in
      tape.multiply(tape.slice(x[0], along: 0, 0..<5), tape.slice(x[0], along: 0, 2..<7))
    } reference: { inputs in
      ReferenceTensor([5]) { inputs[0][$0] * inputs[0][[$0[0] + 2]] }
    },
    GradientCheck("a tensor joined to itself", [[2, 3]]) { tape, x in
      tape.square(tape.concatenate(x[0], x[0], along: 1))
    } reference: { inputs in
      ReferenceTensor([2, 6]) { inputs[0][[$0[0], $0[1] % 3]] * inputs[0][[$0[0], $0[1] % 3]] }
    },
  ]

  @Test(arguments: mixed) func viewsAndPartsShareOneGradient(_ check: GradientCheck) {
    check.run()
  }
}
