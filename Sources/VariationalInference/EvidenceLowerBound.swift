import AutomaticDifferentiation
import LinearAlgebra
import NeuralNetworks
import Tensors

/// The negative evidence lower bound of one minibatch, as recorded on a tape.
public struct EvidenceLowerBound {
  /// What is minimised: (reconstruction + β · divergence) · weight, a scalar.
  public let loss: Variable
  /// The sum over the rows of -ln p(x | z), in nats.
  public let reconstruction: Variable
  /// The sum over the rows of KL(q(z | x) ‖ p(z)), in nats.
  public let divergence: Variable
  /// The moments of q, `[rows, 2 latent]`.
  public let moments: Variable
  /// The decoder's output.
  public let output: Variable

  /// Records encoder, draw, decoder and loss: CollabDict 2024, Eqs. (28) and (30)-(32) with one
  /// draw, the sign of ‖m‖² corrected.
  ///
  /// - Parameters:
  ///   - x: `[rows, features]`, what the encoder sees; zeros stand for missing values.
  ///   - target: `[rows, features]`, what the decoder should give; NaN marks missing values.
  ///   - noise: `[rows, latent]`, standard normal.
  ///   - beta: the weight of the divergence, 1 but for its warm-up.
  ///   - weight: a factor of the whole, such as 1 / rows.
  public init(
    _ encoder: Encoder, _ phi: ParameterGroup, _ decoder: Decoder, _ theta: ParameterGroup,
    x: Variable, target: Variable, noise: Variable, beta: Float, weight: Float,
    on tape: GradientTape
  ) {
    let range = decoder.architecture.logVariance
    moments = encoder(x, phi, on: tape)
    let z = tape.gaussianSample(moments, noise: noise, range: range)
    output = decoder(z, theta, on: tape)
    reconstruction = decoder.loss(output, target: target, theta, on: tape)
    divergence = tape.gaussianDivergence(moments, range: range)
    loss = tape.add(
      tape.scale(reconstruction, by: weight), tape.scale(divergence, by: weight * beta))
  }
}
