/// Steps 7 and 8, and the ends of encounters that do not come so far.
extension EncounterContract {
  /// Does what is due, whoever asks for it.
  mutating func settle(
    _ number: UInt64, _ tokens: inout TokenAccounts
  ) throws(EncounterRefusal) -> [EncounterEvent] {
    let encounter = try encounter(number: number)
    switch encounter.phase {
    case .offered(let until) where height > until:
      return [close(encounter, .expired, &tokens)]
    case .learning(let until) where height > until:
      let isMissing = encounter.learnerResult == nil && encounter.neighbourResult == nil
      return [close(encounter, isMissing ? .noReport : .oneReport, &tokens)]
    case .voting(_, let until) where height > until || hasEnoughVotes(encounter):
      return finalise(encounter, &tokens)
    default:
      throw .notDue(number, awaits: encounter.phase)
    }
  }

  /// At least V votes, and none that is committed and not yet revealed: else whoever sees that it has
  /// lost would stay silent, or whoever is slow would be cut off.
  private func hasEnoughVotes(_ encounter: Encounter) -> Bool {
    encounter.revealed >= terms.votesRequired && encounter.revealed == encounter.committed
  }

  private mutating func finalise(
    _ encounter: Encounter, _ tokens: inout TokenAccounts
  ) -> [EncounterEvent] {
    let number = encounter.number
    let votes = encounter.validators.compactMap(\.vote)
    let yes = votes.reduce(0) { $0 + ($1.contributes ? 1 : 0) }
    let rare = votes.reduce(0) { $0 + ($1.findsRareData ? 1 : 0) }
    let unrevealed = encounter.committed - votes.count
    let award = EncounterAward(
      prepayment: encounter.prepayment, neighbourShare: terms.neighbourShare, yes: yes,
      no: votes.count - yes, unrevealed: unrevealed)

    // Penalties go into the escrow, as far as stakes were locked for them.
    let fromNeighbour = min(award.neighbourPenalty, encounter.locked)
    transfer(fromNeighbour, from: .stake(encounter.neighbour), to: .escrow(number), &tokens)
    var fromValidators: TokenAmount = 0
    for validator in encounter.validators where validator.commitment != nil {
      if let vote = validator.vote, award.isRight(vote.contributes) { continue }
      let amount = min(award.validatorPenalty, validator.locked)
      transfer(amount, from: .stake(validator.account), to: .escrow(number), &tokens)
      fromValidators += amount
    }

    var division = award.division(penalties: fromNeighbour + fromValidators)
    if encounter.isRepeated, let rule = terms.diversity {
      let cut = EncounterTerms.share(rule.discount, of: division.neighbour)
      division.neighbour -= cut
      division.learner += cut
    }
    if award.isAccepted && encounter.claimsRareData && 2 * rare > votes.count {
      division.neighbour += encounter.bonus
    } else {
      division.learner += encounter.bonus
    }
    transfer(
      division.neighbour, from: .escrow(number), to: destination(encounter.neighbour), &tokens)
    transfer(division.learner, from: .escrow(number), to: .balance(encounter.learner), &tokens)
    for validator in encounter.validators {
      guard let vote = validator.vote, award.isRight(vote.contributes) else { continue }
      transfer(
        division.validator, from: .escrow(number), to: destination(validator.account), &tokens)
    }
    remember(encounter, award)
    let tally = EncounterTally(
      yes: UInt32(yes), no: UInt32(votes.count - yes), unrevealed: UInt32(unrevealed),
      rare: UInt32(rare), neighbourReward: division.neighbour, learnerReturn: division.learner,
      validatorReward: division.validator, neighbourPenalty: fromNeighbour,
      validatorPenalties: fromValidators)
    return [
      .finalised(number, award.votes, tally),
      close(encounter, award.isAccepted ? .accepted : .refused, &tokens),
    ]
  }

  /// Ends an encounter. Of what is left in its escrow the neighbour has the part payment, where it is due,
  /// and the learner has the others.
  mutating func close(
    _ encounter: Encounter, _ outcome: EncounterOutcome, _ tokens: inout TokenAccounts
  ) -> EncounterEvent {
    let number = encounter.number
    if outcome == .mismatch || outcome == .oneReport {
      transfer(
        EncounterTerms.share(terms.partPaymentShare, of: encounter.prepayment),
        from: .escrow(number), to: destination(encounter.neighbour), &tokens)
    }
    transfer(
      tokens.escrow(number), from: .escrow(number), to: .balance(encounter.learner), &tokens)
    unlock(encounter.locked, of: encounter.neighbour)
    for validator in encounter.validators {
      unlock(validator.locked, of: validator.account)
      review(validator.account, tokens)
      guard let result = encounter.result else { continue }
      let index = ResultIndex(result: result, validator: validator.account)
      let left = (results[index] ?? []).filter { $0 != number }
      results[index] = left.isEmpty ? nil : left
    }
    review(encounter.neighbour, tokens)
    histories[encounter.learner, default: PartyHistory()].asLearner.add(outcome)
    histories[encounter.neighbour, default: PartyHistory()].asNeighbour.add(outcome)
    outcomes[outcome, default: 0] += 1
    open[number] = nil
    return .closed(number, outcome)
  }

  private mutating func remember(_ encounter: Encounter, _ award: EncounterAward) {
    for validator in encounter.validators {
      var history = histories[validator.account] ?? PartyHistory()
      if let vote = validator.vote {
        if award.isRight(vote.contributes) {
          history.asValidator.right += 1
        } else {
          history.asValidator.wrong += 1
        }
      } else if validator.commitment != nil {
        history.asValidator.unrevealed += 1
      } else {
        history.asValidator.absent += 1
      }
      histories[validator.account] = history
    }
  }

  private func destination(_ party: AccountAddress) -> TokenHolding {
    terms.rewardDestination == .stake ? .stake(party) : .balance(party)
  }

  /// Moves what is there by the contract's own books.
  private func transfer(
    _ amount: TokenAmount, from: TokenHolding, to: TokenHolding, _ tokens: inout TokenAccounts
  ) {
    if amount == 0 { return }
    do {
      try tokens.move(amount, from: from, to: to)
    } catch {
      preconditionFailure("somebody else moved tokens of an encounter: \(error)")
    }
  }
}
