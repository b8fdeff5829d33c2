import Cryptography
import GraphicalModels
import Ledger

/// What a whole chain shows, checked from its first block on by its bytes alone: links, seals, the
/// clients' signatures and attributes, the endorsers' votes, and, by doing e_update again, that the
/// outcomes are those of the recorded statistics.
///
/// A chain that was cut short is a sound chain; whether it has come to its end is said by
/// ``conclusion``. Who wants to know that it is the chain of a certain job compares ``job``.
public struct ChainVerification: Sendable {
  /// What stands in one block.
  public struct Round: Sendable {
    public var height: UInt64
    public var time: UInt64
    public var hash: Digest
    /// Who put it together.
    public var orderer: Int
    /// The view in which it was locked.
    public var view: UInt32
    public var reported: [Int]
    /// Silent clients, and the block of which the statistics count again.
    public var recycled: [(client: Int, from: UInt64)]
    public var absent: [Int]
    /// K of the dictionary that came of it.
    public var patterns: Int?
    public var conclusion: Outcome.Conclusion?
  }

  public let terms: OrderedJob
  /// The hash of the first block.
  public let job: Digest
  public let rounds: [Round]
  /// Of the last block.
  public let head: Digest
  /// How the job ended; `goesOn` where it has not.
  public let conclusion: Outcome.Conclusion
  /// Why it failed.
  public let reason: String
  /// The learning after the last block.
  public let learning: MixtureLearning?

  /// - Throws: ``OrderedBlockError``, and whatever the sequence of blocks throws.
  public init<E: Error>(
    count: Int, recomputes: Bool = true, block: (Int) throws(E) -> Block?
  ) throws {
    guard count > 0, let first = try block(0) else {
      throw OrderedBlockError(0, "\(ChainError.notFirst)")
    }
    var chain = try OrderedChain(firstBlock: first)
    var state = OrderedLearning(chain.job)
    var expected: Outcome?
    var rounds: [Round] = []
    var last: Outcome?
    for height in 1..<max(1, count) {
      guard let block = try block(height) else {
        throw OrderedBlockError(UInt64(height), "it is missing")
      }
      let payload = try chain.take(block)
      if let outcome = payload.outcome?.outcome {
        if recomputes, outcome != expected {
          throw OrderedBlockError(
            block.height,
            "its outcome is not what the statistics of the block before it give on this machine")
        }
        last = outcome
        rounds[rounds.count - 1].patterns = outcome.patterns
        rounds[rounds.count - 1].conclusion = outcome.conclusion
      }
      if recomputes && !payload.isLast {
        expected = state.take(payload.entries, of: block, previous: chain.lastOutcome)
      }
      rounds.append(Self.round(block, payload))
    }
    terms = chain.job
    job = chain.digest
    self.rounds = rounds
    head = chain.head.hash
    conclusion = last?.conclusion ?? .goesOn
    reason = last?.reason ?? ""
    learning = state.learning
  }

  private static func round(_ block: Block, _ payload: RoundPayload) -> Round {
    var round = Round(
      height: block.height, time: block.time, hash: block.hash, orderer: payload.orderer,
      view: (try? BlockSeal(decoding: block.seal))?.view ?? 0, reported: [], recycled: [],
      absent: [])
    for (client, entry) in payload.entries.enumerated() {
      switch entry {
      case .absent: round.absent.append(client)
      case .recycled(let height): round.recycled.append((client, height))
      case .reported: round.reported.append(client)
      }
    }
    return round
  }
}
