import AutomaticDifferentiation
import LinearAlgebra
import NeuralNetworks
import Tensors

/// The architecture of a multi-task variational autoencoder: CollabDict 2024, Secs. 5.1 and 5.2.
public struct VAEArchitecture: Sendable, Hashable {
  /// The length of an input row: variables times rows of a window.
  public var features: Int
  /// Units of each hidden layer, of encoder and decoder alike; may be empty with a linear path.
  public var hidden: [Int]
  /// The function of the hidden units.
  public var activation: Activation
  /// d, the length of z.
  public var latent: Int
  /// A linear map beside each perceptron. It starts from factor analysis, the perceptron from 0.
  public var linearPath: Bool
  public var scale: DecoderScale
  public var observation: ObservationModel
  /// The smallest σ, in units of the standardised variables.
  public var scaleFloor: Float
  /// Where the encoder's log variance is held.
  public var logVariance: LogVarianceRange

  public init(
    features: Int, hidden: [Int] = [128], activation: Activation = .relu, latent: Int,
    linearPath: Bool = true,
    scale: DecoderScale = .perVariable, observation: ObservationModel = .gaussian,
    scaleFloor: Float = 0.01, logVariance: LogVarianceRange = LogVarianceRange()
  ) {
    precondition(features > 0 && latent > 0, "\(features) features and \(latent) latent variables")
    precondition(linearPath || !hidden.isEmpty, "a decoder with neither linear path nor perceptron")
    self.features = features
    self.hidden = hidden
    self.activation = activation
    self.latent = latent
    self.linearPath = linearPath
    self.scale = scale
    self.observation = observation
    self.scaleFloor = scaleFloor
    self.logVariance = logVariance
  }

  /// The kernel of the observation model.
  public var kernel: ObservationKernel { observation.kernel(scaleFloor: scaleFloor) }
}

/// The encoder φˢ of one participant: q(z | x) = N(m(x), diag h(x)²), CollabDict 2024, Eq. (27).
///
/// Its output row is m and then ln h².
public struct Encoder: Sendable, Equatable {
  public let perceptron: MultilayerPerceptron?
  public let linear: Linear?

  public init(_ architecture: VAEArchitecture, in builder: inout ParameterBuilder) {
    let outputs = 2 * architecture.latent
    linear =
      architecture.linearPath
      ? Linear(
        "linear", inputs: architecture.features, outputs: outputs, initialiser: .constant(0),
        in: &builder) : nil
    perceptron =
      architecture.hidden.isEmpty
      ? nil
      : MultilayerPerceptron(
        "perceptron", widths: [architecture.features] + architecture.hidden + [outputs],
        activation: architecture.activation, last: architecture.linearPath ? .constant(0) : nil,
        in: &builder)
  }

  /// Records the moments of q: `[rows, features]` → `[rows, 2 latent]`.
  public func callAsFunction(
    _ x: Variable, _ parameters: ParameterGroup, on tape: GradientTape
  ) -> Variable {
    sum(perceptron, linear, x, parameters, tape)
  }
}

/// The shared decoder θ: p(x | z), CollabDict 2024, Eqs. (21)-(23).
public struct Decoder: Sendable, Equatable {
  public let architecture: VAEArchitecture
  public let perceptron: MultilayerPerceptron?
  public let linear: Linear?
  /// ln σ, `[features]`, unless σ is a function of z.
  public let logScale: Int?

  public init(_ architecture: VAEArchitecture, in builder: inout ParameterBuilder) {
    self.architecture = architecture
    let outputs = architecture.features * (architecture.scale == .network ? 2 : 1)
    linear =
      architecture.linearPath
      ? Linear(
        "linear", inputs: architecture.latent, outputs: outputs, initialiser: .constant(0),
        in: &builder) : nil
    perceptron =
      architecture.hidden.isEmpty
      ? nil
      : MultilayerPerceptron(
        "perceptron", widths: [architecture.latent] + architecture.hidden.reversed() + [outputs],
        activation: architecture.activation, last: architecture.linearPath ? .constant(0) : nil,
        in: &builder)
    logScale =
      architecture.scale == .network
      ? nil : builder.append("log-scale", Shape(architecture.features), .constant(0))
  }

  /// Records the decoder's output: `[rows, latent]` → `[rows, features]` means, followed by as many
  /// raw scales when σ is a function of z.
  public func callAsFunction(
    _ z: Variable, _ parameters: ParameterGroup, on tape: GradientTape
  ) -> Variable {
    sum(perceptron, linear, z, parameters, tape)
  }

  /// Records the sum over the rows of -ln p(target | z), in nats.
  ///
  /// - Parameters:
  ///   - output: of this decoder.
  ///   - target: `[rows, features]`, NaN where a value is missing.
  public func loss(
    _ output: Variable, target: Variable, _ parameters: ParameterGroup, on tape: GradientTape
  ) -> Variable {
    if let logScale {
      return tape.observationLoss(
        mean: output, logScale: parameters(logScale), target: target, architecture.kernel)
    }
    return tape.observationLoss(networkScale: output, target: target, architecture.kernel)
  }
}

/// The two paths of a network, whichever exist, added up.
private func sum(
  _ perceptron: MultilayerPerceptron?, _ linear: Linear?, _ x: Variable,
  _ parameters: ParameterGroup, _ tape: GradientTape
) -> Variable {
  switch (perceptron, linear) {
  case (let perceptron?, let linear?):
    return tape.add(perceptron(x, parameters, on: tape), linear(x, parameters, on: tape))
  case (let perceptron?, nil): return perceptron(x, parameters, on: tape)
  case (nil, let linear?): return linear(x, parameters, on: tape)
  case (nil, nil): preconditionFailure("a network with neither linear path nor perceptron")
  }
}
