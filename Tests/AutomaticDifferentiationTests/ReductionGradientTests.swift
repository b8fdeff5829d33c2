import AutomaticDifferentiation
import Foundation
import Tensors
import Testing

/// Sums, means, maxima and softmaxes.
@Suite struct ReductionGradientTests {
  static let shapes: [[Int]] = [
    [], [1], [6], [3, 5], [3, 1], [2, 3, 4], [2, 3, 1, 5], [2, 17],
  ]

  static let total: [GradientCheck] = shapes.flatMap { shape in
    [
      GradientCheck("sum \(shape)", [shape]) {
        $0.sum($1[0])
      } reference: {
        .scalar($0[0].sum)
      },
      GradientCheck("mean \(shape)", [shape]) {
        $0.mean($1[0])
      } reference: {
        .scalar($0[0].sum / Double($0[0].elements.count))
      },
    ]
  }

  @Test(arguments: total) func overAllElements(_ check: GradientCheck) { check.run() }

  static let axes: [GradientCheck] = shapes.flatMap { shape in
    (-shape.count..<shape.count).flatMap { axis in
      let resolved = axis < 0 ? axis + shape.count : axis
      return [
        GradientCheck("sum \(shape) along \(axis)", [shape]) {
          $0.sum($1[0], along: axis)
        } reference: {
          $0[0].reduced(along: resolved) { $0.reduce(0, +) }
        },
        GradientCheck("mean \(shape) along \(axis)", [shape]) {
          $0.mean($1[0], along: axis)
        } reference: {
          $0[0].reduced(along: resolved) { $0.reduce(0, +) / Double($0.count) }
        },
      ]
    }
  }

  @Test(arguments: axes) func alongOneAxis(_ check: GradientCheck) { check.run() }

  static let last: [GradientCheck] = shapes.filter { !$0.isEmpty }.flatMap { shape in
    let axis = shape.count - 1
    return [
      GradientCheck("maximum \(shape)", [shape]) {
        $0.maximum($1[0])
      } reference: {
        $0[0].reduced(along: axis) { $0.max()! }
      },
      GradientCheck("logSumExp \(shape)", [shape]) {
        $0.logSumExp($1[0])
      } reference: {
        $0[0].reduced(along: axis, ReferenceTensor.logSumExp)
      },
      GradientCheck("logSoftmax \(shape)", [shape]) {
        $0.logSoftmax($1[0])
      } reference: {
        $0[0].combined(with: $0[0].reduced(along: axis, ReferenceTensor.logSumExp), -)
      },
      GradientCheck("softmax \(shape)", [shape]) {
        $0.softmax($1[0])
      } reference: {
        $0[0].combined(with: $0[0].reduced(along: axis, ReferenceTensor.logSumExp)) {
          exp($0 - $1)
        }
      },
    ]
  }

  @Test(arguments: last) func alongTheLastAxis(_ check: GradientCheck) { check.run() }

  @Test func theFirstOfEqualMaximaGetsTheDerivative() {
    let tape = GradientTape()
    let x = tape.input(Tensor(Shape(2, 3), [1, 2, 2, 5, 0, 5]))
    tape.backward(from: tape.sum(tape.maximum(x)))
    #expect(tape.gradient(of: x).elements == [0, 1, 0, 1, 0, 0])
  }

  @Test func logSumExpNeitherOverflowsNorLosesInfinities() {
    let tape = GradientTape()
    let x = tape.input(
      Tensor(
        Shape(5, 2),
        [1000, 1000, -1000, -1000, .infinity, 0, -.infinity, -.infinity, -.infinity, 3]))
    let values = tape.value(of: tape.logSumExp(x)).elements
    #expect(abs(values[0] - (1000 + log(Float(2)))) < 1e-3)
    #expect(abs(values[1] - (-1000 + log(Float(2)))) < 1e-3)
    #expect(values[2] == .infinity && values[3] == -.infinity && values[4] == 3)
    #expect(tape.value(of: tape.softmax(x)).elements[..<4].allSatisfy { abs($0 - 0.5) < 1e-4 })
    let invalid = tape.input(Tensor(Shape(3), [0, .nan, 1]))
    #expect(tape.scalar(tape.logSumExp(invalid)).isNaN)
  }

  @Test func emptyAxesSumToZero() {
    let tape = GradientTape()
    let x = tape.input(Tensor(Shape(0, 3)))
    #expect(tape.scalar(tape.sum(x)) == 0)
    #expect(tape.value(of: tape.sum(x, along: 0)) == Tensor(Shape(1, 3)))
    #expect(tape.value(of: tape.sum(x, along: 1)) == Tensor(Shape(0, 1)))
    tape.backward(from: tape.sum(x))
    #expect(tape.gradient(of: x) == Tensor(Shape(0, 3)))
  }
}
