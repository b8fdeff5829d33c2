import Consensus
import Cryptography
import Ledger

/// An orderer (CollabDict 2018, Sec. III-C): collects the transactions of one job and round, looks at
/// their signatures, time stamps and shapes, and locks one block a round together with the other
/// orderers (``BlockAgreement``). A client that is silent until the deadline counts with what it
/// reported before.
///
/// Orderers see every client's statistics, as endorsers do: see ``OrderedJob``.
///
/// A state machine: messages and ticks in, messages and effects out.
public struct Orderer: Sendable {
  let index: Int
  private let key: SigningKey
  private let timing: OrderedTiming
  private(set) var chain: OrderedChain
  private var agreement: BlockAgreement
  private var kept: BlockAgreement.Pledge
  /// The outcome of the last block.
  private var outcome: EndorsedOutcome?
  private var votes = OutcomeTally()
  /// Valid transactions for the next block.
  private var reports: [Int: StatisticsTransaction] = [:]
  /// The last of each client, while the outcome of the last block is not known.
  private var waiting: [Int: StatisticsTransaction] = [:]
  /// When the outcome of the last block became known.
  private var readySince: Double?
  /// When the present view began to be waited in.
  private var viewSince: Double?
  private var saidLast = -Double.infinity
  /// When the last block came.
  private var heardLast = 0.0
  /// Who is asked next for blocks.
  private var turn = 0
  private var effects: [OrderedEffect] = []

  /// - Parameters:
  ///   - blocks: the chain as it was stored, with its first block.
  ///   - memory: what it was last asked to remember; `nil` for one that never ran.
  /// - Throws: ``OrderedBlockError`` or `LedgerCodingError`.
  public init(
    _ index: Int, key: SigningKey, blocks: some Sequence<Block>, memory: [UInt8]?,
    timing: OrderedTiming = OrderedTiming()
  ) throws {
    let chain = try OrderedChain(blocks)
    self.index = index
    self.key = key
    self.timing = timing
    self.chain = chain
    var pledge = BlockAgreement.Pledge(height: chain.next)
    if let memory {
      let old = try BlockAgreement.Pledge(decoding: memory)
      if old.height == chain.next { pledge = old }
    }
    kept = pledge
    agreement = BlockAgreement(
      chain.job.orderers, job: chain.digest, own: index, key: key, pledge: pledge)
  }

  /// Whether the job is concluded.
  public var isFinished: Bool { chain.isFinished }
  /// Blocks locked so far, with the first.
  public var count: Int { Int(chain.next) }

  public mutating func takeEffects() -> [OrderedEffect] {
    defer { effects = [] }
    return effects
  }

  // MARK: Listening

  public mutating func receive(_ message: OrderedMessage, from node: OrderedNode, now: Double) {
    if let (message, height) = message.ordering {
      guard node.role == .orderer else { return }
      if height < chain.next {
        supply(Int(height), to: node)
      } else if height > chain.next {
        effects.append(.send(.request(chain.next), to: node))
      } else if !isFinished {
        let (chain, limit) = (chain, Self.stamp(now) + chain.job.timeWindow)
        agreement.receive(message) { block in
          block.time <= limit && (try? chain.payload(of: block)) != nil
        }
        order(now)
      }
      return
    }
    switch message {
    case .transaction(let transaction): take(transaction, from: node, now)
    case .block(let block): take(block, now)
    case .vote(let vote): take(vote, from: node, now)
    case .request(let height): supply(Int(clamping: height), to: node)
    default: break
    }
  }

  private mutating func supply(_ height: Int, to node: OrderedNode) {
    guard height < count else { return }
    effects.append(.supply(max(0, height)..<min(count, max(0, height) + 16), to: node))
  }

  private mutating func take(
    _ transaction: StatisticsTransaction, from node: OrderedNode, _ now: Double
  ) {
    if isFinished { return }
    let isEarly = transaction.round == chain.next && readySince == nil
    if isEarly || transaction.round > chain.next {
      // Its dictionary may be one of which this orderer has not heard. It is checked then.
      if chain.job.clients.indices.contains(transaction.client), node.role == .client,
        node.index == transaction.client
      {
        waiting[transaction.client] = transaction
      }
      return
    }
    if reports[transaction.client] == transaction { return }
    if let problem = chain.problem(
      with: transaction, after: outcome?.outcome, time: Self.stamp(now))
    {
      effects.append(.refused(problem, from: node))
      return
    }
    // The first counts: a second one with other numbers would only start a race.
    if reports[transaction.client] == nil { reports[transaction.client] = transaction }
    order(now)
  }

  private mutating func take(_ vote: OutcomeVote, from node: OrderedNode, _ now: Double) {
    if vote.outcome.height > chain.head.height {
      askForBlocks()
      return
    }
    guard outcome == nil, !isFinished, chain.fits(vote.outcome) else { return }
    if let endorsed = votes.take(vote, chain) {
      outcome = endorsed
      begin(now)
    } else if votes.splits(chain.job.endorsers) {
      effects.append(
        .note(
          "block \(chain.head.height): endorsers came to different numbers, and none of them "
            + "can get a quorum; let all of them compute on the same kind of processor"))
    }
  }

  /// Asks another orderer each time: some may be down.
  private mutating func askForBlocks() {
    let others = chain.job.orderers.count - 1
    guard others > 0 else { return }
    turn += 1
    let asked = (index + 1 + turn % others) % (others + 1)
    effects.append(.send(.request(chain.next), to: OrderedNode(.orderer, asked)))
  }

  /// The outcome of the last block is known, or there is none to be known.
  private mutating func begin(_ now: Double) {
    readySince = now
    let early = waiting.sorted { $0.key < $1.key }
    waiting = [:]
    for (client, transaction) in early {
      take(transaction, from: OrderedNode(.client, client), now)
    }
    order(now)
  }

  private mutating func take(_ block: Block, _ now: Double) {
    guard block.height == chain.next, !isFinished else { return }
    heardLast = now
    do {
      let payload = try chain.take(block)
      goOn(from: block, payload)
    } catch {
      effects.append(.note("a block was refused: \(error)"))
    }
  }

  // MARK: Ordering

  private static func stamp(_ now: Double) -> UInt64 { UInt64(max(0, now) * 1000) }

  public mutating func tick(now: Double) {
    if isFinished { return }
    if readySince == nil && chain.head.height == 0 { begin(now) }
    order(now)
    if let since = viewSince {
      let patience = timing.view * Double(1 << min(agreement.view, 4))
      if now - since > patience {
        viewSince = now
        agreement.giveUpView()
        order(now)
      }
    }
    if now - heardLast > timing.collection + timing.patience {
      heardLast = now
      askForBlocks()
    }
    if now - saidLast > timing.repetition {
      saidLast = now
      for message in agreement.standing { broadcast(OrderedMessage(message)) }
    }
  }

  /// Whether a block can be put together now.
  private func isComplete(_ now: Double) -> Bool {
    guard let since = readySince else { return false }
    if let outcome, outcome.outcome.conclusion != .goesOn { return true }
    if reports.count == chain.job.clients.count { return true }
    return now - since >= timing.collection && reports.count >= chain.job.leastReports
  }

  private mutating func order(_ now: Double) {
    if isFinished { return }
    // What has waited too long for others has to be stamped anew.
    let time = max(Self.stamp(now), chain.head.time)
    reports = reports.filter { chain.isInTime($0.value, time) }
    switch agreement.locked == nil ? agreement.choice : .none {
    case .none: break
    case .only(let block): agreement.propose(block)
    case .free:
      if isComplete(now) {
        agreement.propose(
          chain.block(of: reports, outcome: outcome, orderer: index, time: Self.stamp(now)))
      }
    }
    speak(now)
  }

  /// Sends what the agreement has to say, after the pledge is kept; goes on when a block is locked.
  private mutating func speak(_ now: Double) {
    if viewSince == nil && (isComplete(now) || agreement.view > 0 || agreement.proposal != nil) {
      viewSince = now
    }
    let view = kept.view
    if agreement.pledge != kept {
      kept = agreement.pledge
      effects.append(.remember(kept.encoded))
      if kept.view != view { viewSince = now }
    }
    for message in agreement.takeMessages() { broadcast(OrderedMessage(message)) }
    if let block = agreement.locked { take(block, now) }
  }

  private mutating func broadcast(_ message: OrderedMessage) {
    for other in 0..<chain.job.orderers.count where other != index {
      effects.append(.send(message, to: OrderedNode(.orderer, other)))
    }
  }

  /// To the next height.
  private mutating func goOn(from block: Block, _ payload: RoundPayload) {
    effects.append(.append(block))
    kept = BlockAgreement.Pledge(height: chain.next)
    effects.append(.remember(kept.encoded))
    agreement = BlockAgreement(
      chain.job.orderers, job: chain.digest, own: index, key: key, pledge: kept)
    outcome = nil
    votes = OutcomeTally()
    reports = [:]
    readySince = nil
    viewSince = nil
    // The other orderers know it from the same votes; endorsers are told by one of them each.
    for endorser in 0..<chain.job.endorsers.count
    where endorser % chain.job.orderers.count == index {
      effects.append(.send(.block(block), to: OrderedNode(.endorser, endorser)))
    }
  }
}

/// Votes of endorsers for outcomes of one block, one of each.
struct OutcomeTally: Sendable {
  private var votes: [Int: OutcomeVote] = [:]
  private var wasSplit = false

  /// Takes a vote, and gives the outcome that a quorum voted for, as soon as there is one.
  mutating func take(_ vote: OutcomeVote, _ chain: OrderedChain) -> EndorsedOutcome? {
    guard votes[vote.endorser] == nil,
      chain.job.endorsers.isValid(
        vote.signature, by: vote.endorser, of: vote.outcome.statement(job: chain.digest))
    else { return nil }
    votes[vote.endorser] = vote
    let agreeing = votes.values.filter { $0.outcome == vote.outcome }
    guard agreeing.count >= chain.job.endorsers.threshold else { return nil }
    return EndorsedOutcome(
      outcome: vote.outcome,
      votes: agreeing.sorted { $0.endorser < $1.endorser }
        .map { MemberSignature(member: $0.endorser, signature: $0.signature) })
  }

  /// Whether votes have come to differ so much that no outcome can get a quorum; said once.
  mutating func splits(_ endorsers: Quorum) -> Bool {
    var largest = 0
    for vote in votes.values {
      largest = max(largest, votes.values.count { $0.outcome == vote.outcome })
    }
    let isSplit = largest + endorsers.count - votes.count < endorsers.threshold
    defer { wasSplit = isSplit }
    return isSplit && !wasSplit
  }
}

extension OrderedChain {
  /// A chain from its first block on, all of it checked but the numbers of outcomes.
  ///
  /// - Throws: ``OrderedBlockError``.
  init(_ blocks: some Sequence<Block>) throws(OrderedBlockError) {
    var rest = blocks.makeIterator()
    guard let first = rest.next() else { throw OrderedBlockError(0, "\(ChainError.notFirst)") }
    self = try OrderedChain(firstBlock: first)
    while let block = rest.next() { _ = try take(block) }
  }
}
