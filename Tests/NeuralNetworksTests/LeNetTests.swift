import AutomaticDifferentiation
import LinearAlgebra
import NeuralNetworks
import Randomness
import Tensors
import Testing

@Suite struct LeNetTests {
  @Test func parameterCounts() {
    var original = ParameterBuilder(seed: 1)
    let network = LeNet5(.original1998, in: &original)
    #expect(original.layout.count == 60_850)
    #expect(original.values.count == 60_850)
    // The paper's 60,000 have no linear output layer.
    let output = original.layout.slots[network.output.weight].shape.count + 10
    #expect(original.layout.count - output == 60_000)

    var plain = ParameterBuilder(seed: 1)
    _ = LeNet5(.plain, in: &plain)
    #expect(plain.layout.count == 61_706)

    var four = ParameterBuilder(seed: 1)
    _ = LeNet4(in: &four)
    #expect(four.layout.count == 16_998)
  }

  /// Table I of LeCun et al. 1998 connects 60 pairs: each map to 3, 4 or 6 others.
  @Test func tableOne() {
    let table = ConnectionTable.leNet5
    #expect(table.inputs == 6 && table.outputs == 16 && table.count == 60)
    #expect(table.sources.map(\.count) == [3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 6])
    #expect(Set(table.sources).count == 16)
    #expect((0..<6).allSatisfy { map in table.sources.count { $0.contains(map) } == 10 })
  }

  /// A layer with a table is the full layer with zeros in its kernels: value and derivatives.
  @Test func aPartialConnectionIsAFullOneWithZeros() {
    let table = ConnectionTable(inputs: 3, sources: [[1], [0, 2], [0, 1, 2], [2]])
    var builder = ParameterBuilder(seed: 8)
    let layer = Convolution2D(
      "c", table, kernel: Extent2D(height: 2, width: 3), padding: 1, activation: .tanh,
      in: &builder)
    let tape = GradientTape()
    let parameters = tape.addParameters(builder.layout, values: builder.values)
    let x = Tensor(
      normal: Shape(2, 3, 4, 5), from: RandomStream(seed: 1, purpose: .syntheticData))

    var full = [Float](repeating: 0, count: 4 * 3 * 6)
    var places: [Int] = []
    for (output, maps) in table.sources.enumerated() {
      for input in maps { places += (0..<6).map { (output * 3 + input) * 6 + $0 } }
    }
    for (i, place) in places.enumerated() { full[place] = builder.values[i] }

    let one = layer(tape.constant(x), parameters, on: tape)
    let weight = tape.input(Tensor(Shape(4, 3, 2, 3), full))
    let bias = tape.input(Tensor(Shape(4)))
    let other = tape.convolution2D(
      tape.constant(x), weight, bias, padding: 1, activation: .tanh)
    #expect(tape.value(of: one) == tape.value(of: other))
    tape.backward(from: tape.sum(tape.add(tape.square(one), tape.square(other))))
    let gradient = tape.gradient(of: weight).elements
    #expect(tape.gradient(of: parameters(layer.weight)).elements == places.map { gradient[$0] })
    #expect(tape.gradient(of: parameters(layer.bias)) == tape.gradient(of: bias))
  }

  @Test func subsamplingOfPairs() {
    var builder = ParameterBuilder(seed: 1)
    let layer = Subsampling("s", maps: 4, copies: 2, in: &builder)
    #expect(builder.values == [1, 1, 1, 1, 0, 0, 0, 0])
    let tape = GradientTape()
    let parameters = tape.addParameters(
      builder.layout, values: [1, 2, 0.5, -1, 0, 0.25, 0.5, 0])
    let x = tape.input(Tensor(Shape(1, 2, 2, 2), [1, 2, 3, 6, -1, 0, 0, -3]))
    let y = layer(x, parameters, on: tape)
    let exact = [3.0, 2 * -1 + 0.25, 0.5 * 3 + 0.5, 1.0].map { (a: Double) in
      let e = (4 * a / 3).exponential
      return 1.7159 * (e - 1) / (e + 1)
    }
    for (value, exact) in zip(tape.value(of: y).elements, exact) {
      #expect(abs(Double(value) - exact) < 1e-6)
    }
  }

  @Test func dropoutActsWhileTrainingOnly() {
    let tape = GradientTape()
    let x = tape.input(Tensor(Shape(1000), repeating: 3))
    let layer = Dropout(probability: 0.25)
    #expect(tape.value(of: layer(x, from: nil, on: tape)) == tape.value(of: x))
    let y = layer(x, from: RandomStream(seed: 1, purpose: .dropout), on: tape)
    let dropped = tape.value(of: y).elements.count { $0 == 0 }
    #expect(dropped > 200 && dropped < 300)
    #expect(tape.value(of: y).elements.allSatisfy { $0 == 0 || abs($0 - 4) < 1e-6 })
    tape.backward(from: tape.sum(y))
    #expect(
      tape.gradient(of: x).elements.map { $0 * 3 } == tape.value(of: y).elements)
  }

  /// Every network can learn a handful of images by heart.
  @Test(arguments: ["lenet5-1998", "lenet5-plain", "lenet4"])
  func learnsByHeart(_ name: String) throws {
    var builder = ParameterBuilder(seed: 2)
    let network = try #require(GoldenNetworkTests.network(name, in: &builder))
    let tape = GradientTape()
    let parameters = tape.addParameters(builder.layout, values: builder.values)
    var optimiser = Optimiser(.adam(), count: builder.layout.count)
    let x = Tensor(
      normal: Shape(20, 1, 28, 28), from: RandomStream(seed: 6, purpose: .syntheticData))
    let labels = (0..<20).map { Int32($0 * 3 % 10) }
    var losses: [Float] = []
    for _ in 0..<60 {
      tape.reset()
      let loss = tape.softmaxCrossEntropy(
        network(tape.constant(x), parameters, tape), labels: labels)
      tape.backward(from: loss)
      optimiser.step(parameters, on: tape, learningRate: 2e-3)
      losses.append(tape.scalar(loss))
    }
    #expect(losses[0] > 1.5)
    #expect(losses[59] < 0.1)
  }
}
