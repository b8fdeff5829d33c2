import AutomaticDifferentiation
import LinearAlgebra
import NeuralNetworks
import Randomness
import Tensors

/// A training step of the plain LeNet-5: forward, backward and the optimiser's step on one batch of
/// 28x28 images. Its peer is `peers/lenet.py`, PyTorch in eager mode with one thread.
///
/// - Parameters:
///   - warmUp: steps before the clock starts.
///   - repeats: steps that are measured.
/// - Returns: the median time of a step in seconds, and the loss after the last.
func leNetStep(
  batch: Int = 128, rule: OptimisationRule = .adam(), warmUp: Int = 20, repeats: Int = 200
) -> (seconds: Double, loss: Float) {
  var builder = ParameterBuilder(seed: 1)
  let network = LeNet5(.plain, in: &builder)
  let tape = GradientTape()
  let parameters = tape.addParameters(builder.layout, values: builder.values)
  var optimiser = Optimiser(rule, count: builder.layout.count)
  let images = RandomStream(seed: 2, purpose: .syntheticData).normal(batch * 28 * 28)
  let labels = (0..<batch).map { Int32($0 % 10) }
  let clock = ContinuousClock()
  var times: [Double] = []
  var loss: Float = 0
  for step in 0..<warmUp + repeats {
    let time = clock.measure {
      tape.reset()
      let x = tape.constant(Shape(batch, 1, 28, 28)) { out in
        for i in 0..<out.count { out[i] = images[i] }
      }
      let mean = tape.softmaxCrossEntropy(network(x, parameters, on: tape), labels: labels)
      tape.backward(from: mean)
      optimiser.step(parameters, on: tape, learningRate: 1e-3)
      loss = tape.scalar(mean)
    }
    if step >= warmUp { times.append(time / .seconds(1)) }
  }
  times.sort()
  return (times[times.count / 2], loss)
}
