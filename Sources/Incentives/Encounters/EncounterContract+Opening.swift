import Cryptography

/// Steps 1 to 4: from the prepayment to the reports.
extension EncounterContract {
  mutating func open(
    _ offer: EncounterOffer, _ learner: AccountAddress, _ tokens: inout TokenAccounts
  ) throws(EncounterRefusal) -> EncounterEvent {
    let neighbour = offer.neighbour
    guard learner != neighbour else { throw .selfDealing }
    guard offer.prepayment > 0 else { throw .noPrepayment }
    if case .global(let agreed) = terms.price, offer.prepayment != agreed {
      throw .wrongPrice(offer.prepayment, agreed: agreed)
    }
    try requireStake(of: neighbour, tokens)
    if terms.learnersNeedStake { try requireStake(of: learner, tokens) }
    try requireDiversity(Pair(learner: learner, neighbour: neighbour))
    if offer.offersRareDataBonus && terms.rareDataBonus == 0 { throw .noRareDataBonus }
    let bonus =
      offer.offersRareDataBonus ? terms.rareDataBonus(of: offer.prepayment) : 0
    let (sum, overflows) = offer.prepayment.addingReportingOverflow(bonus)
    if overflows { throw .tokens(.amountTooLarge) }
    let number = nextEncounter
    try wrap { () throws(TokenError) in
      try tokens.move(sum, from: .balance(learner), to: .escrow(number))
    }
    open[number] = Encounter(
      number: number, learner: learner, neighbour: neighbour, prepayment: offer.prepayment,
      bonus: bonus, modelBefore: offer.modelBefore, opened: height,
      phase: .offered(until: later(terms.acceptanceBlocks)))
    nextEncounter += 1
    return .opened(
      number, learner: learner, neighbour: neighbour, prepayment: offer.prepayment, bonus: bonus,
      modelBefore: offer.modelBefore)
  }

  mutating func accept(
    _ number: UInt64, claimsRareData: Bool, _ caller: AccountAddress,
    _ tokens: borrowing TokenAccounts
  ) throws(EncounterRefusal) -> EncounterEvent {
    var encounter = try encounter(number: number)
    guard caller == encounter.neighbour else { throw .notTheNeighbour(number) }
    guard case .offered(let until) = encounter.phase else {
      throw .notDue(number, awaits: encounter.phase)
    }
    guard height <= until else { throw .tooLate(number, until: until) }
    if claimsRareData && encounter.bonus == 0 { throw .noRareDataBonus }
    let pair = Pair(learner: encounter.learner, neighbour: caller)
    try requireStake(of: caller, tokens)
    try requireDiversity(pair)
    let free = free(of: caller, tokens)
    if terms.requiresCover && free < encounter.prepayment {
      throw .stakeIsLocked(free: free, needs: encounter.prepayment)
    }
    encounter.locked = min(free, encounter.prepayment)
    encounter.claimsRareData = claimsRareData
    encounter.isRepeated = (meetings[pair] ?? 0) > 0
    encounter.phase = .learning(until: later(terms.reportBlocks))
    lock(encounter.locked, of: caller)
    if let rule = terms.diversity {
      meetings[pair, default: 0] += 1
      meetingEnds.append(pair, due: later(rule.window))
    }
    histories[encounter.learner, default: PartyHistory()].asLearner.begun += 1
    histories[caller, default: PartyHistory()].asNeighbour.begun += 1
    open[number] = encounter
    // Not before: an offer costs nothing, and would let anybody claim a digest.
    note(encounter.modelBefore, of: encounter.learner)
    return .agreed(
      number, locked: encounter.locked, claimsRareData: claimsRareData,
      isRepeated: encounter.isRepeated)
  }

  mutating func reject(
    _ number: UInt64, _ caller: AccountAddress, _ tokens: inout TokenAccounts
  ) throws(EncounterRefusal) -> EncounterEvent {
    let encounter = try encounter(number: number)
    guard caller == encounter.neighbour else { throw .notTheNeighbour(number) }
    guard case .offered = encounter.phase else {
      throw .notDue(number, awaits: encounter.phase)
    }
    return close(encounter, .rejected, &tokens)
  }

  mutating func report(
    _ number: UInt64, _ result: Digest, _ caller: AccountAddress, _ tokens: inout TokenAccounts
  ) throws(EncounterRefusal) -> [EncounterEvent] {
    var encounter = try encounter(number: number)
    let isLearner = caller == encounter.learner
    guard isLearner || caller == encounter.neighbour else { throw .notAParty(number) }
    guard case .learning(let until) = encounter.phase else {
      throw .notDue(number, awaits: encounter.phase)
    }
    guard height <= until else { throw .tooLate(number, until: until) }
    let own = isLearner ? encounter.learnerResult : encounter.neighbourResult
    guard own == nil else { throw .reportedAlready(number) }
    guard result != encounter.modelBefore else { throw .unchangedModel(number) }
    if let first = origins[result], first != encounter.neighbour { throw .copiedModel(number) }
    if isLearner { encounter.learnerResult = result } else { encounter.neighbourResult = result }
    // The first report shows the digest to all, who must not claim it before the second one comes.
    note(result, of: encounter.neighbour)
    let event = EncounterEvent.reported(number, by: caller, result: result)
    guard encounter.learnerResult != nil, encounter.neighbourResult != nil else {
      open[number] = encounter
      return [event]
    }
    guard encounter.result != nil else { return [event, close(encounter, .mismatch, &tokens)] }
    // The hash of the next block draws, which the block after it knows.
    encounter.phase = .drawing(at: later(2))
    draws.append(number, due: later(2))
    open[number] = encounter
    return [event]
  }

  /// Remembers whose model a digest stands for: whoever named it first.
  private mutating func note(_ model: Digest, of party: AccountAddress) {
    if origins[model] == nil { origins[model] = party }
  }

  private func requireStake(
    of party: AccountAddress, _ tokens: borrowing TokenAccounts
  ) throws(EncounterRefusal) {
    guard pool.contains(party) else {
      throw .stakeTooSmall(party, has: tokens.stake(of: party), needs: terms.stakeThreshold)
    }
  }

  private func requireDiversity(_ pair: Pair) throws(EncounterRefusal) {
    guard let rule = terms.diversity, (meetings[pair] ?? 0) >= rule.limit else { return }
    throw .tooManyEncounters(limit: rule.limit, blocks: rule.window)
  }

  /// A height some blocks from now.
  func later(_ blocks: UInt64) -> UInt64 { height > .max - blocks ? .max : height + blocks }
}
