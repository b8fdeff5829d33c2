import MultipartyLearning

/// Options that make up the terms of a chain of calibrations.
enum CalibrationArguments {
  static let rules =
    MultipartyArguments.settings {
      [
        "alpha", "delta", "sigma", "learning-rate", "cap", "block", "objective", "scores",
        "wrong-class", "predictor",
      ].contains($0)
    } + [
      OptionSpecification(
        "classes", "COUNT", "that models may know [\(CalibrationTerms().classes)]"),
      OptionSpecification(
        "approvals", "COUNT",
        "original parties that must approve a newcomer [\(CalibrationTerms().approvals)]"),
    ]

  static func terms(_ arguments: Arguments) throws -> CalibrationTerms {
    var terms = CalibrationTerms()
    terms.rules = try MultipartyArguments.configuration(arguments).rules
    terms.classes = try arguments.integer("classes", 2...256) ?? terms.classes
    terms.approvals = try arguments.integer("approvals", 0...1000) ?? terms.approvals
    return terms
  }
}
