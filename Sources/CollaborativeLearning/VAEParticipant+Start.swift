import AutomaticDifferentiation
import Consensus
import LinearAlgebra
import NeuralNetworks
import VariationalInference

/// Why the participants could not start together.
public enum StartError: Error, Equatable, CustomStringConvertible {
  case momentsNotFinite
  case latentTooLarge(Int, features: Int)

  public var description: String {
    switch self {
    case .momentsNotFinite:
      "the pooled second moments are not finite; look for infinite readings with `inspect`"
    case .latentTooLarge(let latent, let features):
      "\(latent) latent variables for windows of \(features) values; choose fewer"
    }
  }
}

extension VAEParticipant {
  /// This participant's share of the pooled second moments: one triangle.
  func momentContribution() throws -> [Int64] {
    let sums = try data.momentSums(over: data.blocks.training)
    var triangle: [Int64] = []
    triangle.reserveCapacity(sums.order * (sums.order + 1) / 2)
    for i in 0..<sums.order {
      for j in 0...i {
        triangle.append(try fixedPoint.encode(sums[i, j] / Double(totalRows)))
      }
    }
    return triangle
  }

  /// Starts encoder and decoder from the pooled second moments. All participants compute the same
  /// θ; φˢ starts with the participant's own noise.
  mutating func begin(withMoments triangle: [Int64]) throws {
    let features = data.featureCount
    var pooled = SymmetricMatrix(
      order: features, elements: [Double](repeating: 0, count: features * features))
    var place = 0
    for i in 0..<features {
      for j in 0...i {
        pooled[i, j] = fixedPoint.decode(triangle[place])
        pooled[j, i] = pooled[i, j]
        place += 1
      }
    }
    guard
      let latent = configuration.latent
        ?? FactorAnalysis.factorCount(of: pooled, factor: configuration.latentFactor)
    else { throw StartError.momentsNotFinite }
    guard latent <= features else {
      throw StartError.latentTooLarge(latent, features: features)
    }
    let architecture = VAEArchitecture(
      features: features, hidden: configuration.hidden, latent: latent,
      linearPath: configuration.linearPath, scale: configuration.scale,
      observation: configuration.observation, scaleFloor: configuration.scaleFloor,
      logVariance: configuration.logVariance)
    var encoderBuilder = ParameterBuilder(seed: configuration.seed, participant: index + 1)
    let encoder = Encoder(architecture, in: &encoderBuilder)
    var decoderBuilder = ParameterBuilder(seed: configuration.seed, participant: 0)
    let decoder = Decoder(architecture, in: &decoderBuilder)
    var phi = encoderBuilder.values
    var theta = decoderBuilder.values
    if architecture.linearPath {
      guard let analysis = FactorAnalysis(fitting: pooled, factors: latent) else {
        throw StartError.momentsNotFinite
      }
      decoder.start(&theta, decoderBuilder.layout, from: analysis)
      var own = try data.momentSums(over: data.blocks.training)
      let rows = data.blocks.trainingCount
      for i in own.elements.indices { own.elements[i] /= Double(rows) }
      encoder.start(
        &phi, encoderBuilder.layout, from: analysis,
        noise: analysis.ownNoise(moments: own, rows: rows))
    }
    install(
      architecture, encoder, decoder, encoderBuilder.layout, decoderBuilder.layout, phi: phi,
      theta: theta)
    start = Snapshot(phi: phi, theta: theta)
  }

  /// Puts networks and parameters on a new tape.
  mutating func install(
    _ architecture: VAEArchitecture, _ encoder: Encoder, _ decoder: Decoder,
    _ encoderLayout: ParameterLayout, _ decoderLayout: ParameterLayout, phi: [Float],
    theta: [Float]
  ) {
    let tape = GradientTape()
    networks = Networks(
      architecture: architecture, encoder: encoder, decoder: decoder, tape: tape,
      phi: tape.addParameters(encoderLayout, values: phi),
      theta: tape.addParameters(decoderLayout, values: theta),
      phiOptimiser: Optimiser(configuration.optimiser, count: encoderLayout.count),
      thetaOptimiser: Optimiser(configuration.optimiser, count: decoderLayout.count))
  }
}
