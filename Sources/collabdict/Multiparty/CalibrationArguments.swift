import MultipartyLearning

/// Options that make up the terms of a chain of calibrations.
enum CalibrationArguments {
  static let rules = {
    let terms = CalibrationTerms()
    let rules = terms.rules
    return [
      OptionSpecification("classes", "COUNT", "classes that models may know [\(terms.classes)]"),
      OptionSpecification(
        "approvals", "COUNT", "original parties that must approve a newcomer [\(terms.approvals)]"),
      OptionSpecification(
        "member-share", "SHARE", "α: models that count in a margin [\(rules.memberShare)]"),
      OptionSpecification("least-score", "SCORE", "δ of a valid sample [\(rules.leastScore)]"),
      OptionSpecification(
        "greatest-spread", "SPREAD", "σ of a valid sample [\(rules.greatestSpread)]"),
      OptionSpecification("step", "RATE", "η: of a calibration [\(rules.learningRate)]"),
      OptionSpecification(
        "gradient-cap", "LENGTH", "G: the longest gradient of a step [\(rules.gradientCap)]"),
      OptionSpecification("block-size", "COUNT", "transactions of a block [\(rules.blockSize)]"),
      choice("objective", "what a calibration climbs", rules.objective),
      choice("score-rule", "how values become scores", rules.scoreRule),
      choice("wrong-class", "how the wrong class of a sample is chosen", rules.wrongClass),
      choice("predictor", "what classifies", rules.predictor),
    ]
  }()

  private static func choice<T: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ help: String, _ value: T
  ) -> OptionSpecification {
    OptionSpecification(name, "RULE", "\(help): \(values(T.self)) [\(value.rawValue)]")
  }

  static func values<T: RawRepresentable<String> & CaseIterable>(_ type: T.Type) -> String {
    T.allCases.map(\.rawValue).joined(separator: ", ")
  }

  static func terms(_ arguments: Arguments) throws(UsageError) -> CalibrationTerms {
    var terms = CalibrationTerms()
    terms.classes = try arguments.integer("classes", 2...256) ?? terms.classes
    terms.approvals = try arguments.integer("approvals", 0...1000) ?? terms.approvals
    terms.rules.memberShare =
      try arguments.number("member-share", 1e-6...1) ?? terms.rules.memberShare
    terms.rules.leastScore =
      try single("least-score", 0...1, arguments) ?? terms.rules.leastScore
    terms.rules.greatestSpread =
      try single("greatest-spread", 0...1, arguments) ?? terms.rules.greatestSpread
    terms.rules.learningRate = try single("step", 1e-9...10, arguments) ?? terms.rules.learningRate
    terms.rules.gradientCap =
      try single("gradient-cap", 1e-9...1e9, arguments) ?? terms.rules.gradientCap
    terms.rules.blockSize = try arguments.integer("block-size", 1...10_000) ?? terms.rules.blockSize
    terms.rules.objective = try value("objective", arguments) ?? terms.rules.objective
    terms.rules.scoreRule = try value("score-rule", arguments) ?? terms.rules.scoreRule
    terms.rules.wrongClass = try value("wrong-class", arguments) ?? terms.rules.wrongClass
    terms.rules.predictor = try value("predictor", arguments) ?? terms.rules.predictor
    return terms
  }

  private static func single(
    _ name: String, _ range: ClosedRange<Double>, _ arguments: Arguments
  ) throws(UsageError) -> Float? {
    try arguments.number(name, range).map { Float($0) }
  }

  /// The value of an option that takes one of several words.
  static func value<T: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ arguments: Arguments
  ) throws(UsageError) -> T? {
    guard let text = arguments[name] else { return nil }
    guard let value = T(rawValue: text) else {
      throw UsageError("--\(name) cannot be \(text); it is one of \(values(T.self))")
    }
    return value
  }
}
