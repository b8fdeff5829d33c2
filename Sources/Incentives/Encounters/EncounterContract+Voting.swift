import Cryptography

/// Steps 5 and 6: validators and their votes.
extension EncounterContract {
  /// Draws validators, distinct from both sides, among all that are eligible and, under
  /// ``EncounterTerms/requiresCover``, whose free stake covers the largest penalty.
  mutating func drawValidators(
    _ number: UInt64, entropy: Digest, _ tokens: borrowing TokenAccounts
  ) -> EncounterEvent {
    guard var encounter = open[number], let result = encounter.result else {
      preconditionFailure("encounter \(number) was closed before its validators were drawn")
    }
    let penalty = terms.largestValidatorPenalty(encounter.prepayment)
    let drawn = pool.draw(terms.validators, entropy: entropy, encounter: number) { account in
      account != encounter.learner && account != encounter.neighbour
        && (!terms.requiresCover || free(of: account, tokens) >= penalty)
    }
    for account in drawn {
      let amount = min(penalty, free(of: account, tokens))
      encounter.validators.append(Encounter.Validator(account: account, locked: amount))
      lock(amount, of: account)
      results[ResultIndex(result: result, validator: account), default: []].append(number)
      histories[account, default: PartyHistory()].asValidator.drawn += 1
    }
    encounter.phase = .voting(
      commitUntil: later(terms.commitBlocks), until: later(terms.waitingBlocks))
    open[number] = encounter
    return .drawn(number, validators: drawn)
  }

  mutating func commit(
    _ number: UInt64, _ result: Digest, _ commitment: Digest, _ caller: AccountAddress
  ) throws(EncounterRefusal) -> EncounterEvent {
    var encounter = try encounter(number: number)
    guard case .voting(let until, _) = encounter.phase else {
      throw .notDue(number, awaits: encounter.phase)
    }
    guard let place = encounter.place(of: caller) else { throw .notDrawn(number) }
    guard encounters(judging: result, by: caller).contains(number) else {
      throw .wrongResult(number)
    }
    guard height <= until else { throw .tooLate(number, until: until) }
    guard encounter.validators[place].commitment == nil else { throw .committedAlready(number) }
    encounter.validators[place].commitment = commitment
    open[number] = encounter
    return .committed(number, by: caller, result: result, commitment: commitment)
  }

  mutating func reveal(
    _ number: UInt64, _ vote: ValidatorVote, _ salt: Digest, _ caller: AccountAddress
  ) throws(EncounterRefusal) -> EncounterEvent {
    var encounter = try encounter(number: number)
    guard case .voting(let commitUntil, let until) = encounter.phase else {
      throw .notDue(number, awaits: encounter.phase)
    }
    guard let place = encounter.place(of: caller) else { throw .notDrawn(number) }
    guard let commitment = encounter.validators[place].commitment else {
      throw .notCommitted(number)
    }
    guard encounter.validators[place].vote == nil else { throw .revealedAlready(number) }
    guard height > commitUntil || encounter.committed == encounter.validators.count else {
      throw .othersHaveToCommit(number, until: commitUntil)
    }
    guard height <= until else { throw .tooLate(number, until: until) }
    guard
      vote.commitment(encounter: number, validator: caller, salt: salt) == commitment
    else { throw .otherVote(number) }
    encounter.validators[place].vote = vote
    open[number] = encounter
    return .revealed(number, by: caller, vote)
  }
}
