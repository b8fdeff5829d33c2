import Datasets
import LinearAlgebra
import VariationalInference

extension PretrainedDecoder {
  static let format = "CollabDict pretrained decoder"
  static let formatVersion = 1

  /// Longer axes and more layers than anybody's model has; a file that asks for them is broken.
  private static let longestAxis = 1 << 24
  private static let mostLayers = 1 << 10

  private static let activations: [(word: String, value: Activation)] = [
    ("identity", .identity), ("relu", .relu), ("tanh", .tanh), ("sigmoid", .sigmoid),
    ("softplus", .softplus),
  ]

  /// Format, architecture, window, and the names of the variables.
  var properties: ExportProperties {
    var properties = ExportProperties()
    properties["format"] = .text(Self.format)
    properties["format_version"] = .integer(Self.formatVersion)
    properties["features"] = .integer(architecture.features)
    properties["variables"] = .integer(variables)
    properties["window"] = .integer(window.length)
    properties["latent"] = .integer(architecture.latent)
    properties["hidden"] = .integers(architecture.hidden)
    properties["linear_path"] = .flag(architecture.linearPath)
    properties["scale"] = .text(architecture.scale.rawValue)
    properties["scale_floor"] = .number(architecture.scaleFloor)
    properties["log_variance_floor"] = .number(architecture.logVariance.floor)
    properties["log_variance_ceiling"] = .number(architecture.logVariance.ceiling)
    properties["activation"] = Self.activations.first { $0.value == architecture.activation }
      .map { .text($0.word) }
    switch architecture.observation {
    case .gaussian:
      properties["observation"] = .text("gaussian")
    case .studentT(let nu):
      properties["observation"] = .text("student-t")
      properties["degrees_of_freedom"] = .number(nu)
    }
    if let variableNames, variableNames.count == variables {
      properties["variable_names"] = .texts(variableNames)
    }
    return properties
  }

  /// Architecture, window and names out of an export's properties.
  ///
  /// - Throws: ``StorageError``: `wrongFormat` if they are of something else or of a later version,
  ///   `noSuchObject` and `malformed` for a property that is missing or makes no sense.
  static func description(
    _ reader: ExportPropertyReader
  ) throws(StorageError) -> (VAEArchitecture, CausalWindow, variableNames: [String]?) {
    guard reader.texts["format"] == format else {
      throw StorageError(
        .wrongFormat, "this is not a pretrained decoder", at: .init(file: reader.file),
        remedy: "name a file that was exported as one")
    }
    let version = try reader.integer("format_version", in: 1...Int.max)
    guard version <= formatVersion else {
      throw StorageError(
        .wrongFormat, "the format's version is \(version), and only \(formatVersion) is known",
        at: .init(file: reader.file), remedy: "use a later version of this program")
    }
    let lengths = 1...longestAxis
    let variables = try reader.integer("variables", in: lengths)
    let window = try reader.integer("window", in: lengths)
    let features = try reader.integer("features", in: lengths)
    guard variables * window == features else {
      throw reader.wrong("features", "\(features) is not \(window) rows of \(variables) variables")
    }
    let hidden = try reader.integers("hidden", in: lengths)
    let linearPath = try reader.choice("linear_path", [("true", true), ("false", false)])
    guard hidden.count <= mostLayers, linearPath || !hidden.isEmpty else {
      throw reader.wrong("hidden", "there are \(hidden.count) layers")
    }
    let floor = try reader.number("log_variance_floor")
    let ceiling = try reader.number("log_variance_ceiling")
    guard floor < ceiling else {
      throw reader.wrong("log_variance_ceiling", "\(ceiling) is not above \(floor)")
    }
    let isGaussian = try reader.choice("observation", [("gaussian", true), ("student-t", false)])
    let architecture = VAEArchitecture(
      features: features, hidden: hidden,
      activation: try reader.choice("activation", activations),
      latent: try reader.integer("latent", in: lengths), linearPath: linearPath,
      scale: try reader.choice("scale", DecoderScale.allCases.map { ($0.rawValue, $0) }),
      observation: isGaussian
        ? .gaussian : .studentT(degreesOfFreedom: try reader.positive("degrees_of_freedom")),
      scaleFloor: try reader.positive("scale_floor"),
      logVariance: .init(floor: floor, ceiling: ceiling))
    let names = try reader.list("variable_names", count: variables)
    return (architecture, CausalWindow(window), names)
  }
}
