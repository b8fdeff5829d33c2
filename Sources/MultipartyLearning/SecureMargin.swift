/// How y⁻ is chosen for a sample.
public enum WrongClassRule: String, Sendable, Hashable, CaseIterable {
  /// The class with the largest h_b*, each b chosen by ``KrumSelection``: what a margin needs.
  case strongest
  /// The class, and b, with the least sum of distances, as Eq. (7) is printed: the wrong class on
  /// which the models agree best.
  case agreement
}

/// The secure multiparty multiclass margin ρ(x, y, y⁻) = h_a*(x, y) - h_b*(x, y⁻): Wang et al. 2020,
/// Definition 3.
public struct SecureMargin: Sendable, Hashable {
  public let label: UInt8
  public let wrongLabel: UInt8
  /// Eqs. (4) and (6).
  public let right: KrumSelection
  /// Eqs. (5) and (7).
  public let wrong: KrumSelection

  /// ρ.
  public var value: Float { right.mean - wrong.mean }

  /// The margin for given classes; `nil` if no model knows one of them.
  public init?(
    _ table: ScoreTable, image: Int, label: UInt8, wrongLabel: UInt8, share: Double
  ) {
    guard label != wrongLabel, let right = table.selection(image, label, share: share),
      let wrong = table.selection(image, wrongLabel, share: share)
    else { return nil }
    self.label = label
    self.wrongLabel = wrongLabel
    self.right = right
    self.wrong = wrong
  }

  /// The margin with the wrong class that the rule chooses; of equally good ones the first.
  public init?(
    _ table: ScoreTable, image: Int, label: UInt8, share: Double, by rule: WrongClassRule
  ) {
    guard let right = table.selection(image, label, share: share) else { return nil }
    var best: (key: Float, label: UInt8, selection: KrumSelection)?
    for other in table.labels where other != label {
      guard let selection = table.selection(image, other, share: share) else { continue }
      let key: Float =
        switch rule {
        case .strongest: selection.mean
        case .agreement: -selection.distance
        }
      if best.map({ key > $0.key }) ?? true { best = (key, other, selection) }
    }
    guard let best else { return nil }
    self.label = label
    wrongLabel = best.label
    self.right = right
    wrong = best.selection
  }

  /// Eqs. (8) to (10), asked so that what is not a number passes none of them.
  public func verdict(_ rules: CalibrationRules) -> CalibrationVerdict {
    guard value <= 0 else { return .marginPositive }
    guard right.mean >= rules.leastScore else { return .unsure }
    return right.spread <= rules.greatestSpread ? .valid : .disagreement
  }
}
