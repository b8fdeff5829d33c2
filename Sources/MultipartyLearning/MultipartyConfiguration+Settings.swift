import Settings

extension MultipartyConfiguration: SettableConfiguration {
  /// All settings, in the order in which people think of them.
  public static let settings: [Setting<MultipartyConfiguration>] = [
    .choice("case", "who has which classes: a, b, c or d of Fig. 5", \.division),
    .number("parts", "into how many each party is cut", 1...100, \.parts),
    .number("public-images", "that everybody holds, in case d", 0...1_000_000, \.publicImages),
    .number("epochs", "of local training", 0...10_000, \.training.epochs),
    .number("batch", "images of a step of local training", 1...100_000, \.training.batchSize),
    .number(
      "local-learning-rate", "of local training", 1e-6...1, \.training.learningRate),
    .number("weight-decay", "of local training", 0...1, \.training.weightDecay),
    .number("shift", "pixels by which training images are moved", 0...10, \.training.shift),
    .number("iterations", "of calibration", 0...100_000, \.plan.iterations),
    .number("messages", "that are broadcast in an iteration", 1...1_000_000, \.plan.messages),
    .number("bogus", "share of the messages that are bogus", 0...1, \.plan.bogusShare),
    .choice("bogus-class", "that attackers claim", \.plan.bogusClass),
    .number(
      "attackers", "share of the parties that attack, with models too", 0...0.5, \.attackerShare),
    .choice("attacker-models", "what models attackers bring", \.attackerModel),
    .flag("admission", "whether models are tested before they join", \.hasAdmission),
    .number(
      "omega", "greatest mean difference of scores of a newcomer's model, ω", 0...1,
      \.admission.greatestDifference),
    .number(
      "search", "images that a party looks at in an iteration", 1...1_000_000, \.plan.searchLimit),
    .number("alpha", "share of the models that count, α", 0.001...1, \.rules.memberShare),
    .number("delta", "least score of a valid sample, δ", 0...1, \.rules.leastScore),
    .number("sigma", "greatest spread of a valid sample, σ", 0...1, \.rules.greatestSpread),
    .number("learning-rate", "of calibration, η", 1e-8...10, \.rules.learningRate),
    .number("cap", "on a gradient's length, G", 1e-6...1e6, \.rules.gradientCap),
    .number("block", "messages in a block", 1...10_000, \.rules.blockSize),
    .choice("objective", "that a calibration climbs", \.rules.objective),
    .choice("scores", "how values become scores", \.rules.scoreRule),
    .choice("wrong-class", "how the wrong class of a sample is chosen", \.rules.wrongClass),
    .choice("predictor", "what classifies", \.rules.predictor),
    .number("seed", "of everything that is drawn", 0...UInt64.max, \.seed),
  ]

  /// All settings go together.
  public func validate() throws(SettingError) {}
}
