import AutomaticDifferentiation
internal import CAllocationCounter
import LinearAlgebra
import NeuralNetworks
import Randomness
import Tensors
import VariationalInference

/// The network of the timed steps: M = 38, hidden 128, d = 8, σ from the network (CollabDict 2024,
/// Eq. (23)). Its peers are in `peers/vae_step.py`.
let timedArchitecture = VAEArchitecture(
  features: 38, hidden: [128], latent: 8, linearPath: false, scale: .network,
  observation: .gaussian)

/// A training step of the autoencoder: minibatch, noise, forward, backward, Adam on φ and θ.
///
/// - Returns: the median time of a step in seconds, and how often the last steps allocated.
func vaeStep(batch: Int, repeats: Int = 1000) -> (seconds: Double, allocations: Int) {
  var encoderBuilder = ParameterBuilder(seed: 1)
  let encoder = Encoder(timedArchitecture, in: &encoderBuilder)
  var decoderBuilder = ParameterBuilder(seed: 2)
  let decoder = Decoder(timedArchitecture, in: &decoderBuilder)
  let tape = GradientTape()
  let phi = tape.addParameters(encoderBuilder.layout, values: encoderBuilder.values)
  let theta = tape.addParameters(decoderBuilder.layout, values: decoderBuilder.values)
  var phiAdam = Optimiser(.adam(), count: encoderBuilder.layout.count)
  var thetaAdam = Optimiser(.adam(), count: decoderBuilder.layout.count)
  let data = RandomStream(seed: 3, purpose: .syntheticData).normal(batch * 38)

  func step(_ number: Int) {
    tape.reset()
    let x = tape.constant(Shape(batch, 38)) { out in
      for i in 0..<out.count { out[i] = data[i] }
    }
    let noise = tape.constant(Shape(batch, 8)) {
      RandomStream(seed: 5, round: UInt32(number), purpose: .latentNoise).fillNormal(&$0)
    }
    let bound = EvidenceLowerBound(
      encoder, phi, decoder, theta, x: x, target: x, noise: noise, beta: 1,
      weight: 1 / Float(batch), on: tape)
    tape.backward(from: bound.loss)
    phiAdam.step(phi, on: tape, learningRate: 1e-3)
    thetaAdam.step(theta, on: tape, learningRate: 1e-3)
  }

  let clock = ContinuousClock()
  for number in 0..<50 { step(number) }
  var times: [Duration] = []
  times.reserveCapacity(repeats)
  for number in 0..<repeats { times.append(clock.measure { step(number) }) }
  let before = allocation_count()
  for number in 0..<100 { step(number) }
  let allocations = Int(allocation_count() - before)
  return (median(times), allocations)
}

/// The eleven matrix products of that step and nothing else, on memory of the same sizes.
func bareProducts(batch: Int, repeats: Int = 1000) -> Double {
  struct Product {
    let left: [Float]
    let right: [Float]
    let orders: (Transposition, Transposition)
    let rows: Int
    let columns: Int
    let inner: Int
  }
  func memory(_ count: Int, _ seed: UInt64) -> [Float] {
    RandomStream(seed: seed, purpose: .syntheticData).normal(count)
  }
  var products: [Product] = []
  for (inputs, outputs) in [(38, 128), (128, 16), (8, 128), (128, 76)] {
    let x = memory(batch * inputs, 1)
    let w = memory(inputs * outputs, 2)
    let dy = memory(batch * outputs, 3)
    products.append(
      Product(
        left: x, right: w, orders: (.none, .none), rows: batch, columns: outputs, inner: inputs))
    products.append(
      Product(
        left: x, right: dy, orders: (.transposed, .none), rows: inputs, columns: outputs,
        inner: batch))
    if inputs != 38 {
      products.append(
        Product(
          left: dy, right: w, orders: (.none, .transposed), rows: batch, columns: inputs,
          inner: outputs))
    }
  }
  var results = products.map { [Float](repeating: 0, count: $0.rows * $0.columns) }
  let clock = ContinuousClock()
  var times: [Duration] = []
  for _ in 0..<repeats {
    times.append(
      clock.measure {
        for (i, product) in products.enumerated() {
          var span = results[i].mutableSpan
          multiply(
            product.left.span, product.orders.0, product.right.span, product.orders.1,
            into: &span, rows: product.rows, columns: product.columns, inner: product.inner)
        }
      })
  }
  return median(times)
}
