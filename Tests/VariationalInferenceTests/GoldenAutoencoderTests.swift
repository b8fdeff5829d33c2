import AutomaticDifferentiation
import Foundation
import GoldenValues
import LinearAlgebra
import NeuralNetworks
import Tensors
import Testing
import VariationalInference

/// What PyTorch and scikit-learn gave for the same models: golden.json, made by
/// `NeuralNetworksTests/reference/make_golden.py`.
struct Golden: Decodable, Sendable {
  struct Autoencoder: Decodable, Sendable {
    let losses: [Double]
    let encoder: [GoldenSlot]
    let decoder: [GoldenSlot]
  }

  struct Factors: Decodable, Sendable {
    let features: Int
    let factors: Int
    let rows: Int
    let moments: [Double]
    let covariance: [Double]
    /// The mean over the rows of ln p.
    let likelihood: Double
  }

  let autoencoders: [String: Autoencoder]
  let factorAnalyses: [Factors]

  static let values = GoldenFile.read(Golden.self, in: .module)
}

/// Autoencoders beside PyTorch's: both gradients at the first step, then the loss over five, with
/// missing values and with log variances on both sides of their range.
@Suite struct GoldenAutoencoderTests {
  static let features = 6
  static let latent = 3
  static let rows = 9

  static func architecture(
    linearPath: Bool, _ scale: DecoderScale, _ observation: ObservationModel
  ) -> VAEArchitecture {
    VAEArchitecture(
      features: features, hidden: [10], latent: latent, linearPath: linearPath, scale: scale,
      observation: observation, scaleFloor: 0.01,
      logVariance: LogVarianceRange(floor: -1, ceiling: 0.5))
  }

  @Test(arguments: [
    ("network", architecture(linearPath: false, .network, .gaussian)),
    ("linear-gaussian", architecture(linearPath: true, .perVariable, .gaussian)),
    (
      "linear-student",
      architecture(linearPath: true, .perVariable, .studentT(degreesOfFreedom: 4))
    ),
  ])
  func trainsAsInPyTorch(_ name: String, _ architecture: VAEArchitecture) throws {
    let golden = try #require(Golden.values?.autoencoders[name])
    var encoderBuilder = ParameterBuilder(seed: 1)
    let encoder = Encoder(architecture, in: &encoderBuilder)
    var decoderBuilder = ParameterBuilder(seed: 1)
    let decoder = Decoder(architecture, in: &decoderBuilder)
    let tape = GradientTape()
    let phi = tape.addParameters(
      encoderBuilder.layout,
      values: try #require(golden.encoder.parameters(for: encoderBuilder.layout, seed: 200)))
    let theta = tape.addParameters(
      decoderBuilder.layout,
      values: try #require(golden.decoder.parameters(for: decoderBuilder.layout, seed: 300)))
    var encoderOptimiser = Optimiser(.adam(), count: encoderBuilder.layout.count)
    var decoderOptimiser = Optimiser(.adam(), count: decoderBuilder.layout.count)

    let count = Self.rows * Self.features
    let drawn = GoldenDraws.values(12, count, scale: 2)
    let seen = (0..<count).map { $0 % 11 == 5 ? 0 : drawn[$0] }
    let target = (0..<count).map { $0 % 11 == 5 ? Float.nan : drawn[$0] }
    let shape = Shape(Self.rows, Self.features)
    let noise = Tensor(
      Shape(Self.rows, Self.latent), GoldenDraws.values(13, Self.rows * Self.latent, scale: 1.5))

    for (step, expected) in golden.losses.enumerated() {
      tape.reset()
      let bound = EvidenceLowerBound(
        encoder, phi, decoder, theta, x: tape.constant(Tensor(shape, seen)),
        target: tape.constant(Tensor(shape, target)), noise: tape.constant(noise), beta: 0.7,
        weight: 1 / Float(Self.rows), on: tape)
      tape.backward(from: bound.loss)
      if step == 0 {
        #expect(golden.encoder.differences(from: phi, on: tape, tolerance: 1e-5) == [])
        #expect(golden.decoder.differences(from: theta, on: tape, tolerance: 1e-5) == [])
        let logVariances = tape.value(of: bound.moments).elements.enumerated()
          .filter { $0.offset % 6 >= 3 }.map(\.element)
        #expect(logVariances.contains { $0 < -1 } && logVariances.contains { $0 > 0.5 })
      }
      #expect(abs(Double(tape.scalar(bound.loss)) - expected) < 1e-5 * expected, "step \(step)")
      encoderOptimiser.step(phi, on: tape, learningRate: 0.01)
      decoderOptimiser.step(theta, on: tape, learningRate: 0.01)
    }
  }
}
