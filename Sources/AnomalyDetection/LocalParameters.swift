import AutomaticDifferentiation
import Datasets
import NeuralNetworks
import VariationalInference

/// What one participant knows that no other does: its units, its encoder φˢ and its own spread.
public struct LocalParameters: Sendable, Equatable {
  public var standardisation: Standardisation
  /// φˢ, in the encoder's layout.
  public var phi: [Float]
  /// ψˢ, the variance of a standardised value around its reconstruction, `[features]`.
  public var noise: [Double]

  public init(standardisation: Standardisation, phi: [Float], noise: [Double]) {
    self.standardisation = standardisation
    self.phi = phi
    self.noise = noise
  }
}

/// Encoder and decoder with the layouts of their vectors: what a model is, but for its values.
public struct ModelStructure: Sendable, Equatable {
  public let architecture: VAEArchitecture
  public let window: CausalWindow
  public let encoder: Encoder
  public let decoder: Decoder
  public let encoderLayout: ParameterLayout
  public let decoderLayout: ParameterLayout

  /// The start values of φ and θ that `seed` gives them.
  public let phi: [Float]
  public let theta: [Float]

  /// - Parameters:
  ///   - participant: its number, which keys the start of its encoder; all share a decoder's.
  public init(
    _ architecture: VAEArchitecture, window: CausalWindow, seed: UInt64 = 0, participant: Int = 0
  ) {
    self.architecture = architecture
    self.window = window
    var encoderBuilder = ParameterBuilder(seed: seed, participant: UInt32(participant) + 1)
    encoder = Encoder(architecture, in: &encoderBuilder)
    encoderLayout = encoderBuilder.layout
    phi = encoderBuilder.values
    var decoderBuilder = ParameterBuilder(seed: seed, participant: 0)
    decoder = Decoder(architecture, in: &decoderBuilder)
    decoderLayout = decoderBuilder.layout
    theta = decoderBuilder.values
  }

  /// M.
  public var variables: Int { architecture.features / window.length }
}
