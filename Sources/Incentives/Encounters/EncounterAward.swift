/// What an encounter's votes give to whom: cases 1 to 5 of the finalisation (Yu et al. 2023, Step 8), in
/// integers, with these corrections: Eq. (3) divides by n_v^f, and the rewards of Eqs. (4) and (5) are
/// what is there divided by those who earn it, so that tokens are conserved exactly.
///
/// Votes that were committed and not revealed cost their validators as much as wrong ones, in every case:
/// they count among the n_v of Eqs. (4) and (5). If nobody revealed a vote, their penalties are the
/// validators' share divided by their number, and go to the learner.
///
/// Divisions round down. Of the prepayment, the validators have what is not the neighbour's. What cannot
/// be divided among validators goes to the neighbour if the contribution is accepted, and to the learner
/// if it is not.
public struct EncounterAward: Sendable, Hashable {
  /// The five cases of Step 8.
  public enum Case: UInt8, Sendable, Hashable {
    /// Nobody voted: the contribution is taken for good, Eq. (1).
    case noVotes = 1
    /// All said yes, Eq. (2).
    case allYes = 2
    /// All said no, Eq. (3).
    case allNo = 3
    /// At least as many said yes as no, Eq. (4).
    case mostlyYes = 4
    /// More said no than yes, Eq. (5).
    case mostlyNo = 5
  }

  public let votes: Case
  /// What the neighbour's stake is to lose: r in cases 3 and 5, nothing otherwise.
  public let neighbourPenalty: TokenAmount
  /// What each validator that voted with the minority, or committed and did not reveal, is to lose.
  public let validatorPenalty: TokenAmount

  private let prepayment: TokenAmount
  private let neighbourPart: TokenAmount
  private let winners: UInt64

  /// - Parameters:
  ///   - prepayment: r.
  ///   - neighbourShare: p_r^n, in thousandths.
  ///   - yes: n_v^t of revealed votes.
  ///   - no: n_v^f of revealed votes.
  ///   - unrevealed: votes that were committed and not revealed.
  public init(
    prepayment: TokenAmount, neighbourShare: UInt64, yes: Int, no: Int, unrevealed: Int
  ) {
    self.prepayment = prepayment
    let all = UInt64(yes + no + unrevealed)
    if yes == 0 && no == 0 {
      votes = .noVotes
    } else if no == 0 {
      votes = .allYes
    } else if yes == 0 {
      votes = .allNo
    } else {
      votes = yes >= no ? .mostlyYes : .mostlyNo
    }
    let share = EncounterTerms.share(neighbourShare, of: prepayment)
    switch votes {
    case .noVotes:
      neighbourPart = prepayment
      neighbourPenalty = 0
      validatorPenalty = all > 0 ? (prepayment - share) / all : 0
      winners = 0
    case .allYes, .mostlyYes:
      neighbourPart = share
      neighbourPenalty = 0
      validatorPenalty = no + unrevealed > 0 ? (prepayment - share) / all : 0
      winners = UInt64(yes)
    case .allNo, .mostlyNo:
      neighbourPart = 0
      neighbourPenalty = prepayment
      validatorPenalty = yes + unrevealed > 0 ? prepayment / all : 0
      winners = UInt64(no)
    }
  }

  /// Whether the contribution counts as a reasonable one.
  public var isAccepted: Bool { votes != .allNo && votes != .mostlyNo }

  /// Whether a vote wins.
  public func isRight(_ contributes: Bool) -> Bool { contributes == isAccepted }

  /// How the prepayment and the penalties are divided. The four add up to both, with each validator's
  /// reward taken once for each winner.
  public struct Division: Sendable, Hashable {
    public var neighbour: TokenAmount
    public var learner: TokenAmount
    /// For each validator that voted with the majority.
    public var validator: TokenAmount
    public var winners: UInt64

    public init(
      neighbour: TokenAmount, learner: TokenAmount, validator: TokenAmount, winners: UInt64
    ) {
      self.neighbour = neighbour
      self.learner = learner
      self.validator = validator
      self.winners = winners
    }
  }

  /// - Parameter penalties: what was really taken from stakes; less than the penalties ask for, if a stake
  ///   did not cover them.
  public func division(penalties: TokenAmount) -> Division {
    switch votes {
    case .noVotes:
      return Division(neighbour: neighbourPart, learner: penalties, validator: 0, winners: 0)
    case .allYes, .mostlyYes:
      let (each, rest) = (prepayment - neighbourPart + penalties)
        .quotientAndRemainder(dividingBy: winners)
      return Division(
        neighbour: neighbourPart + rest, learner: 0, validator: each, winners: winners)
    case .allNo, .mostlyNo:
      let (each, rest) = penalties.quotientAndRemainder(dividingBy: winners)
      return Division(
        neighbour: 0, learner: prepayment + rest, validator: each, winners: winners)
    }
  }
}
