import AutomaticDifferentiation
import GoldenValues
import NeuralNetworks
import Tensors
import Testing

/// Whole networks beside PyTorch's: the gradient at the first step, then the loss over five.
@Suite struct GoldenNetworkTests {
  typealias Network = (Variable, ParameterGroup, GradientTape) -> Variable

  static func network(_ name: String, in builder: inout ParameterBuilder) -> Network? {
    switch name {
    case "lenet5-1998":
      let model = LeNet5(.original1998, in: &builder)
      return { model($0, $1, on: $2) }
    case "lenet5-plain":
      let model = LeNet5(.plain, in: &builder)
      return { model($0, $1, on: $2) }
    case "lenet4":
      let model = LeNet4(in: &builder)
      return { model($0, $1, on: $2) }
    case "mlp":
      let model = MultilayerPerceptron("mlp", widths: [12, 16, 9, 5], in: &builder)
      return { model($0, $1, on: $2) }
    default: return nil
    }
  }

  static let rules: [String: OptimisationRule] = [
    "sgd": .stochasticGradientDescent(),
    "momentum": .stochasticGradientDescent(momentum: 0.9),
    "nesterov": .stochasticGradientDescent(momentum: 0.9, nesterov: true),
    "adam": .adam(),
    "adamW": .adamW(weightDecay: 0.1),
  ]

  @Test(arguments: ["lenet5-1998", "lenet5-plain", "lenet4", "mlp"])
  func trainsAsInPyTorch(_ name: String) throws {
    let golden = try #require(Golden.values?.networks[name])
    var builder = ParameterBuilder(seed: 0)
    let network = try #require(Self.network(name, in: &builder))
    let tape = GradientTape()
    let parameters = tape.addParameters(
      builder.layout,
      values: try #require(golden.slots.parameters(for: builder.layout, seed: 100)))
    var optimiser = Optimiser(try #require(Self.rules[golden.rule]), count: builder.layout.count)
    let shape = Shape(golden.shape)
    let x = Tensor(shape, GoldenDraws.values(11, shape.count))
    for (step, expected) in golden.losses.enumerated() {
      tape.reset()
      let logits = network(tape.constant(x), parameters, tape)
      let classes = tape.shape(of: logits)[1]
      let labels = (0..<shape[0]).map { Int32($0 * 7 % classes) }
      let loss = tape.softmaxCrossEntropy(logits, labels: labels)
      tape.backward(from: loss)
      if step == 0 {
        #expect(golden.slots.differences(from: parameters, on: tape, tolerance: 2e-5) == [])
      }
      #expect(abs(Double(tape.scalar(loss)) - expected) < 2e-5, "step \(step)")
      optimiser.step(parameters, on: tape, learningRate: golden.rate)
    }
  }

  @Test(arguments: rules.keys.sorted()) func optimisersStepAsPyTorchs(_ name: String) throws {
    let expected = try #require(Golden.values?.optimisers[name])
    var parameters = GoldenDraws.values(21, 10)
    var optimiser = Optimiser(try #require(Self.rules[name]), count: 10)
    for step in 0..<6 {
      let gradient = GoldenDraws.values(31 + UInt32(step), 10)
      var span = parameters.mutableSpan
      optimiser.step(&span, gradient: gradient.span, learningRate: 0.05)
    }
    #expect(optimiser.steps == 6)
    for (value, exact) in zip(parameters, expected) { #expect(abs(Double(value) - exact) < 1e-6) }
  }
}
