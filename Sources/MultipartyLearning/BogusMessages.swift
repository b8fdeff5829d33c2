/// How an attacker chooses the class that it claims.
public enum BogusClass: String, Sendable, Hashable, CaseIterable {
  /// Any wrong class with ρ(x, y, y⁻) > 0.
  case random
  /// The wrong class of which the models are surest: the likeliest to pass validation.
  case strongest
}
