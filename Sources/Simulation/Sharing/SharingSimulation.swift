import Cryptography
import Datasets
import Incentives
import Ledger
import Metrics

/// Agents on a virtual clock who share reviews over a contract (Ding and Hu 2022, Sec. III-B).
///
/// All take from one stream of samples, in which no two have the same features: the contract takes the
/// same data once. A bad agent flips the label of what it takes. At each wake an
/// agent adds a sample, unless its deposit is not covered, and then goes through the unsettled samples,
/// oldest first: of its own it asks for a refund, those of others it reports, and past t_any it takes
/// what is left. An agent whose balance and locked tokens together are less than its mean deposit has
/// stopped for good.
struct SharingSimulation<Model: ReviewModel> {
  /// 1 January 2020, where the virtual clock starts.
  static var start: UInt64 { 1_577_836_800_000 }

  private(set) var contract: SharingContract<Model>
  private(set) var tokens: TokenAccounts
  private(set) var agents: [SharingAgent]
  private(set) var tally = SharingTally()
  private let stream: ArraySlice<Int32>
  private let labels: [Bool]
  private let badClaims: SharingConfiguration.BadClaims
  private var place: Int
  private var pending: [Pending] = []
  private(set) var now = start
  /// What agents have asked for since ``takeCalls()``, if that is kept.
  private var calls: [PerformedCall]?

  /// What everybody knows of an unsettled sample.
  private struct Pending: BitwiseCopyable {
    let number: UInt64
    let time: UInt64
    let sample: Int32
    let sender: Int32
    let label: Bool
    var isReported = false
    var isSettled = false
  }

  /// - Parameters:
  ///   - stream: numbers of the samples that are submitted, in their order.
  ///   - labels: of all samples.
  ///   - keepsCalls: whether somebody is going to ask for the calls.
  init(
    _ model: Model, stream: ArraySlice<Int32>, labels: [Bool], agents: [SharingAgent],
    rules: SharingRules, badClaims: SharingConfiguration.BadClaims, keepsCalls: Bool = false
  ) {
    contract = SharingContract(model, rules: rules, time: Self.start)
    calls = keepsCalls ? [] : nil
    let treasury = AccountAddress(contract: "sharing treasury")
    tokens = TokenAccounts(
      supply: agents.reduce(0) { $0 + $1.startBalance }, treasury: treasury)
    self.stream = stream
    place = stream.startIndex
    self.labels = labels
    self.badClaims = badClaims
    self.agents = agents
    for agent in agents {
      do {
        try tokens.transfer(agent.startBalance, from: treasury, to: agent.address)
      } catch {
        preconditionFailure("the treasury has what all get: \(error)")
      }
    }
    _ = tokens.takeEvents()
  }

  /// Days since the start.
  func days(_ time: UInt64) -> Double { Double(time - Self.start) / Double(SharingRules.day) }

  /// When the next agent wakes; `nil` when there is nothing left to do.
  var nextTime: UInt64? {
    if place == stream.endIndex && pending.isEmpty { return nil }
    return agents.compactMap { $0.stoppedAt == nil ? $0.nextWake : nil }.min()
  }

  /// The next agent wakes; of several at once, the first.
  mutating func step() {
    guard let time = nextTime,
      let agent = agents.firstIndex(where: { $0.stoppedAt == nil && $0.nextWake == time })
    else { return }
    now = time
    let balance = tokens.balance(of: agents[agent].address)
    if balance < agents[agent].leastTotal && agents[agent].spentAt == nil {
      agents[agent].spentAt = time
    }
    if balance + agents[agent].locked < agents[agent].leastTotal {
      agents[agent].stoppedAt = time
      return
    }
    submit(agent)
    claim(agent)
    _ = tokens.takeEvents()
    let wait = agents[agent].draws.wait()
    agents[agent].nextWake = time + wait
  }

  private mutating func perform(
    _ call: SharingCall<Int32, Bool>, by agent: Int
  ) -> SharingEvent? {
    let context = CallContext(
      height: contract.sampleCount, time: now, entropy: Block.origin)
    var event: SharingEvent?
    do {
      event = try contract.perform(call, by: agents[agent].address, in: context, &tokens).first
    } catch {
      tally.refusals += 1
    }
    calls?.append(PerformedCall(agent: agent, call: call, event: event))
    return event
  }

  /// The calls so far, which are forgotten here.
  mutating func takeCalls() -> [PerformedCall] {
    guard let kept = calls else { return [] }
    calls = []
    return kept
  }

  private mutating func submit(_ agent: Int) {
    let deposit = agents[agent].draws.deposit()
    guard place < stream.endIndex else { return }
    let address = agents[agent].address
    guard deposit <= tokens.balance(of: address),
      contract.cost(for: address, at: now) <= deposit
    else {
      tally.skippedTurns += 1
      return
    }
    let sample = stream[place]
    let isWrong = agents[agent].isBad || agents[agent].draws.isMistake()
    let label = labels[Int(sample)] != isWrong
    guard
      case .added(let number, _, _, let locked)? = perform(
        .add(sample, label, deposit: deposit), by: agent)
    else { return }
    place += 1
    agents[agent].locked += locked
    agents[agent].submitted += 1
    pending.append(
      Pending(number: number, time: now, sample: sample, sender: Int32(agent), label: label))
  }

  /// Goes through the unsettled samples.
  private mutating func claim(_ agent: Int) {
    let claimsAll = !agents[agent].isBad || badClaims == .all
    let rules = contract.rules
    var hasSettled = false
    for turn in pending.indices {
      let entry = pending[turn]
      let age = now - entry.time
      if age < rules.refundTime { break }
      let isOwn = Int(entry.sender) == agent
      if !isOwn && !claimsAll { continue }
      let agrees = contract.predict(entry.sample) == entry.label
      let call: SharingCall<Int32, Bool>
      if isOwn && agrees {
        call = .refund(entry.number)
      } else if !isOwn && !agrees && !agents[agent].hasReported(entry.number)
        && agents[agent].refunds > 0
      {
        call = .report(entry.number)
      } else if age >= rules.anyTime && claimsAll {
        call = .takeRest(entry.number)
      } else {
        continue
      }
      guard let event = perform(call, by: agent) else { continue }
      book(event, of: turn, by: agent)
      hasSettled = true
    }
    if hasSettled { pending.removeAll { $0.isSettled } }
  }

  private mutating func book(_ event: SharingEvent, of turn: Int, by agent: Int) {
    let sender = Int(pending[turn].sender)
    switch event {
    case .added: return
    case .refunded(_, _, let amount):
      agents[sender].locked -= amount
      agents[agent].refunds += 1
    case .reported(let number, _, let amount):
      agents[sender].locked -= amount
      agents[agent].reports += 1
      agents[agent].noteReport(number)
    case .restTaken(_, _, let amount):
      agents[sender].locked -= amount
      agents[agent].rests += 1
    }
    pending[turn].isSettled = contract.deposit(of: pending[turn].number) == nil
  }

  /// What an agent has to spend, and what it has left with the contract, in tokens.
  func holdings(_ agent: Int) -> (balance: Double, locked: Double) {
    (
      SharingConfiguration.tokens(tokens.balance(of: agents[agent].address)),
      SharingConfiguration.tokens(agents[agent].locked)
    )
  }
}

/// What happened, by numbers.
public struct SharingTally: Sendable, Hashable {
  /// Calls that the contract refused.
  public var refusals = 0
  /// Wakes at which a deposit was not covered, or did not cover the cost.
  public var skippedTurns = 0
}

/// An agent's call, and what has come of it; `nil` where it was refused.
struct PerformedCall: Sendable {
  let agent: Int
  let call: SharingCall<Int32, Bool>
  let event: SharingEvent?
}
