import Cryptography
import Incentives

extension EncounterContract: ShownContract {
  private static func number(_ value: some BinaryInteger) -> JSON {
    .integer(Int(clamping: value))
  }

  var shownTerms: [(String, JSON)] {
    let price: JSON =
      switch terms.price {
      case .global(let amount): Self.number(amount)
      case .negotiated: .text("negotiated")
      }
    return [
      ("exchange_rate", Self.number(terms.exchangeRate)),
      ("exchanged_tokens", Self.number(terms.exchangedTokens)),
      ("initial_stake", Self.number(terms.initialStake)),
      ("stake_threshold", Self.number(terms.stakeThreshold)),
      ("learners_need_stake", .bool(terms.learnersNeedStake)), ("price", price),
      ("neighbour_share", .number(Double(terms.neighbourShare) / 1000)),
      ("part_payment_share", .number(Double(terms.partPaymentShare) / 1000)),
      ("rewards_go_to", .text("\(terms.rewardDestination)")),
      ("requires_cover", .bool(terms.requiresCover)),
      ("validators", .integer(terms.validators)),
      ("votes_required", .integer(terms.votesRequired)),
      ("tolerance", .number(Double(terms.toleranceMillionths) / 1e6)),
      ("acceptance_blocks", Self.number(terms.acceptanceBlocks)),
      ("report_blocks", Self.number(terms.reportBlocks)),
      ("commit_blocks", Self.number(terms.commitBlocks)),
      ("waiting_blocks", Self.number(terms.waitingBlocks)),
      ("rare_data_bonus", .number(Double(terms.rareDataBonus) / 1000)),
      ("diversity_window", terms.diversity.map { Self.number($0.window) } ?? .null),
      ("diversity_limit", terms.diversity.map { .integer($0.limit) } ?? .null),
      ("diversity_discount", terms.diversity.map { .number(Double($0.discount) / 1000) } ?? .null),
    ]
  }

  var shownFacts: [(String, JSON)] {
    let ends: [EncounterOutcome] = [
      .accepted, .refused, .rejected, .expired, .mismatch, .oneReport, .noReport,
    ]
    return [
      ("encounters", Self.number(nextEncounter)),
      ("open_encounters", .integer(openEncounters.count)),
    ] + ends.map { ("\(Self.name(of: $0))_encounters", Self.number(outcomes[$0] ?? 0)) } + [
      ("eligible_parties", .integer(eligibleCount))
    ]
  }

  static var accountColumns: [String] {
    [
      "locked", "eligible", "currency", "contributions accepted", "refused", "incomplete",
      "votes right", "wrong",
    ]
  }

  func shownAccount(_ account: AccountAddress, _ tokens: TokenAccounts) -> [(String, JSON)] {
    let history = history(of: account)
    return [
      ("locked", Self.number(locked(of: account))), ("eligible", .bool(isEligible(account))),
      ("currency", Self.number(exchange.currency.balance(of: account))),
      ("contributions_accepted", Self.number(history.asNeighbour.accepted)),
      ("contributions_refused", Self.number(history.asNeighbour.refused)),
      ("contributions_incomplete", Self.number(history.asNeighbour.incomplete)),
      ("votes_right", Self.number(history.asValidator.right)),
      ("votes_wrong", Self.number(history.asValidator.wrong + history.asValidator.unrevealed)),
    ]
  }

  var knownAccounts: [AccountAddress] { parties }

  func name(of account: AccountAddress) -> String? {
    account == Self.treasury ? "treasury" : nil
  }

  static var affairName: String { "encounter" }
  static func affair(of call: EncounterCall) -> UInt64? { call.encounter }
  static func affair(of event: EncounterEvent) -> UInt64? { event.encounter }

  static func name(of call: EncounterCall) -> String {
    switch call {
    case .exchange: "exchange"
    case .redeem: "redeem"
    case .transfer: "transfer"
    case .approve: "approve"
    case .transferFrom: "transferFrom"
    case .stake: "stake"
    case .withdraw: "withdraw"
    case .open: "open"
    case .accept: "accept"
    case .reject: "reject"
    case .report: "report"
    case .commit: "commit"
    case .reveal: "reveal"
    case .settle: "settle"
    }
  }

  private static func name(of outcome: EncounterOutcome) -> String {
    switch outcome {
    case .rejected: "rejected"
    case .expired: "expired"
    case .mismatch: "mismatched"
    case .oneReport: "half_reported"
    case .noReport: "unreported"
    case .accepted: "accepted"
    case .refused: "refused"
    }
  }

  static func shown(_ event: EncounterEvent) -> (name: String, facts: [(String, JSON)]) {
    func account(_ account: AccountAddress) -> JSON { .text("\(account)") }
    func digest(_ digest: Digest) -> JSON { .text("\(digest)") }
    switch event {
    case .exchanged(let party, let units, let tokens):
      return (
        "exchanged",
        [("party", account(party)), ("units", number(units)), ("tokens", number(tokens))]
      )
    case .redeemed(let party, let units, let tokens):
      return (
        "redeemed",
        [("party", account(party)), ("units", number(units)), ("tokens", number(tokens))]
      )
    case .staked(let party, let stake):
      return ("staked", [("party", account(party)), ("stake", number(stake))])
    case .opened(_, let learner, let neighbour, let prepayment, let bonus, let before):
      return (
        "opened",
        [
          ("learner", account(learner)), ("neighbour", account(neighbour)),
          ("prepayment", number(prepayment)), ("bonus", number(bonus)),
          ("model_before", digest(before)),
        ]
      )
    case .agreed(_, let locked, let claimsRareData, let isRepeated):
      return (
        "agreed",
        [
          ("locked", number(locked)), ("claims_rare_data", .bool(claimsRareData)),
          ("repeated", .bool(isRepeated)),
        ]
      )
    case .reported(_, let party, let result):
      return ("reported", [("by", account(party)), ("result", digest(result))])
    case .drawn(_, let validators):
      return ("drawn", [("validators", .list(validators.map(account)))])
    case .committed(_, let party, let result, let commitment):
      return (
        "committed",
        [
          ("by", account(party)), ("result", digest(result)), ("commitment", digest(commitment)),
        ]
      )
    case .revealed(_, let party, let vote):
      return (
        "revealed",
        [
          ("by", account(party)), ("contributes", .bool(vote.contributes)),
          ("finds_rare_data", .bool(vote.findsRareData)),
        ]
      )
    case .finalised(_, let votes, let tally):
      return (
        "finalised",
        [
          ("case", .integer(Int(votes.rawValue))), ("yes", number(tally.yes)),
          ("no", number(tally.no)), ("unrevealed", number(tally.unrevealed)),
          ("rare", number(tally.rare)), ("neighbour_reward", number(tally.neighbourReward)),
          ("learner_return", number(tally.learnerReturn)),
          ("validator_reward", number(tally.validatorReward)),
          ("neighbour_penalty", number(tally.neighbourPenalty)),
          ("validator_penalties", number(tally.validatorPenalties)),
        ]
      )
    case .closed(_, let outcome):
      return ("closed", [("outcome", .text(name(of: outcome)))])
    }
  }
}
