import AutomaticDifferentiation
import Foundation
import LinearAlgebra
import NeuralNetworks
import Tensors
import Testing
import VariationalInference

/// What PyTorch and scikit-learn gave for the same models: golden.json, made by
/// `NeuralNetworksTests/reference/make_golden.py`.
struct Golden: Decodable, Sendable {
  struct Slot: Decodable, Sendable {
    let name: String
    let shape: [Int]
    /// The parameters are draws times the scale plus the shift.
    let scale: Float
    let shift: Float
    let norm: Double
    /// The gradient times a vector of draws.
    let projection: Double
    /// Every so many elements of the gradient.
    let step: Int
    let samples: [Double]
  }

  struct Autoencoder: Decodable, Sendable {
    let losses: [Double]
    let encoder: [Slot]
    let decoder: [Slot]
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

  static let values: Golden? = {
    guard let url = Bundle.module.url(forResource: "golden", withExtension: "json"),
      let data = try? Data(contentsOf: url)
    else { return nil }
    return try? JSONDecoder().decode(Golden.self, from: data)
  }()

  /// Multiples of 2⁻²³ in [-1, 1), scaled and shifted: the generator of the script.
  static func draws(
    _ seed: UInt32, _ count: Int, scale: Float = 1, shift: Float = 0
  ) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(Int(state >> 8) - 8_388_608) / 8_388_608 * scale + shift
    }
  }
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
      values: Self.parameters(golden.encoder, encoderBuilder.layout, seed: 200))
    let theta = tape.addParameters(
      decoderBuilder.layout,
      values: Self.parameters(golden.decoder, decoderBuilder.layout, seed: 300))
    var encoderOptimiser = Optimiser(.adam(), count: encoderBuilder.layout.count)
    var decoderOptimiser = Optimiser(.adam(), count: decoderBuilder.layout.count)

    let count = Self.rows * Self.features
    let drawn = Golden.draws(12, count, scale: 2)
    let seen = (0..<count).map { $0 % 11 == 5 ? 0 : drawn[$0] }
    let target = (0..<count).map { $0 % 11 == 5 ? Float.nan : drawn[$0] }
    let shape = Shape(Self.rows, Self.features)
    let noise = Tensor(
      Shape(Self.rows, Self.latent), Golden.draws(13, Self.rows * Self.latent, scale: 1.5))

    for (step, expected) in golden.losses.enumerated() {
      tape.reset()
      let bound = EvidenceLowerBound(
        encoder, phi, decoder, theta, x: tape.constant(Tensor(shape, seen)),
        target: tape.constant(Tensor(shape, target)), noise: tape.constant(noise), beta: 0.7,
        weight: 1 / Float(Self.rows), on: tape)
      tape.backward(from: bound.loss)
      if step == 0 {
        Self.compare(phi, on: tape, with: golden.encoder)
        Self.compare(theta, on: tape, with: golden.decoder)
        let logVariances = tape.value(of: bound.moments).elements.enumerated()
          .filter { $0.offset % 6 >= 3 }.map(\.element)
        #expect(logVariances.contains { $0 < -1 } && logVariances.contains { $0 > 0.5 })
      }
      #expect(abs(Double(tape.scalar(bound.loss)) - expected) < 1e-5 * expected, "step \(step)")
      encoderOptimiser.step(phi, on: tape, learningRate: 0.01)
      decoderOptimiser.step(theta, on: tape, learningRate: 0.01)
    }
  }

  /// The parameters of a network, after a look at its layout.
  private static func parameters(
    _ slots: [Golden.Slot], _ layout: ParameterLayout, seed: UInt32
  ) -> [Float] {
    #expect(layout.slots.map(\.name) == slots.map(\.name))
    #expect(layout.slots.map(\.shape.dimensions) == slots.map(\.shape))
    return slots.enumerated().flatMap { i, slot in
      Golden.draws(
        seed + UInt32(i), slot.shape.reduce(1, *), scale: slot.scale, shift: slot.shift)
    }
  }

  /// Compares a gradient with what is stored of it; rounding is to the length of each slot's part.
  private static func compare(
    _ group: ParameterGroup, on tape: GradientTape, with slots: [Golden.Slot]
  ) {
    for (i, slot) in slots.enumerated() {
      let gradient = tape.gradient(of: group(i)).elements.map(Double.init)
      let allowed = 1e-5 * slot.norm + 1e-9
      let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norm - slot.norm) < allowed, "\(slot.name)")
      let projection = zip(gradient, Golden.draws(7, gradient.count))
        .reduce(0) { $0 + $1.0 * Double($1.1) }
      #expect(abs(projection - slot.projection) < 3 * allowed, "\(slot.name)")
      for (place, sample) in zip(stride(from: 0, to: gradient.count, by: slot.step), slot.samples) {
        #expect(abs(gradient[place] - sample) < allowed, "\(slot.name)[\(place)]")
      }
    }
  }
}
