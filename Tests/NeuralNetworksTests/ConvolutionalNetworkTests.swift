import AutomaticDifferentiation
import CAllocationCounter
import LinearAlgebra
import NeuralNetworks
import Randomness
import Tensors
import Testing

@Suite struct ConvolutionalNetworkTests {
  /// As the table of the documentation says, and as the layers really take.
  @Test func parameterCounts() {
    let counts: [ConvolutionalArchitecture.Depth: (grey: Int, colour: Int)] = [
      .six: (203_898, 265_626), .ten: (117_434, 148_442), .fourteen: (109_370, 138_330),
    ]
    for depth in ConvolutionalArchitecture.Depth.allCases {
      let grey = ConvolutionalArchitecture(depth, channels: 1, height: 28, width: 28)
      let colour = ConvolutionalArchitecture(depth, channels: 3, height: 32, width: 32)
      #expect(grey.parameterCount == counts[depth]?.grey)
      #expect(colour.parameterCount == counts[depth]?.colour)
      for architecture in [grey, colour] {
        #expect(architecture.start(seed: 1).count == architecture.parameterCount)
      }
    }
    #expect(ConvolutionalArchitecture.Depth.allCases.map(\.blocks) == [1, 2, 3])
  }

  /// The loss of a batch, as a function of the parameters.
  func loss(
    _ architecture: ConvolutionalArchitecture, _ values: [Float], images: Tensor,
    dropping: Bool
  ) -> (loss: Double, gradient: [Float]) {
    var builder = ParameterBuilder(seed: 3)
    let network = ConvolutionalNetwork(architecture, in: &builder)
    let tape = GradientTape()
    let parameters = tape.addParameters(builder.layout, values: values)
    let streams =
      dropping ? ConvolutionalNetwork.DropoutStreams(seed: 5, participant: 2, step: 7) : nil
    let logits = network(tape.constant(images), parameters, dropout: streams, on: tape)
    #expect(tape.shape(of: logits) == Shape(images.shape[0], architecture.classes))
    let loss = tape.softmaxCrossEntropy(logits, labels: [2, 0, 1])
    tape.backward(from: loss)
    let gradient = tape.withGradient(of: parameters) { span in
      (0..<span.count).map { span[$0] }
    }
    return (Double(tape.scalar(loss)), gradient)
  }

  /// Along the gradient the loss falls as steeply as the gradient is long.
  @Test(arguments: ConvolutionalArchitecture.Depth.allCases)
  func theGradientIsTheSlope(_ depth: ConvolutionalArchitecture.Depth) {
    let architecture = ConvolutionalArchitecture(
      depth, channels: 2, height: 11, width: 9, classes: 3)
    let images = Tensor(
      normal: Shape(3, 2, 11, 9), from: RandomStream(seed: 1, purpose: .syntheticData))
    let start = architecture.start(seed: 4)
    let (_, gradient) = loss(architecture, start, images: images, dropping: true)
    let square = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }
    let step = 1e-3 / square.squareRoot()
    func moved(_ factor: Double) -> Double {
      let values = zip(start, gradient).map { $0 + Float(factor * step) * $1 }
      return loss(architecture, values, images: images, dropping: true).loss
    }
    let slope = (moved(1) - moved(-1)) / (2 * step)
    #expect(square > 0)
    #expect(abs(slope / square - 1) < 0.03, "\(slope) for \(square)")
  }

  @Test func dropoutIsForTraining() {
    let architecture = ConvolutionalArchitecture(
      .ten, channels: 1, height: 8, width: 8, classes: 3)
    let images = Tensor(
      normal: Shape(3, 1, 8, 8), from: RandomStream(seed: 1, purpose: .syntheticData))
    let start = architecture.start(seed: 4)
    let plain = loss(architecture, start, images: images, dropping: false).loss
    let dropped = loss(architecture, start, images: images, dropping: true).loss
    #expect(plain != dropped)
    #expect(loss(architecture, start, images: images, dropping: false).loss == plain)
    #expect(loss(architecture, start, images: images, dropping: true).loss == dropped)
  }

  // Without the optimiser, closures and generic code allocate.
  #if !DEBUG
    @Test(.enabled(if: allocation_count_is_available() != 0))
    func aWarmTrainingStepAllocatesNothing() {
      let architecture = ConvolutionalArchitecture(
        .fourteen, channels: 3, height: 16, width: 16)
      var builder = ParameterBuilder(seed: 3)
      let network = ConvolutionalNetwork(architecture, in: &builder)
      let tape = GradientTape()
      let parameters = tape.addParameters(builder.layout, values: builder.values)
      var optimiser = Optimiser(
        .stochasticGradientDescent(momentum: 0.9), count: builder.layout.count)
      let images = Tensor(
        normal: Shape(8, 3, 16, 16), from: RandomStream(seed: 1, purpose: .syntheticData))
      let labels = (0..<8).map { Int32($0) }
      func step(_ number: Int) {
        tape.reset()
        let logits = network(
          tape.constant(images), parameters,
          dropout: ConvolutionalNetwork.DropoutStreams(seed: 5, step: number), on: tape)
        tape.backward(from: tape.softmaxCrossEntropy(logits, labels: labels))
        optimiser.step(parameters, on: tape, learningRate: 0.01)
      }
      for number in 0..<2 { step(number) }
      let before = allocation_count()
      for number in 2..<7 { step(number) }
      let after = allocation_count()
      #expect(after - before == 0, "allocations in five steps")
    }
  #endif
}
