import Cryptography

/// What happened in an ``EncounterContract``. Tokens that moved have events of their own
/// (``TokenEvent``), in which an encounter's escrow has the encounter's number.
public enum EncounterEvent: Sendable, Hashable {
  /// Units of currency became tokens, or tokens became currency.
  case exchanged(AccountAddress, units: UInt64, tokens: TokenAmount)
  case redeemed(AccountAddress, units: UInt64, tokens: TokenAmount)
  /// A stake grew or shrank by its owner's will, to an amount.
  case staked(AccountAddress, stake: TokenAmount)
  case opened(
    UInt64, learner: AccountAddress, neighbour: AccountAddress, prepayment: TokenAmount,
    bonus: TokenAmount, modelBefore: Digest)
  /// The neighbour agreed, and a part of its stake is locked.
  case agreed(UInt64, locked: TokenAmount, claimsRareData: Bool, isRepeated: Bool)
  case reported(UInt64, by: AccountAddress, result: Digest)
  /// By the entropy of the block before.
  case drawn(UInt64, validators: [AccountAddress])
  case committed(UInt64, by: AccountAddress, result: Digest, commitment: Digest)
  case revealed(UInt64, by: AccountAddress, ValidatorVote)
  /// The votes, and what follows from them.
  case finalised(UInt64, EncounterAward.Case, EncounterTally)
  case closed(UInt64, EncounterOutcome)

  /// The encounter that it is about.
  public var encounter: UInt64? {
    switch self {
    case .exchanged, .redeemed, .staked: nil
    case .opened(let number, _, _, _, _, _), .agreed(let number, _, _, _),
      .reported(let number, _, _), .drawn(let number, _), .committed(let number, _, _, _),
      .revealed(let number, _, _), .finalised(let number, _, _), .closed(let number, _):
      number
    }
  }
}

/// The votes of an encounter, and the tokens that they moved.
public struct EncounterTally: Sendable, Hashable {
  /// Revealed votes, and those that were committed and not revealed.
  public var yes: UInt32
  public var no: UInt32
  public var unrevealed: UInt32
  /// Of the yes and no, those that found the data rare.
  public var rare: UInt32
  /// To the neighbour, with a bonus; to the learner, of prepayment, bonus and penalties; to each
  /// validator that was right.
  public var neighbourReward: TokenAmount
  public var learnerReturn: TokenAmount
  public var validatorReward: TokenAmount
  /// From the neighbour's stake, and from all wrong validators' stakes together.
  public var neighbourPenalty: TokenAmount
  public var validatorPenalties: TokenAmount

  public init(
    yes: UInt32, no: UInt32, unrevealed: UInt32, rare: UInt32, neighbourReward: TokenAmount,
    learnerReturn: TokenAmount, validatorReward: TokenAmount, neighbourPenalty: TokenAmount,
    validatorPenalties: TokenAmount
  ) {
    self.yes = yes
    self.no = no
    self.unrevealed = unrevealed
    self.rare = rare
    self.neighbourReward = neighbourReward
    self.learnerReturn = learnerReturn
    self.validatorReward = validatorReward
    self.neighbourPenalty = neighbourPenalty
    self.validatorPenalties = validatorPenalties
  }
}
