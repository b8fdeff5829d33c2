import AutomaticDifferentiation
import LinearAlgebra
import NeuralNetworks
import Randomness
import Tensors
import Testing

@Suite struct ImageClassifierTests {
  @Test func parameterCounts() {
    func count(_ kind: ImageClassifierKind, _ classes: Int) -> Int {
      ImageClassifier.parameterCount(kind, classes: classes)
    }
    #expect(count(.leNet5, 10) == 61_706)
    #expect(count(.leNet4, 10) == 16_998)
    // Of LeNet-5 and LeNet-4 only the last layer, 84 and 120 wide, knows how many classes there are.
    #expect(count(.leNet5, 3) == 61_706 - 7 * 85)
    #expect(count(.leNet4, 3) == 16_998 - 7 * 121)
    #expect(count(.perceptron, 3) == 785 * 300 + 301 * 100 + 101 * 3)
    #expect(count(.softmaxRegression, 3) == 785 * 3)
    #expect(count(.linearSVM, 3) == 785 * 3)
  }

  @Test(arguments: ImageClassifierKind.allCases)
  func valuesHaveARowAnImage(_ kind: ImageClassifierKind) {
    var builder = ParameterBuilder(seed: 3)
    let network = ImageClassifier(kind, classes: 4, in: &builder)
    let tape = GradientTape()
    let parameters = tape.addParameters(builder.layout, values: builder.values)
    let x = Tensor(
      normal: Shape(2, 784), from: RandomStream(seed: 1, purpose: .syntheticData))
    let values = network(tape.constant(x), parameters, on: tape)
    #expect(tape.shape(of: values) == Shape(2, 4))
    let loss = network.loss(values, labels: [3, 0], on: tape)
    #expect(tape.scalar(loss) > 0)
    tape.backward(from: loss)
    tape.withGradient(of: parameters) { gradient in
      var squares: Float = 0
      for i in 0..<gradient.count { squares += gradient[i] * gradient[i] }
      #expect(squares > 0 && squares.isFinite)
    }
  }

  /// Squared hinges of one class against the others, in Double.
  func hinges(_ values: [Double], _ labels: [Int]) -> Double {
    var sum = 0.0
    for (row, label) in labels.enumerated() {
      for c in 0..<3 {
        let margin = values[row * 3 + c] / Double(ImageClassifier.marginScale)
        let hinge = max(0, 1 - (c == label ? margin : -margin))
        sum += hinge * hinge
      }
    }
    return sum / Double(labels.count)
  }

  @Test func hingeLossAgainstDifferences() {
    var builder = ParameterBuilder(seed: 3)
    let network = ImageClassifier(.linearSVM, classes: 3, in: &builder)
    // Some beyond their margins of ±4, some within, none at a kink.
    let values: [Double] = [5, 1, -6, 3.5, -2, 7, -1, 4.5, -4.5, 0.5, -0.5, -3]
    let labels = [0, 2, 1, 1]
    let tape = GradientTape()
    let x = tape.input(Tensor(Shape(4, 3), values.map { Float($0) }))
    let loss = network.loss(x, labels: labels.map { Int32($0) }, on: tape)
    #expect(abs(Double(tape.scalar(loss)) - hinges(values, labels)) < 1e-5)
    tape.backward(from: loss)
    for (i, slope) in tape.gradient(of: x).elements.enumerated() {
      var above = values
      var below = values
      above[i] += 1e-4
      below[i] -= 1e-4
      let exact = (hinges(above, labels) - hinges(below, labels)) / 2e-4
      #expect(abs(Double(slope) - exact) < 1e-5)
    }
  }

  /// A margin of 1 is as many logits as documented: the affine map times the scale.
  @Test func aSupportVectorMachineIsAScaledMap() {
    var builder = ParameterBuilder(seed: 3)
    let machine = ImageClassifier(.linearSVM, classes: 3, in: &builder)
    var other = ParameterBuilder(seed: 3)
    let regression = ImageClassifier(.softmaxRegression, classes: 3, in: &other)
    #expect(builder.values == other.values)
    let tape = GradientTape()
    let parameters = tape.addParameters(builder.layout, values: builder.values)
    let x = Tensor(
      normal: Shape(2, 784), from: RandomStream(seed: 1, purpose: .syntheticData))
    let scaled = tape.value(of: machine(tape.constant(x), parameters, on: tape)).elements
    let plain = tape.value(of: regression(tape.constant(x), parameters, on: tape)).elements
    #expect(zip(scaled, plain).allSatisfy { abs($0 - 4 * $1) < 1e-5 })
  }
}
