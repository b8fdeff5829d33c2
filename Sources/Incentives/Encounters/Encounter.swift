import Cryptography

/// An encounter that is open: from the learner's prepayment to the award (Yu et al. 2023, Steps 1 to 8).
///
/// A symmetric encounter, in which both learn, is two of these.
public struct Encounter: Sendable, Hashable {
  /// What is awaited.
  public enum Phase: Sendable, Hashable {
    /// The neighbour's answer, up to a height (Step 2).
    case offered(until: UInt64)
    /// Both reports, up to a height (Steps 3 and 4).
    case learning(until: UInt64)
    /// The block that draws the validators.
    case drawing(at: UInt64)
    /// Commitments, then votes (Steps 5 and 6). Commitments end at a height, or when all are there; at
    /// another height the waiting is over.
    case voting(commitUntil: UInt64, until: UInt64)
  }

  /// A validator that was drawn, and what it has said.
  public struct Validator: Sendable, Hashable {
    public let account: AccountAddress
    /// Of its stake, what it may lose here.
    public let locked: TokenAmount
    public internal(set) var commitment: Digest?
    public internal(set) var vote: ValidatorVote?
  }

  public let number: UInt64
  public let learner: AccountAddress
  public let neighbour: AccountAddress
  /// r, in escrow under the encounter's number.
  public let prepayment: TokenAmount
  /// On top for rare data, in the same escrow.
  public let bonus: TokenAmount
  /// SHA-256 of the learner's model before the encounter.
  public let modelBefore: Digest
  /// The height at which it was opened.
  public let opened: UInt64

  public internal(set) var phase: Phase
  public internal(set) var claimsRareData = false
  /// Of the neighbour's stake, what it may lose here.
  public internal(set) var locked: TokenAmount = 0
  /// Whether the neighbour's reward is discounted for a repeated pair.
  public internal(set) var isRepeated = false
  /// SHA-256 of the result, as each of them reported it.
  public internal(set) var learnerResult: Digest?
  public internal(set) var neighbourResult: Digest?
  public internal(set) var validators: [Validator] = []

  /// The result on which both agree.
  public var result: Digest? { learnerResult == neighbourResult ? learnerResult : nil }

  var committed: Int { validators.reduce(0) { $0 + ($1.commitment == nil ? 0 : 1) } }
  var revealed: Int { validators.reduce(0) { $0 + ($1.vote == nil ? 0 : 1) } }

  func place(of validator: AccountAddress) -> Int? {
    validators.firstIndex { $0.account == validator }
  }
}

/// How an encounter ended.
public enum EncounterOutcome: UInt8, Sendable, Hashable {
  /// The neighbour did not want it, or did not answer in time: the prepayment is back.
  case rejected = 0
  case expired = 1
  /// Both reported in time, and not the same: the neighbour has the part payment.
  case mismatch = 2
  /// One of them reported in time: the neighbour has the part payment.
  case oneReport = 3
  /// Neither reported in time: the prepayment is back.
  case noReport = 4
  /// The contribution counts as a reasonable one.
  case accepted = 5
  /// It does not.
  case refused = 6
}
