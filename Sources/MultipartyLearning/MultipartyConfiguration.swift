/// Everything that a run of several parties is made from: who has what, how local models are trained,
/// the rules of calibration, and what is sent.
public struct MultipartyConfiguration: Sendable, Hashable {
  public var division = PartySplit.Case.d
  /// Into how many each party is cut.
  public var parts = 1
  public var publicImages = PartySplit.publicImages
  public var training = LocalTraining()
  public var rules = CalibrationRules()
  public var plan = CalibrationPlan()
  public var seed: UInt64 = 1

  public init() {}

  public var split: PartySplit { PartySplit(division, parts: parts, publicImages: publicImages) }

  /// Sets what a name stands for, from text.
  ///
  /// - Throws: ``MultipartySettingError``.
  public mutating func set(_ name: String, to text: String) throws(MultipartySettingError) {
    guard let setting = Self.settings.first(where: { $0.name == name }) else {
      throw MultipartySettingError(
        "there is no setting \(name); the settings are "
          + Self.settings.map(\.name).joined(separator: ", "))
    }
    guard setting.set(&self, text) else {
      throw MultipartySettingError("\(name) cannot be \(text); it is \(setting.values)")
    }
  }
}

/// A setting that cannot be.
public struct MultipartySettingError: Error, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// One setting under the name that it has on the command line and in a configuration file.
public struct MultipartySetting: Sendable {
  public let name: String
  public let help: String
  /// What it may be, for people.
  public let values: String
  /// The value as text.
  public let get: @Sendable (MultipartyConfiguration) -> String
  /// Sets it from text; `false` when the text is no such value.
  let set: @Sendable (inout MultipartyConfiguration, String) -> Bool
}

extension MultipartyConfiguration {
  private typealias Path<T> = WritableKeyPath<MultipartyConfiguration, T> & Sendable

  private static func number<T: LosslessStringConvertible & Comparable & Sendable>(
    _ name: String, _ help: String, _ range: ClosedRange<T>, _ path: Path<T>
  ) -> MultipartySetting {
    MultipartySetting(
      name: name, help: help, values: "a number from \(range.lowerBound) to \(range.upperBound)",
      get: { "\($0[keyPath: path])" },
      set: { configuration, text in
        guard let value = T(text), range.contains(value) else { return false }
        configuration[keyPath: path] = value
        return true
      })
  }

  private static func choice<T: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ help: String, _ path: Path<T>
  ) -> MultipartySetting {
    MultipartySetting(
      name: name, help: help,
      values: "one of " + T.allCases.map(\.rawValue).joined(separator: ", "),
      get: { $0[keyPath: path].rawValue },
      set: { configuration, text in
        guard let value = T(rawValue: text) else { return false }
        configuration[keyPath: path] = value
        return true
      })
  }

  /// All settings, in the order in which people think of them.
  public static let settings: [MultipartySetting] = [
    choice("case", "who has which classes: a, b, c or d of Fig. 5", \.division),
    number("parts", "into how many each party is cut", 1...100, \.parts),
    number("public-images", "that everybody holds, in case d", 0...1_000_000, \.publicImages),
    number("epochs", "of local training", 0...10_000, \.training.epochs),
    number("batch", "images of a step of local training", 1...100_000, \.training.batchSize),
    number(
      "local-learning-rate", "of local training", 1e-6...1, \.training.learningRate),
    number("weight-decay", "of local training", 0...1, \.training.weightDecay),
    number("shift", "pixels by which training images are moved", 0...10, \.training.shift),
    number("iterations", "of calibration", 0...100_000, \.plan.iterations),
    number("messages", "that are broadcast in an iteration", 1...1_000_000, \.plan.messages),
    number("bogus", "share of the messages that are bogus", 0...1, \.plan.bogusShare),
    choice("bogus-class", "that attackers claim", \.plan.bogusClass),
    number(
      "search", "images that a party looks at in an iteration", 1...1_000_000, \.plan.searchLimit),
    number("alpha", "share of the models that count, α", 0.001...1, \.rules.memberShare),
    number("delta", "least score of a valid sample, δ", 0...1, \.rules.leastScore),
    number("sigma", "greatest spread of a valid sample, σ", 0...1, \.rules.greatestSpread),
    number("learning-rate", "of calibration, η", 1e-8...10, \.rules.learningRate),
    number("cap", "on a gradient's length, G", 1e-6...1e6, \.rules.gradientCap),
    number("block", "messages in a block", 1...10_000, \.rules.blockSize),
    choice("objective", "that a calibration climbs", \.rules.objective),
    choice("scores", "how values become scores", \.rules.scoreRule),
    choice("wrong-class", "how the wrong class of a sample is chosen", \.rules.wrongClass),
    choice("predictor", "what classifies", \.rules.predictor),
    number("seed", "of everything that is drawn", 0...UInt64.max, \.seed),
  ]
}
