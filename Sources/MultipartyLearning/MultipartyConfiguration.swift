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
  /// The share of the parties that attack with their models and send the bogus messages; with 0 the
  /// bogus messages are made of everybody's images, as in Table I.
  public var attackerShare = 0.0
  public var attackerModel = ByzantineModel.falseClasses
  /// Whether original parties test the others' models before they join.
  public var hasAdmission = true
  public var admission = Admission()
  public var seed: UInt64 = 1

  public init() {}

  public var attackers: ByzantineParties {
    ByzantineParties(share: attackerShare, of: split, model: attackerModel, seed: seed)
  }

  public var split: PartySplit { PartySplit(division, parts: parts, publicImages: publicImages) }
}
