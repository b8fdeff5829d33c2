import Cryptography

/// What a party asks an ``EncounterContract`` to do. The caller is who signed.
public enum EncounterCall: Sendable, Hashable {
  /// Step 0: pays units of currency for tokens.
  case exchange(units: UInt64)
  /// Gives tokens for units of currency.
  case redeem(tokens: TokenAmount)
  /// ERC-20.
  case transfer(to: AccountAddress, amount: TokenAmount)
  case approve(spender: AccountAddress, amount: TokenAmount)
  case transferFrom(owner: AccountAddress, to: AccountAddress, amount: TokenAmount)
  /// Step 0: pledges tokens, so that the caller can be a neighbour and a validator.
  case stake(TokenAmount)
  /// Takes back what no open encounter can cost.
  case withdraw(TokenAmount)
  /// Step 1: the caller, a learner, prepays.
  case open(EncounterOffer)
  /// Step 2: the neighbour agrees, or does not.
  case accept(UInt64, claimsRareData: Bool)
  case reject(UInt64)
  /// Step 4: the learner or the neighbour tells the SHA-256 of the result.
  case report(UInt64, result: Digest)
  /// Steps 5 and 6: a validator that has examined the model of this digest commits its vote.
  case commit(UInt64, result: Digest, commitment: Digest)
  /// Step 6: and reveals it, when all have committed or the time for it is over.
  case reveal(UInt64, ValidatorVote, salt: Digest)
  /// Steps 7 and 8, and whatever else is due: by anybody.
  case settle(UInt64)

  /// The encounter that it is about.
  public var encounter: UInt64? {
    switch self {
    case .exchange, .redeem, .transfer, .approve, .transferFrom, .stake, .withdraw, .open: nil
    case .accept(let number, _), .reject(let number), .report(let number, _),
      .commit(let number, _, _), .reveal(let number, _, _), .settle(let number):
      number
    }
  }
}

/// What a learner offers to a neighbour.
public struct EncounterOffer: Sendable, Hashable {
  public var neighbour: AccountAddress
  /// r.
  public var prepayment: TokenAmount
  /// SHA-256 of the learner's model as it is.
  public var modelBefore: Digest
  /// Whether the learner pays more for rare data (``EncounterTerms/rareDataBonus``).
  public var offersRareDataBonus: Bool

  public init(
    neighbour: AccountAddress, prepayment: TokenAmount, modelBefore: Digest,
    offersRareDataBonus: Bool = false
  ) {
    self.neighbour = neighbour
    self.prepayment = prepayment
    self.modelBefore = modelBefore
    self.offersRareDataBonus = offersRareDataBonus
  }
}
