import MultipartyLearning

/// One run of parties that calibrate one another's models: who takes part, by which rules, under
/// which attack.
public struct CalibrationCell: Sendable, Hashable {
  public var system: MultipartySystem
  public var division: PartyDivision
  public var rules: CalibrationRules
  public var plan: CalibrationPlan

  public init(
    _ system: MultipartySystem, _ division: PartyDivision, _ plan: CalibrationPlan,
    rules: CalibrationRules = CalibrationRules()
  ) {
    self.system = system
    self.division = division
    self.rules = rules
    self.plan = plan
    // Nobody chooses a class where nobody attacks: such runs are one and the same.
    if plan.bogusShare == 0 { self.plan.bogusClass = CalibrationPlan().bogusClass }
  }

  /// Everything that the outcome depends on, but the images: what a record of finished runs is
  /// looked up by, so that no run with other settings is taken for this one.
  public var key: String {
    let attack =
      plan.bogusShare == 0
      ? "no attack" : "bogus \(plan.bogusShare) of \(plan.bogusClass.rawValue) class"
    return [
      system.rawValue, division.key,
      "alpha \(rules.memberShare) delta \(rules.leastScore) sigma \(rules.greatestSpread)",
      "rate \(rules.learningRate) cap \(rules.gradientCap) \(rules.objective.rawValue)",
      "\(rules.scoreRule.rawValue) \(rules.wrongClass.rawValue) \(rules.predictor.rawValue)",
      "block \(rules.blockSize)",
      "\(plan.iterations) iterations of \(plan.messages), search \(plan.searchLimit)", attack,
    ].joined(separator: "; ")
  }
}

extension CalibrationRules {
  /// Wang et al. 2020 read to the letter: a softmax over a party's own classes, the gradients of
  /// Eqs. (11) and (12), the wrong class of Eq. (7) and the predictor of Eqs. (13) and (14) as printed.
  public static var literal: CalibrationRules {
    var rules = CalibrationRules()
    rules.scoreRule = .softmax
    rules.objective = .score
    rules.wrongClass = .agreement
    rules.predictor = .krumMedoid
    return rules
  }
}
