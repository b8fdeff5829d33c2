import AutomaticDifferentiation
internal import CAllocationCounter
import LinearAlgebra
import NeuralNetworks
import Randomness
import Tensors

/// A training step of the convolutional classifier of ten layers: forward with dropout, backward and
/// Adam's step on one batch of 3x32x32 images. Its peer is `peers/convolutional_step.py`, PyTorch in
/// eager mode with one thread.
///
/// - Parameters:
///   - warmUp: steps before the clock starts.
///   - repeats: steps that are measured.
/// - Returns: the median time of a step in seconds, and how often the measured steps allocated.
func convolutionalStep(
  _ depth: ConvolutionalArchitecture.Depth = .ten, batch: Int = 32, warmUp: Int = 20,
  repeats: Int = 200
) -> (seconds: Double, allocations: Int) {
  let architecture = ConvolutionalArchitecture(depth, channels: 3, height: 32, width: 32)
  var builder = ParameterBuilder(seed: 1)
  let network = ConvolutionalNetwork(architecture, in: &builder)
  let tape = GradientTape()
  let parameters = tape.addParameters(builder.layout, values: builder.values)
  var optimiser = Optimiser(.adam(), count: builder.layout.count)
  let images = RandomStream(seed: 2, purpose: .syntheticData).normal(
    batch * architecture.imageSize)
  let labels = (0..<batch).map { Int32($0 % 10) }

  func step(_ number: Int) {
    tape.reset()
    let x = tape.constant(Shape(batch, 3, 32, 32)) { out in
      for i in 0..<out.count { out[i] = images[i] }
    }
    let logits = network(
      x, parameters, dropout: ConvolutionalNetwork.DropoutStreams(seed: 3, step: number), on: tape)
    tape.backward(from: tape.softmaxCrossEntropy(logits, labels: labels))
    optimiser.step(parameters, on: tape, learningRate: 1e-3)
  }

  let clock = ContinuousClock()
  var times: [Duration] = []
  times.reserveCapacity(repeats)
  for number in 0..<warmUp { step(number) }
  let before = allocation_count()
  for number in 0..<repeats { times.append(clock.measure { step(warmUp + number) }) }
  let allocations = Int(allocation_count() - before)
  return (median(times), allocations)
}
