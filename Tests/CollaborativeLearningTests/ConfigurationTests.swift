import AnomalyDetection
import CollaborativeLearning
import NeuralNetworks
import Testing

@Suite struct ConfigurationTests {
  /// For every option values other than its default.
  static let others: [String: [String]] = [
    "window": ["1", "1000"], "clip": ["5", "12.3"], "constant-scale": ["0.1", "1e-05"],
    "hidden": ["none", "128,64", "7"], "activation": ["relu", "sigmoid", "softplus"],
    "latent": ["1", "17"], "latent-factor": ["1", "0.1"], "linear-path": ["false"],
    "train-linear-path": ["true"],
    "scale": ["network", "closed-form"], "observation": ["student-t(50)", "student-t(3)"],
    "scale-floor": ["0.1", "1e-06"], "rounds": ["0", "77"], "batch-size": ["1", "999"],
    "learning-rate": ["0.1", "3.3333e-05"], "optimiser": ["adamw", "sgd"],
    "schedule": ["cosine"], "order": ["simultaneous"], "gradient-bound": ["0.7"],
    "warm-up": ["13"], "validation-interval": ["1"], "patience": ["3"], "blocks": ["2"],
    "validation-every": ["3"], "seed": ["18446744073709551615"], "draws": ["1", "64"],
    "score-observation": ["gaussian", "student-t(4.5)"], "prediction-weight": ["0", "0.3"],
    "prediction-observation": ["gaussian"], "smoothing": ["1", "100"],
    "threshold-rule": ["peaks-over-threshold"], "false-alarm-rate": ["0.1", "1e-09"],
    "model": ["ggm"], "mixture-start": ["blocks"], "start-patterns": ["1", "9"],
    "pattern-limit": ["7"], "penalty": ["0.03", "1e-09"], "prior-strength": ["2.5"],
    "cardinality-penalty": ["0", "77.5"], "fewest-rows": ["0", "3"],
    "score": ["conditional", "posterior"], "radius": ["8", "1e-06"], "least-diversity": ["5"],
    "reading-noise": ["0", "0.1"], "online-passes": ["2"], "online-batches": ["3"],
    "online-decay": ["0.75", "1"],
  ]

  /// The class of models that an option is for.
  private func modelClass(of option: String) -> ModelClass {
    TrainingConfiguration.options.first { $0.name == option }?.modelClass ?? .vae
  }

  private func copy(_ configuration: TrainingConfiguration, reversed: Bool = false) throws
    -> TrainingConfiguration
  {
    var copy = TrainingConfiguration()
    let settings = configuration.settings
    for (name, value) in reversed ? settings.reversed() : settings {
      try copy.set(name, to: value)
    }
    return copy
  }

  @Test func everyOptionHasItsTest() {
    #expect(Set(Self.others.keys) == Set(TrainingConfiguration.options.map(\.name)))
    #expect(Set(TrainingConfiguration.options.map(\.name)).count == 47)
  }

  @Test(arguments: others.keys.sorted()) func settingsRoundTrip(option: String) throws {
    var plain = TrainingConfiguration()
    plain.modelClass = modelClass(of: option)
    #expect(try copy(plain) == plain)
    for value in Self.others[option] ?? [] {
      var changed = plain
      try changed.set(option, to: value)
      #expect(changed != plain, "\(option) \(value)")
      #expect(try copy(changed) == changed, "\(option) \(value)")
    }
  }

  @Test(arguments: ModelClass.allCases) func allAtOnceInAnyOrder(model: ModelClass) throws {
    var changed = TrainingConfiguration()
    for (name, values) in Self.others.sorted(by: { $0.key > $1.key })
    where name != "hidden" && name != "model" {
      try changed.set(name, to: values[0])
    }
    changed.modelClass = model
    // What other classes are set to goes no further.
    #expect(try copy(changed) != changed)
    changed = changed.relevant
    try changed.set("rounds", to: "340")
    #expect(try copy(changed) == changed)
    #expect(try copy(changed, reversed: true) == changed)
  }

  @Test func theCosineEndsWithTheRounds() throws {
    var first = TrainingConfiguration()
    try first.set("schedule", to: "cosine")
    try first.set("rounds", to: "60")
    var last = TrainingConfiguration()
    try last.set("rounds", to: "60")
    try last.set("schedule", to: "cosine")
    #expect(first == last)
    #expect(first.schedule == .cosine(warmUp: 3, total: 60, final: 0.01))
  }

  @Test func badValuesNameWhatIsAllowed() {
    var configuration = TrainingConfiguration()
    func message(_ name: String, _ value: String) -> String {
      var text = ""
      do {
        try configuration.set(name, to: value)
      } catch {
        text = error.description
      }
      return text
    }
    for (name, value) in [
      ("rounds", "-1"), ("rounds", "1.5"), ("rounds", ""), ("clip", "0.5"), ("clip", "nan"),
      ("hidden", "0"), ("hidden", "3,-4"), ("hidden", "a"), ("latent", "0"), ("latent", "Auto"),
      ("linear-path", "yes"), ("scale", "Network"), ("observation", "student-t"),
      ("observation", "student-t(nan)"), ("observation", "student-t(0.1)"), ("seed", "-1"),
      ("false-alarm-rate", "0"), ("false-alarm-rate", "0.6"), ("draws", "0"),
    ] {
      let text = message(name, value)
      #expect(text.hasPrefix("\(name) cannot be \(value); it is "), "\(name) \(value): \(text)")
    }
    #expect(configuration == TrainingConfiguration())
    #expect(message("ronds", "3") == "there is no setting ronds; did you mean rounds?")
    #expect(message("xyzzyplugh", "3") == "there is no setting xyzzyplugh")
  }

  @Test func helpNamesEveryOption() {
    for option in TrainingConfiguration.options {
      #expect(!option.help.isEmpty && !option.values.isEmpty)
      #expect(option.name.allSatisfy { $0.isLowercase || $0 == "-" })
    }
  }
}
