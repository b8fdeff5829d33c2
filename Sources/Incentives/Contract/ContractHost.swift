/// Runs a contract's calls one after the other, without a chain.
///
/// Observers are told of a call's events when everything is settled, and may answer with further calls,
/// which wait for their turn: nobody sees a half-done call, and none can be entered again from within.
public struct ContractHost<C: Contract>: Sendable {
  /// What became of a call.
  public struct Outcome: Sendable {
    public let call: C.Call
    public let caller: AccountAddress
    public let result: Result<[C.Event], C.Refusal>
  }

  /// A call that waits for its turn.
  public struct PendingCall: Sendable {
    public let call: C.Call
    public let caller: AccountAddress

    public init(_ call: C.Call, by caller: AccountAddress) {
      self.call = call
      self.caller = caller
    }
  }

  /// Hears of an event, sees the contract and the accounts as they are now, and may answer with calls.
  public typealias Observer =
    @Sendable (_ event: C.Event, _ contract: borrowing C, _ tokens: borrowing TokenAccounts) ->
    [PendingCall]

  public private(set) var contract: C
  public private(set) var tokens: TokenAccounts
  /// Of the last block that began; `nil` before the first.
  public private(set) var height: UInt64?
  private var observers: [Observer] = []
  /// Calls that may follow from one: observers that answer one another for ever are cut off.
  public var limit = 1000

  public init(_ contract: C, _ tokens: TokenAccounts) {
    self.contract = contract
    self.tokens = tokens
  }

  public mutating func observe(_ observer: @escaping Observer) { observers.append(observer) }

  /// Begins a block, if it has not begun: what is due happens, and observers hear of it.
  ///
  /// - Returns: the block's events, and the outcomes of the calls with which observers answered.
  @discardableResult
  public mutating func begin(
    _ context: CallContext
  ) -> (events: [C.Event], answers: [Outcome]) {
    if let height, context.height <= height { return ([], []) }
    height = context.height
    let events = contract.begin(context, &tokens)
    return (events, run(tell(events), in: context))
  }

  /// Performs a call, and then those with which observers answer, in the order of their answers. A call
  /// in a block that has not begun begins it.
  ///
  /// - Returns: the outcomes of the call and of those that followed from it.
  @discardableResult
  public mutating func perform(
    _ call: C.Call, by caller: AccountAddress, in context: CallContext
  ) -> [Outcome] {
    begin(context)
    return run([PendingCall(call, by: caller)], in: context)
  }

  private mutating func run(_ calls: [PendingCall], in context: CallContext) -> [Outcome] {
    var pending = calls
    var outcomes: [Outcome] = []
    while outcomes.count < pending.count && outcomes.count <= limit {
      let next = pending[outcomes.count]
      do {
        let events = try contract.perform(next.call, by: next.caller, in: context, &tokens)
        outcomes.append(Outcome(call: next.call, caller: next.caller, result: .success(events)))
        pending += tell(events)
      } catch {
        outcomes.append(Outcome(call: next.call, caller: next.caller, result: .failure(error)))
      }
    }
    return outcomes
  }

  private func tell(_ events: [C.Event]) -> [PendingCall] {
    if observers.isEmpty { return [] }
    return events.flatMap { event in observers.flatMap { $0(event, contract, tokens) } }
  }

  /// Token events so far, which are forgotten here.
  public mutating func takeTokenEvents() -> [TokenEvent] { tokens.takeEvents() }

  /// Changes accounts from outside the contract: transfers, approvals, an exchange.
  public mutating func withTokens<R, E: Error>(
    _ body: (inout TokenAccounts) throws(E) -> R
  ) throws(E) -> R { try body(&tokens) }
}
