import Cryptography

/// The contract of iDML (Yu et al., “iDML: Incentivized Decentralized Machine Learning”, 2023, Sec. III):
/// a learner prepays, a neighbour contributes, validators who are drawn judge it, and tokens follow.
///
/// It departs from the paper in this:
/// - Models are known by SHA-256, not MD5. A result with the digest of the model from before is refused,
///   and so is one that the blocks know as another party's model: copying what somebody else has made
///   is no work, however good the copy.
/// - Validators are drawn by the hash of the block behind the one in which the reports agree, which
///   nobody knows when it reports. ``begin(_:_:)`` draws at once when that hash is there, so that
///   no caller chooses the time. The miner of that one block can throw away a block whose hash it does
///   not like, and loses its work with it: to choose among k draws, a miner has to find k blocks before
///   any other miner finds one. On a chain whose blocks cost nothing, or with one miner, judges can be
///   chosen so.
/// - A vote is committed to first and revealed after, and is one on a result by its digest.
/// - Penalties come from stakes, as far as they were locked (``EncounterTerms/requiresCover``).
/// - Cases 1 to 5 as in ``EncounterAward``.
///
/// What it does not stop: validators of whom most collude; a neighbour whose harm stays within τ;
/// a copy that was changed a little, or one of a model of which no block knows;
/// whoever has an agreed encounter of its own, and reports there what it has seen in a report that
/// is in no block yet, or in an offer that is not accepted yet, so that it counts as its own;
/// whoever has many stakes has as many chances to be drawn; a neighbour that reports alone on work it has
/// not done gets the part payment, which leaves its trace in the ``PartyHistory``.
///
/// It takes all stakes of its accounts to be its own, and escrows of its encounters' numbers. Values with
/// the same history are equal.
public struct EncounterContract: Contract, Hashable {
  public typealias Call = EncounterCall
  public typealias Event = EncounterEvent
  public typealias Refusal = EncounterRefusal

  public let terms: EncounterTerms
  /// Of currency and tokens.
  public internal(set) var exchange: CurrencyExchange
  /// The number of the next encounter.
  public internal(set) var nextEncounter: UInt64 = 0
  /// How many encounters ended in each way.
  public internal(set) var outcomes: [EncounterOutcome: UInt64] = [:]

  var open: [UInt64: Encounter] = [:]
  var pool = ValidatorPool()
  /// Of stakes, what open encounters may cost.
  var locked: [AccountAddress: TokenAmount] = [:]
  var histories: [AccountAddress: PartyHistory] = [:]
  /// Encounters that wait for their validators.
  var draws = DueQueue<UInt64>()
  /// Open encounters by result and validator.
  var results: [ResultIndex: [UInt64]] = [:]
  /// Accepted encounters within a window, of each pair that has any, and when they cease to count.
  var meetings: [Pair: Int] = [:]
  var meetingEnds = DueQueue<Pair>()
  /// Whose model a digest stands for: the learner's that had it before an encounter that was
  /// agreed on, or the neighbour's of an encounter in which a side reported it; whoever is the
  /// first. It grows with the chain, by two digests an encounter, by three if the reports differ.
  var origins: [Digest: AccountAddress] = [:]
  /// Of the last block that began.
  var height: UInt64 = 0

  struct ResultIndex: Sendable, Hashable {
    let result: Digest
    let validator: AccountAddress
  }

  struct Pair: Sendable, Hashable {
    let learner: AccountAddress
    let neighbour: AccountAddress
  }

  /// Whose balance has the tokens that nobody has bought.
  public static let treasury = AccountAddress(contract: "idml")

  /// - Parameter exchange: with ``treasury`` as its treasury.
  /// - Precondition: terms without a ``EncounterTerms/problem``.
  public init(_ terms: EncounterTerms, exchange: CurrencyExchange) {
    precondition(terms.problem == nil, "terms of encounters: \(terms.problem ?? "")")
    self.terms = terms
    self.exchange = exchange
  }

  // MARK: What can be looked up

  /// An encounter that is open.
  public func encounter(_ number: UInt64) -> Encounter? { open[number] }

  /// All that are open, by their numbers.
  public var openEncounters: [Encounter] { open.values.sorted { $0.number < $1.number } }

  /// What a party has done so far (Step 4): to be looked up before one agrees to an encounter.
  public func history(of party: AccountAddress) -> PartyHistory {
    histories[party] ?? PartyHistory()
  }

  /// Whoever has taken part in an encounter, sorted.
  public var parties: [AccountAddress] { histories.keys.sorted() }

  /// Whether a party's stake lets it be a neighbour or a validator.
  public func isEligible(_ party: AccountAddress) -> Bool { pool.contains(party) }

  /// How many are eligible.
  public var eligibleCount: Int { pool.accounts.count }

  /// What of a party's stake open encounters may cost.
  public func locked(of party: AccountAddress) -> TokenAmount { locked[party] ?? 0 }

  /// The open encounters in which a validator was drawn to judge a result (Step 5).
  public func encounters(judging result: Digest, by validator: AccountAddress) -> [UInt64] {
    results[ResultIndex(result: result, validator: validator)] ?? []
  }

  // MARK: Calls

  public mutating func begin(
    _ context: CallContext, _ tokens: inout TokenAccounts
  ) -> [EncounterEvent] {
    height = max(height, context.height)
    while let pair = meetingEnds.next(at: height) {
      let count = meetings[pair] ?? 0
      meetings[pair] = count > 1 ? count - 1 : nil
    }
    var events: [EncounterEvent] = []
    while let number = draws.next(at: height) {
      events.append(drawValidators(number, entropy: context.entropy, tokens))
    }
    return events
  }

  public mutating func perform(
    _ call: EncounterCall, by caller: AccountAddress, in context: CallContext,
    _ tokens: inout TokenAccounts
  ) throws(EncounterRefusal) -> [EncounterEvent] {
    switch call {
    case .exchange(let units):
      return [try buy(for: units, caller, &tokens)]
    case .redeem(let amount):
      return [try sell(amount, caller, &tokens)]
    case .transfer(let to, let amount):
      try wrap { () throws(TokenError) in try tokens.transfer(amount, from: caller, to: to) }
      return []
    case .approve(let spender, let amount):
      tokens.approve(amount, for: spender, by: caller)
      return []
    case .transferFrom(let owner, let to, let amount):
      try wrap { () throws(TokenError) in
        try tokens.transfer(amount, from: owner, to: to, by: caller)
      }
      return []
    case .stake(let amount):
      return [try stake(amount, caller, &tokens)]
    case .withdraw(let amount):
      return [try withdraw(amount, caller, &tokens)]
    case .open(let offer):
      return [try open(offer, caller, &tokens)]
    case .accept(let number, let claimsRareData):
      return [try accept(number, claimsRareData: claimsRareData, caller, tokens)]
    case .reject(let number):
      return [try reject(number, caller, &tokens)]
    case .report(let number, let result):
      return try report(number, result, caller, &tokens)
    case .commit(let number, let result, let commitment):
      return [try commit(number, result, commitment, caller)]
    case .reveal(let number, let vote, let salt):
      return [try reveal(number, vote, salt, caller)]
    case .settle(let number):
      return try settle(number, &tokens)
    }
  }

  /// - Throws: why there is no such open encounter.
  func encounter(number: UInt64) throws(EncounterRefusal) -> Encounter {
    guard let encounter = open[number] else {
      throw number < nextEncounter ? .isClosed(number) : .unknownEncounter(number)
    }
    return encounter
  }

  func wrap<R>(_ body: () throws(TokenError) -> R) throws(EncounterRefusal) -> R {
    do { return try body() } catch { throw .tokens(error) }
  }
}
