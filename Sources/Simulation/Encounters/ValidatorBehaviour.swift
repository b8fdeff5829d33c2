/// How a participant votes when it is drawn as a validator: honestly, or as one of the attackers of
/// Yu et al. 2023, Secs. III-B and IV-D.
public enum ValidatorBehaviour: String, Sendable, Hashable, CaseIterable {
  /// By what it measures on its own images.
  case honest
  case alwaysYes = "always-yes"
  case alwaysNo = "always-no"
  /// Yes for the contributions of attackers, and no for everybody else's.
  case colluding
  /// Commits to no vote.
  case absent

  /// The vote, where it does not depend on what is measured; `nil` for one that measures, or is silent.
  func fixedVote(neighbourIsHonest: Bool) -> Bool? {
    switch self {
    case .honest, .absent: nil
    case .alwaysYes: true
    case .alwaysNo: false
    case .colluding: !neighbourIsHonest
    }
  }
}
