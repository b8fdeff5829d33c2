import AnomalyDetection
import AutomaticDifferentiation
import Datasets
import NeuralNetworks
import VariationalInference

/// The shared decoder θ of a trained model, and nothing about any participant.
///
/// It works on standardised variables, each participant's in units of its own mean and spread,
/// which stay with the participant. A feature is a variable of one row of a window, the newest row
/// first: `[window, variables]`.
public struct PretrainedDecoder: Sendable, Equatable {
  public var architecture: VAEArchitecture
  public var window: CausalWindow
  /// θ, in the decoder's layout.
  public var theta: [Float]
  /// Names of the variables, where the data gave them.
  public var variableNames: [String]?

  /// - Precondition: `theta` has as many values as the decoder's parameters, and a window's rows
  ///   divide the features.
  public init(
    architecture: VAEArchitecture, window: CausalWindow, theta: [Float],
    variableNames: [String]? = nil
  ) {
    let count = Self.parameterCount(architecture)
    precondition(theta.count == count, "\(theta.count) values for \(count) parameters")
    precondition(
      architecture.features % window.length == 0,
      "\(architecture.features) features in windows of \(window.length) rows")
    self.architecture = architecture
    self.window = window
    self.theta = theta
    self.variableNames = variableNames
  }

  /// The decoder of a model.
  public init(_ model: AutoencoderModel) {
    self.init(
      architecture: model.architecture, window: model.window, theta: model.theta,
      variableNames: model.variableNames)
  }

  /// M.
  public var variables: Int { architecture.features / window.length }

  /// The decoder's layers, and where their parameters stand in θ.
  var structure: (decoder: Decoder, layout: ParameterLayout) {
    var builder = ParameterBuilder(seed: 0)
    let decoder = Decoder(architecture, in: &builder)
    return (decoder, builder.layout)
  }

  /// The number of a decoder's parameters, without making it.
  static func parameterCount(_ architecture: VAEArchitecture) -> Int {
    let outputs = architecture.features * (architecture.scale == .network ? 2 : 1)
    var count = architecture.scale == .network ? 0 : architecture.features
    if architecture.linearPath { count += (architecture.latent + 1) * outputs }
    if architecture.hidden.isEmpty { return count }
    var inputs = architecture.latent
    for width in architecture.hidden.reversed() + [outputs] {
      count += (inputs + 1) * width
      inputs = width
    }
    return count
  }
}

extension AutoencoderModel {
  /// Writes the pretrained decoder θ, and nothing about any participant.
  ///
  /// The extension of `path` chooses the format:
  /// - `.onnx`: a graph from `z`, `[rows, latent]`, to `mean` and `sigma`, `[rows, features]`.
  /// - `.safetensors`: θ by tensors, the rest as metadata.
  /// - `.h5`: θ by data sets under `/global`, the rest as attributes.
  ///
  /// ``PretrainedDecoder/init(reading:)`` reads the last two.
  ///
  /// - Throws: ``StorageError``, `wrongFormat` for another extension. What was at `path` is then as
  ///   it was.
  public func exportDecoder(to path: String) throws(StorageError) {
    try PretrainedDecoder(self).write(to: path)
  }
}
