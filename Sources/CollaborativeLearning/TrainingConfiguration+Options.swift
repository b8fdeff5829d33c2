import AnomalyDetection
import LinearAlgebra
import NeuralNetworks
import Settings
import VariationalInference

/// A setting that cannot be.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// One setting of a run under the name that it has on the command line, in a configuration file and
/// in a checkpoint.
public struct ConfigurationOption: Sendable {
  let setting: Setting<TrainingConfiguration>
  /// The class of models that it is for; `nil` for all.
  public private(set) var modelClass: ModelClass?

  init(_ setting: Setting<TrainingConfiguration>) { self.setting = setting }

  public var name: String { setting.name }
  /// What it may be, for people: `1 or more`.
  public var values: String { setting.values }
  public var help: String { setting.help }

  /// The value as text.
  public func get(_ configuration: TrainingConfiguration) -> String { setting.get(configuration) }

  /// Sets it from text; `false` when the text is no such value.
  func set(_ configuration: inout TrainingConfiguration, _ text: String) -> Bool {
    setting.set(&configuration, text)
  }

  /// The same, for one class of models alone.
  func only(_ modelClass: ModelClass) -> ConfigurationOption {
    var option = self
    option.modelClass = modelClass
    return option
  }
}

extension TrainingConfiguration {
  /// Sets an option by name.
  ///
  /// - Throws: ``ConfigurationError`` that names the nearest option, or the values that it may have.
  public mutating func set(_ name: String, to value: String) throws(ConfigurationError) {
    guard let option = Self.options.first(where: { $0.name == name }) else {
      let nearest = NearestName.of(name, among: Self.options.map(\.name))
      throw ConfigurationError(
        "there is no setting \(name)" + (nearest.map { "; did you mean \($0)?" } ?? ""))
    }
    guard option.set(&self, value) else {
      throw ConfigurationError("\(name) cannot be \(value); it is \(option.values)")
    }
  }

  /// Checks that the settings go together.
  ///
  /// - Throws: ``ConfigurationError`` that names those that do not.
  public func validate() throws(ConfigurationError) {
    if hidden.isEmpty && !linearPath {
      throw ConfigurationError(
        "hidden cannot be none when linear-path is false; a model needs one of them")
    }
  }

  /// All settings of this model class by name, as text. Autoencoders are what there was first: only
  /// other classes are named.
  public var settings: [(name: String, value: String)] {
    Self.options.filter {
      ($0.modelClass ?? modelClass) == modelClass && ($0.name != "model" || modelClass != .vae)
    }.map { ($0.name, $0.get(self)) }
  }

  /// The same without what other model classes are set to.
  public var relevant: TrainingConfiguration {
    var result = TrainingConfiguration()
    result.modelClass = modelClass
    for option in Self.options where (option.modelClass ?? modelClass) == modelClass {
      _ = option.set(&result, option.get(self))
    }
    return result
  }

  /// All options, in the order in which help lists them.
  public static let options = generalOptions + mixtureOptions

  private static let generalOptions: [ConfigurationOption] = [
    cases(
      "model", "what is learned: an autoencoder, or a mixture of graphical models", \.modelClass),
    number("window", "rows of a causal window", 1...1000, \.window),
    number("clip", "standardised values are held within ± this", 1...1e6, \.bound),
    number(
      "constant-scale",
      "scale of a variable that is constant in training, as a share of its size",
      1e-9...1e9, \.constantScale),
    option(
      "hidden", "units of each hidden layer, or none", "as in 64 or 128,64 or none",
      { $0.hidden.isEmpty ? "none" : $0.hidden.map(String.init).joined(separator: ",") },
      { configuration, text in
        if text == "none" || text.isEmpty {
          configuration.hidden = []
          return true
        }
        let parts = text.split(separator: ",").map { Int($0.filter { $0 != " " }) }
        guard parts.allSatisfy({ ($0 ?? 0) > 0 && ($0 ?? 0) <= 65536 }) else { return false }
        configuration.hidden = parts.compactMap { $0 }
        return true
      }
    ).only(.vae),
    option(
      "activation", "function of the hidden units", "relu, tanh, sigmoid or softplus",
      { "\($0.activation)" },
      { configuration, text in
        guard let found = Activation.allCases.first(where: { "\($0)" == text }) else {
          return false
        }
        configuration.activation = found
        return true
      }
    ).only(.vae),
    option(
      "latent", "latent variables", "auto, or 1 or more",
      { $0.latent.map(String.init) ?? "auto" },
      { configuration, text in
        if text == "auto" {
          configuration.latent = nil
          return true
        }
        guard let value = Int(text), (1...65536).contains(value) else { return false }
        configuration.latent = value
        return true
      }
    ).only(.vae),
    number(
      "latent-factor", "with latent auto: times the eigenvalues above 1", 0.1...10, \.latentFactor
    ).only(.vae),
    boolean(
      "linear-path", "linear maps beside the perceptrons, from factor analysis", \.linearPath
    ).only(.vae),
    boolean(
      "train-linear-path", "gradients move the linear maps, too", \.trainsLinearPath
    ).only(.vae),
    cases("scale", "where the decoder's spread comes from", \.scale).only(.vae),
    observationModel(
      "observation", "distribution around the decoder's mean, in training", \.observation
    ).only(.vae),
    number("scale-floor", "smallest spread, in standard deviations", 1e-6...10, \.scaleFloor)
      .only(.vae),
    number(
      "rounds", "most rounds of gradients; 0 for the closed-form start", 0...100_000_000,
      \.roundsAndSchedule),
    number("batch-size", "rows of a minibatch", 1...1_000_000, \.batchSize).only(.vae),
    number("learning-rate", "step length", 1e-9...10, \.learningRate).only(.vae),
    option(
      "optimiser", "rule of the steps", "adam, adamw or sgd", { $0.optimiser.name },
      { configuration, text in
        switch text {
        case "adam": configuration.optimiser = .adam()
        case "adamw": configuration.optimiser = .adamW()
        case "sgd": configuration.optimiser = .stochasticGradientDescent(momentum: 0.9)
        default: return false
        }
        return true
      }
    ).only(.vae),
    option(
      "schedule", "course of the learning rate", "constant or cosine", { $0.schedule.name },
      { configuration, text in
        switch text {
        case "constant": configuration.schedule = .constant
        case "cosine": configuration.schedule = configuration.cosineSchedule
        default: return false
        }
        return true
      }
    ).only(.vae),
    cases("order", "whether θ's gradient is taken after φ's step or with it", \.order).only(.vae),
    number("gradient-bound", "largest norm of a gradient", 1e-9...1e9, \.gradientBound).only(
      .vae),
    number(
      "warm-up", "rounds over which the divergence's weight rises to 1", 0...100_000_000, \.warmUp
    ).only(.vae),
    number(
      "validation-interval", "rounds between two looks at held-out blocks", 1...1_000_000,
      \.validationInterval
    ).only(.vae),
    number(
      "patience", "looks without gain after which training ends", 1...1_000_000, \.patience
    ).only(.vae),
    number("blocks", "blocks of time that a series is cut into", 2...100_000, \.blocks),
    number(
      "validation-every", "of them, every which one is held out", 2...100_000, \.validationEvery),
    option(
      "seed", "of all random numbers", "0 or more", { String($0.seed) },
      { configuration, text in
        guard let value = UInt64(text) else { return false }
        configuration.seed = value
        return true
      }),
    number(
      "draws", "draws of the latent variables a score averages over", 1...65536, \.scoring.draws
    ).only(.vae),
    observationModel(
      "score-observation", "distribution of the reconstruction's part of a score",
      \.scoring.observation
    ).only(.vae),
    number(
      "prediction-weight", "weight of the prediction's part of a score", 0...1000,
      \.scoring.predictionWeight
    ).only(.vae),
    observationModel(
      "prediction-observation", "distribution of the prediction's part of a score",
      \.scoring.predictionObservation
    ).only(.vae),
    number("smoothing", "rows that a score is averaged over", 1...100_000, \.scoring.smoothing),
    cases("threshold-rule", "how thresholds come from normal scores", \.scoring.rule),
    number(
      "false-alarm-rate", "share of normal rows that may alarm", 1e-9...0.5,
      \.scoring.falseAlarmRate),
  ]
}

extension TrainingConfiguration {
  /// The cosine schedule over all rounds.
  fileprivate var cosineSchedule: LearningRateSchedule {
    .cosine(warmUp: rounds / 20, total: rounds, final: 0.01)
  }

  /// The number of rounds; a cosine schedule follows it, so that the order in which settings are
  /// made does not matter.
  fileprivate var roundsAndSchedule: Int {
    get { rounds }
    set {
      rounds = newValue
      if case .cosine = schedule { schedule = cosineSchedule }
    }
  }
}
