import Consensus
import Cryptography
import GraphicalModels
import Ledger

/// An endorser (CollabDict 2018, Sec. III-C): forms the next dictionary from every locked block
/// (e_update, ``OrderedLearning``), votes for what came out, and sends clients the dictionary that a
/// quorum voted for. Whether learning has converged is part of what is voted on.
///
/// Endorsers see every client's statistics, as orderers do: see ``OrderedJob``.
///
/// A state machine: messages and ticks in, messages and effects out.
public struct Endorser: Sendable {
  let index: Int
  private let key: SigningKey
  private let timing: OrderedTiming
  private(set) var chain: OrderedChain
  private(set) var learning: OrderedLearning
  /// What this endorser made of the last block.
  private var own: OutcomeVote?
  private var tally = OutcomeTally()
  /// Votes for outcomes of blocks that are not here yet: the newest of each endorser.
  private var early: [Int: OutcomeVote] = [:]
  /// The outcomes of all blocks, as quorums voted for them.
  private var outcomes: [Outcome] = []
  private var endorsed: EndorsedOutcome?
  /// The dictionary of the last endorsed outcome.
  private var numbers: [Double] = []
  /// Whether a quorum came to another outcome from the same block.
  public private(set) var isAtOdds = false
  private var saidLast = 0.0
  private var heardLast = 0.0
  private var turn = 0
  private var effects: [OrderedEffect] = []

  /// - Parameter blocks: the chain as it was stored, with its first block; all is computed anew.
  /// - Throws: ``OrderedBlockError``.
  public init(
    _ index: Int, key: SigningKey, blocks: some Sequence<Block>,
    timing: OrderedTiming = OrderedTiming()
  ) throws {
    var rest = blocks.makeIterator()
    guard let first = rest.next() else { throw OrderedBlockError(0, "\(ChainError.notFirst)") }
    let chain = try OrderedChain(firstBlock: first)
    self.index = index
    self.key = key
    self.timing = timing
    self.chain = chain
    learning = OrderedLearning(chain.job)
    while let block = rest.next() { try process(block) }
    effects = []
  }

  /// The learning after the last block; `nil` before the first round.
  public var mixture: MixtureLearning? { learning.learning }

  /// Whether the job is concluded.
  public var isFinished: Bool { chain.isFinished }
  /// Blocks so far, with the first.
  public var count: Int { Int(chain.next) }

  public mutating func takeEffects() -> [OrderedEffect] {
    defer { effects = [] }
    return effects
  }

  // MARK: Listening

  public mutating func receive(_ message: OrderedMessage, from node: OrderedNode, now: Double) {
    switch message {
    case .block(let block):
      if block.height < chain.next { return }
      guard block.height == chain.next else {
        effects.append(.send(.request(chain.next), to: node))
        return
      }
      heardLast = now
      saidLast = now
      do {
        try process(block)
      } catch {
        effects.append(.note("a block was refused: \(error)"))
      }
    case .vote(let vote): take(vote)
    case .request(let height):
      if node.role == .client {
        if let update = update(after: height) { effects.append(.send(.update(update), to: node)) }
      } else if height < chain.next {
        let first = Int(height)
        effects.append(.supply(first..<min(count, first + 16), to: node))
      }
    default: break
    }
  }

  private mutating func process(_ block: Block) throws(OrderedBlockError) {
    let payload = try chain.take(block)
    effects.append(.append(block))
    if let outcome = payload.outcome { settle(outcome) }
    own = nil
    tally = OutcomeTally()
    if payload.isLast || isAtOdds { return }
    let outcome = learning.take(payload.entries, of: block, previous: chain.lastOutcome)
    let vote = OutcomeVote(
      outcome: outcome, endorser: index,
      signature: key.signature(for: outcome.statement(job: chain.digest)))
    own = vote
    broadcast(vote)
    count(vote)
    let waiting = early.sorted { $0.key < $1.key }.map(\.value)
    for vote in waiting { take(vote) }
  }

  // MARK: Votes

  private mutating func broadcast(_ vote: OutcomeVote) {
    for orderer in 0..<chain.job.orderers.count {
      effects.append(.send(.vote(vote), to: OrderedNode(.orderer, orderer)))
    }
    for other in 0..<chain.job.endorsers.count where other != index {
      effects.append(.send(.vote(vote), to: OrderedNode(.endorser, other)))
    }
  }

  private mutating func take(_ vote: OutcomeVote) {
    guard vote.endorser != index, chain.job.endorsers.keys.indices.contains(vote.endorser) else {
      return
    }
    if vote.outcome.height > chain.head.height {
      early[vote.endorser] = vote
    } else if chain.fits(vote.outcome) {
      count(vote)
    }
  }

  private mutating func count(_ vote: OutcomeVote) {
    let isNew = endorsed.map { $0.outcome.height < vote.outcome.height } ?? true
    guard isNew, let outcome = tally.take(vote, chain) else { return }
    settle(outcome)
    for client in 0..<chain.job.clients.count
    where client % chain.job.endorsers.count == index {
      guard let update = update(after: outcome.outcome.height) else { return }
      effects.append(.send(.update(update), to: OrderedNode(.client, client)))
    }
  }

  /// Takes note of what a quorum voted for.
  private mutating func settle(_ outcome: EndorsedOutcome) {
    guard outcome.outcome.height == UInt64(outcomes.count + 1) else { return }
    if let own, own.outcome != outcome.outcome {
      isAtOdds = true
      effects.append(
        .note(
          "block \(outcome.outcome.height): a quorum of endorsers came to other numbers; "
            + "this one has another arithmetic, and votes no more"))
    }
    outcomes.append(outcome.outcome)
    endorsed = outcome
    if !isAtOdds { numbers = learning.learning?.numbers ?? [] }
  }

  /// The latest dictionary, for a client that wants the outcome of a block or later ones.
  private func update(after height: UInt64) -> DictionaryUpdate? {
    guard !isAtOdds, let endorsed, endorsed.outcome.height >= max(1, height) else { return nil }
    let first = Int(max(1, height)) - 1
    return DictionaryUpdate(
      before: Array(outcomes[first..<outcomes.count - 1]), latest: endorsed, numbers: numbers)
  }

  // MARK: Time

  public mutating func tick(now: Double) {
    if now - saidLast > timing.repetition, !isFinished, let own {
      saidLast = now
      broadcast(own)
    }
    if now - heardLast > timing.patience, !isFinished {
      heardLast = now
      turn += 1
      let orderer = (index + turn) % chain.job.orderers.count
      effects.append(.send(.request(chain.next), to: OrderedNode(.orderer, orderer)))
    }
  }
}
