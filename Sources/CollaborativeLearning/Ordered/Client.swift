import Consensus
import Cryptography
import Datasets
import GraphicalModels
import Ledger

/// A submitting client (CollabDict 2018, Sec. III-C): holds its rows, and answers every new
/// dictionary with signed statistics (c_update: Eq. 9 and Eqs. 16 to 19).
///
/// What it sends says nothing of a single row by itself, but is open to all endorsers and orderers:
/// see ``OrderedJob``.
///
/// A state machine: messages and ticks in, messages and effects out.
public struct Client: Sendable {
  let index: Int
  let job: OrderedJob
  private let digest: Digest
  private let key: SigningKey
  private let timing: OrderedTiming
  private let settings: MixtureSettings
  private let seed: UInt64
  /// Its rows, in its own units.
  public let view: LocalView
  public private(set) var weights = MixtureWeights(patterns: 0)
  /// Nₖˢ under the dictionary of the last outcome; empty where it has not computed them.
  private var counts: [Double] = []
  /// The last outcome; `nil` before the first.
  private var last: Outcome?
  private var dictionary: PatternDictionary?
  private var transaction: StatisticsTransaction?
  private var saidLast = -Double.infinity
  private var heardLast = 0.0
  private var turn = 0
  /// Why it can not go on.
  public private(set) var failure: String?
  private var effects: [OrderedEffect] = []

  /// - Parameters:
  ///   - firstBlock: of the job's chain.
  ///   - settings: how it starts.
  ///   - seed: draws first centres of clusters.
  ///   - memory: what it was last asked to remember; `nil` for one that never ran.
  /// - Throws: ``OrderedBlockError`` or `LedgerCodingError`.
  public init(
    _ index: Int, key: SigningKey, firstBlock: Block, view: LocalView, settings: MixtureSettings,
    seed: UInt64, memory: [UInt8]?, timing: OrderedTiming = OrderedTiming()
  ) throws {
    job = try OrderedJob(firstBlock: firstBlock)
    precondition(
      view.featureCount == job.variables,
      "rows of \(view.featureCount) numbers for a job of \(job.variables) variables")
    digest = firstBlock.hash
    self.index = index
    self.key = key
    self.view = view
    self.settings = settings
    self.seed = seed
    self.timing = timing
    guard let memory else { return }
    var reader = LedgerReader(memory)
    last = try Outcome(&reader)
    let values = try reader.numbers()
    weights = MixtureWeights(values, kept: try reader.numbers())
    counts = try reader.numbers()
    try reader.finish()
  }

  /// The patterns and this client's weights of them, when the job has converged.
  public var result: (patterns: [GaussianPattern], weights: [Double])? {
    guard last?.conclusion == .converged, let dictionary else { return nil }
    return (dictionary.patterns, weights.values)
  }

  /// Whether the job is concluded as far as it knows.
  public var isFinished: Bool { last.map { $0.conclusion != .goesOn } ?? false }

  public mutating func takeEffects() -> [OrderedEffect] {
    defer { effects = [] }
    return effects
  }

  // MARK: The dictionary

  public mutating func receive(_ message: OrderedMessage, from node: OrderedNode, now: Double) {
    guard case .update(let update) = message else { return }
    let known = last?.height ?? 0
    // Once more the last outcome is news for one that started again.
    guard
      update.latest.outcome.height > known
        || (dictionary == nil && update.latest.outcome.height == known)
    else { return }
    let outcomes = update.before + [update.latest.outcome]
    for (one, next) in zip(outcomes, outcomes.dropFirst()) {
      guard next.previous == one.digest, next.height == one.height + 1 else { return }
    }
    guard update.latest.isValid(job, digest: digest),
      OrderedLearning.digest(ofDictionary: update.numbers) == update.latest.outcome.dictionary
    else { return }
    heardLast = now
    if let last, let first = outcomes.first, first.height > last.height + 1 {
      // Its weights have to be taken along the steps between.
      effects.append(.send(.request(last.height + 1), to: node))
      return
    }
    do {
      // A job that failed in its first round has no dictionary.
      if !update.numbers.isEmpty {
        try follow(outcomes, MixtureLearning(numbers: update.numbers).dictionary)
      }
      last = update.latest.outcome
      if !isFinished { try report(now) }
      if last?.conclusion == .failed { failure = update.latest.outcome.reason }
      remember()
    } catch {
      failure = "\(error)"
      effects.append(.note("client \(index) can not go on: \(error)"))
    }
  }

  /// Takes its weights along the steps that it has not seen.
  private mutating func follow(_ outcomes: [Outcome], _ dictionary: PatternDictionary) {
    for outcome in outcomes where outcome.height == (last?.height ?? 0) + 1 {
      // The first dictionary is of groups of rows, which say nothing of weights.
      if outcome.height > 1 {
        weights.follow(outcome.step, counts: counts.isEmpty ? weights.values : counts)
      } else {
        weights = MixtureWeights(patterns: outcome.patterns)
      }
      counts = []
      last = outcome
    }
    self.dictionary = dictionary
    if weights.values.count != dictionary.count {
      weights = MixtureWeights(patterns: dictionary.count)
    }
  }

  /// c_update under the present dictionary.
  private func statistics(_ dictionary: PatternDictionary) throws -> PatternStatistics {
    var evaluator = try PatternEvaluator(dictionary.patterns)
    var accumulator = PatternAccumulator(patterns: dictionary.count, variables: job.variables)
    try view.forEachPiece(of: 1024) { rows, windows in
      evaluator.forEachBlock(
        of: windows.span, count: rows.count, logWeights: weights.logarithms
      ) { accumulator.add($0) }
    }
    return accumulator.finish()
  }

  private mutating func report(_ now: Double) throws {
    let statistics: PatternStatistics
    if let dictionary {
      statistics = try self.statistics(dictionary)
      counts = statistics.counts
    } else {
      statistics = try StartStatistics.of(
        view, index: index, of: job.clients.count, settings, seed: seed)
    }
    transaction = StatisticsTransaction(
      job: digest, client: index, round: (last?.height ?? 0) + 1,
      time: UInt64(max(0, now) * 1000), basis: last?.digest ?? digest,
      weights: dictionary == nil ? [] : weights.values, statistics: statistics, key: key)
    send(now)
  }

  private mutating func send(_ now: Double) {
    guard var transaction else { return }
    saidLast = now
    let stamp = UInt64(max(0, now) * 1000)
    if stamp > transaction.time && stamp - transaction.time > job.timeWindow / 4 {
      // Orderers that have waited long no longer take the old time.
      transaction.stamp(stamp, key: key)
      self.transaction = transaction
    }
    for orderer in 0..<job.orderers.count {
      effects.append(.send(.transaction(transaction), to: OrderedNode(.orderer, orderer)))
    }
  }

  private mutating func remember() {
    guard let last else { return }
    var writer = LedgerWriter()
    last.write(to: &writer)
    writer.numbers(weights.values)
    writer.numbers(weights.kept)
    writer.numbers(counts)
    effects.append(.remember(writer.bytes))
  }

  // MARK: Time

  public mutating func tick(now: Double) {
    guard failure == nil, result == nil else { return }
    if transaction == nil && last == nil {
      do {
        heardLast = now
        try report(now)
        // The others may be under way.
        effects.append(
          .send(.request(1), to: OrderedNode(.endorser, index % job.endorsers.count)))
      } catch {
        failure = "\(error)"
        effects.append(.note("client \(index) can not start: \(error)"))
        return
      }
    }
    if now - saidLast > timing.repetition && !isFinished { send(now) }
    if now - heardLast > timing.patience {
      heardLast = now
      turn += 1
      let endorser = (index + turn) % job.endorsers.count
      let wanted = dictionary == nil ? max(1, last?.height ?? 0) : (last?.height ?? 0) + 1
      effects.append(.send(.request(wanted), to: OrderedNode(.endorser, endorser)))
    }
  }
}
