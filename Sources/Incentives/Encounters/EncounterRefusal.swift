/// Why an ``EncounterContract`` does not do what it is asked. Nothing has changed then.
public enum EncounterRefusal: Error, Hashable, CustomStringConvertible {
  case tokens(TokenError)
  case unknownEncounter(UInt64)
  case isClosed(UInt64)
  /// The learner is the neighbour.
  case selfDealing
  case noPrepayment
  case wrongPrice(TokenAmount, agreed: TokenAmount)
  case stakeTooSmall(AccountAddress, has: TokenAmount, needs: TokenAmount)
  /// So much of the stake is not locked by open encounters.
  case stakeIsLocked(free: TokenAmount, needs: TokenAmount)
  case noRareDataBonus
  case tooManyEncounters(limit: Int, blocks: UInt64)
  /// The caller has not the role that the call needs.
  case notTheNeighbour(UInt64)
  case notAParty(UInt64)
  case notDrawn(UInt64)
  /// The encounter awaits something else.
  case notDue(UInt64, awaits: Encounter.Phase)
  case tooLate(UInt64, until: UInt64)
  case reportedAlready(UInt64)
  case unchangedModel(UInt64)
  /// The blocks know the result as somebody else's model.
  case copiedModel(UInt64)
  case wrongResult(UInt64)
  case committedAlready(UInt64)
  case notCommitted(UInt64)
  case revealedAlready(UInt64)
  /// Vote and salt are not those of the commitment.
  case otherVote(UInt64)
  case othersHaveToCommit(UInt64, until: UInt64)

  public var description: String {
    switch self {
    case .tokens(let error): "\(error)"
    case .unknownEncounter(let number): "there is no encounter \(number)"
    case .isClosed(let number): "encounter \(number) is closed"
    case .selfDealing: "nobody is its own neighbour; name another party"
    case .noPrepayment: "an encounter needs a prepayment of at least one token"
    case .wrongPrice(let amount, let agreed):
      "the prepayment is \(amount), and all have agreed on \(agreed)"
    case .stakeTooSmall(let account, let has, let needs):
      "\(account.shortDescription)… has staked \(has) tokens, and a neighbour needs \(needs)"
    case .stakeIsLocked(let free, let needs):
      "\(free) tokens of the stake are free of open encounters, and \(needs) are needed"
    case .noRareDataBonus: "no bonus for rare data is offered here"
    case .tooManyEncounters(let limit, let blocks):
      "the two have met \(limit) times within \(blocks) blocks; choose another neighbour"
    case .notTheNeighbour(let number): "the caller is not the neighbour of encounter \(number)"
    case .notAParty(let number):
      "the caller is neither learner nor neighbour of encounter \(number)"
    case .notDrawn(let number): "the caller is no validator of encounter \(number)"
    case .notDue(let number, let phase):
      switch phase {
      case .offered(let until):
        "encounter \(number) awaits the neighbour's answer, up to block \(until)"
      case .learning(let until): "encounter \(number) awaits reports, up to block \(until)"
      case .drawing(let height): "encounter \(number) awaits its validators in block \(height)"
      case .voting(_, let until): "encounter \(number) awaits votes, up to block \(until)"
      }
    case .tooLate(let number, let until):
      "the time for this was over for encounter \(number) after block \(until)"
    case .reportedAlready(let number): "the caller has reported on encounter \(number) already"
    case .unchangedModel(let number):
      "the result of encounter \(number) is the model from before; nothing was contributed"
    case .copiedModel(let number):
      "the result of encounter \(number) is a model that somebody else had first; nothing was "
        + "contributed"
    case .wrongResult(let number): "this is not the result that encounter \(number) is about"
    case .committedAlready(let number): "the caller has voted on encounter \(number) already"
    case .notCommitted(let number): "the caller has committed no vote on encounter \(number)"
    case .revealedAlready(let number): "the caller's vote on encounter \(number) is known already"
    case .otherVote(let number):
      "the caller has committed to another vote, or with another salt, on encounter \(number)"
    case .othersHaveToCommit(let number, let until):
      "other validators of encounter \(number) have to commit first, up to block \(until)"
    }
  }
}
