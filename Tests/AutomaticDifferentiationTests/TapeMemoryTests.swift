import AutomaticDifferentiation
import LinearAlgebra
import Tensors
import Testing

/// A tape is used again and again: nothing of an earlier step may show in a later one.
@Suite struct TapeMemoryTests {
  static func tensor(_ shape: Shape, _ salt: UInt64) -> Tensor {
    Tensor(shape, GradientCheck.numbers(shape.count, salt: salt).map { Float($0) })
  }

  /// The loss and the derivatives of a graph that uses much of the tape, for any batch size.
  static func step(_ tape: GradientTape, rows: Int, width: Int) -> [Tensor] {
    let x = tape.input(tensor(Shape(rows, width), 1))
    let w = tape.input(tensor(Shape(width, 2 * width), 2))
    let b = tape.input(tensor(Shape(2 * width), 3))
    let moments = tape.affine(x, w, b, .tanh)
    let noise = tape.constant(tensor(Shape(rows, width), 4))
    let z = tape.gaussianSample(moments, noise: noise, range: LogVarianceRange())
    let mixed = tape.add(tape.softmax(z), tape.maximum(tape.gather(x, rows: [0])))
    let part = tape.slice(tape.multiply(mixed, x), along: 1, 0..<1)
    let product = tape.matrixProduct(part, .transposed, tape.reshape(part, tape.shape(of: part)))
    let loss = tape.add(
      tape.sum(product), tape.gaussianDivergence(moments, range: LogVarianceRange()))
    tape.backward(from: loss)
    return [tape.value(of: loss)] + [x, w, b, z].map { tape.gradient(of: $0) }
  }

  @Test func largerAndSmallerStepsDoNotDisturbOneAnother() {
    let tape = GradientTape()
    for (rows, width) in [(3, 4), (7, 9), (2, 2), (3, 4), (1, 30), (7, 9), (1, 1), (3, 4)] {
      tape.reset()
      #expect(
        Self.step(tape, rows: rows, width: width)
          == Self.step(GradientTape(), rows: rows, width: width), "[\(rows), \(width)]")
    }
  }

  @Test func otherOperationsAtTheSamePlaces() {
    let tape = GradientTape()
    _ = Self.step(tape, rows: 5, width: 6)
    tape.reset()
    let x = tape.input(Tensor(Shape(2), [1, 2]))
    tape.backward(from: tape.sum(tape.square(x)))
    #expect(tape.gradient(of: x).elements == [2, 4])
    tape.reset()
    #expect(
      Self.step(tape, rows: 5, width: 6) == Self.step(GradientTape(), rows: 5, width: 6))
  }

  @Test func backwardForgetsTheBackwardBefore() {
    let tape = GradientTape()
    let x = tape.input(Tensor(Shape(2), [1, 2]))
    let y = tape.input(Tensor(Shape(2), [3, 4]))
    let first = tape.sum(tape.multiply(x, y))
    let second = tape.sum(tape.square(x))
    for _ in 0..<2 {
      tape.backward(from: first)
      #expect(tape.gradient(of: x).elements == [3, 4])
      #expect(tape.gradient(of: y).elements == [1, 2])
      tape.backward(from: second)
      #expect(tape.gradient(of: x).elements == [2, 4])
      #expect(tape.gradient(of: y).elements == [0, 0])
    }
  }

  @Test func theSameBackwardTwiceThroughActivations() {
    for activation in Activation.allCases {
      let tape = GradientTape()
      let x = tape.input(Self.tensor(Shape(3, 4), 1))
      let w = tape.input(Self.tensor(Shape(4, 2), 2))
      let b = tape.input(Self.tensor(Shape(2), 3))
      let loss = tape.sum(tape.square(tape.affine(x, w, b, activation)))
      tape.backward(from: loss)
      let first = [x, w, b].map { tape.gradient(of: $0) }
      tape.backward(from: loss)
      #expect([x, w, b].map { tape.gradient(of: $0) } == first)
    }
  }

  /// What was recorded after the last `backward` has no derivative yet, whatever stood there.
  @Test func newNodesHaveNoDerivativeOfOldOnes() {
    let tape = GradientTape()
    let old = tape.input(Tensor(Shape(2), [1, 2]))
    tape.backward(from: tape.sum(tape.square(old)))
    tape.reset()
    let same = tape.input(Tensor(Shape(2), [1, 2]))
    #expect(tape.gradient(of: same).elements == [0, 0])
    tape.reset()
    let larger = tape.input(Tensor(Shape(50), repeating: 1))
    #expect(tape.gradient(of: larger).elements == [Float](repeating: 0, count: 50))
  }

  /// A hundred thousand nodes in a row: neither the walk nor the release recurses.
  @Test func deepGraphs() {
    var tape: GradientTape? = GradientTape()
    let x = tape!.input(Tensor(Shape(1), [0.5]))
    var y = x
    for _ in 0..<100_000 { y = tape!.scale(y, by: 1, plus: 0x1p-20) }
    tape!.backward(from: y)
    #expect(tape!.gradient(of: x).elements == [1])
    #expect(abs(tape!.scalar(y) - 0.5 - 100_000 * 0x1p-20) < 1e-5)
    tape!.reset()
    tape = nil
  }

  @Test func aLossThatIsALeafOrAView() {
    let tape = GradientTape()
    let x = tape.input(Tensor(Shape(1, 1), [3]))
    tape.backward(from: x)
    #expect(tape.gradient(of: x).elements == [1])
    let y = tape.reshape(tape.square(x), Shape())
    tape.backward(from: y)
    #expect(tape.gradient(of: x).elements == [6])
    #expect(tape.gradient(of: y).elements == [1])
    let constant = tape.constant(Tensor(Shape(), [2]))
    tape.backward(from: constant)
    #expect(tape.gradient(of: x).elements == [0])
  }

  @Test func constantsHaveNoDerivative() {
    let tape = GradientTape()
    let x = tape.input(Tensor(Shape(2), [1, 2]))
    let c = tape.constant(Tensor(Shape(2), [5, 6]))
    let filled = tape.constant(Shape(2)) { span in
      for i in 0..<span.count { span[i] = Float(i + 1) }
    }
    tape.backward(from: tape.sum(tape.multiply(tape.multiply(x, c), filled)))
    #expect(tape.gradient(of: x).elements == [5, 12])
    #expect(tape.gradient(of: c).elements == [0, 0])
    #expect(tape.withValue(of: filled) { $0[1] } == 2)
  }
}
