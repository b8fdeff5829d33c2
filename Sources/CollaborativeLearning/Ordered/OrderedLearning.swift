import Cryptography
import GraphicalModels
import Ledger

/// e_update (CollabDict 2018, Sec. IV-C): what an endorser makes of the statistics in a chain's
/// blocks, one after the other. The same blocks give the same bits: sums are formed in the order of
/// the clients, in IEEE double precision.
///
/// Eqs. (20) to (22) are those of `PatternDictionary`, with Eq. (22) in its exact form (2024,
/// Eqs. 15 and 16).
///
/// How silent clients count is said in ``ClientHolding``. While a dictionary is on trial, holdings
/// under the one before are kept: when the trial fails, it is they that count again.
///
/// A client that reports for the first time changes what the objective is of. Learning then compares
/// anew from there; if a dictionary is on trial, the trial is broken off, and the client is taken in
/// one round later, under the dictionary before; what it reported for the trial counts nowhere. ρ and
/// the penalty for a pattern follow the rows.
///
/// Objectives are compared as they come: where a client falls silent or returns between two of them,
/// its bound stands beside its log likelihood. A client that falls silent during a trial so speaks
/// for the dictionary before.
struct OrderedLearning: Sendable {
  let job: OrderedJob
  /// `nil` before the first round.
  private(set) var learning: MixtureLearning?
  /// By client.
  private(set) var holdings: [ClientHolding?]
  /// Those under the dictionary before a trial.
  private(set) var kept: [ClientHolding?] = []
  private(set) var step = MixtureLearning.Step.advance([])

  init(_ job: OrderedJob) {
    self.job = job
    holdings = job.clients.map { _ in nil }
  }

  /// Takes a round's statistics.
  ///
  /// - Parameter entries: of a block that was checked.
  /// - Returns: the block's outcome. If the learning fails, the state stays as it was.
  mutating func take(
    _ entries: [RoundPayload.Entry], of block: Block, previous: Digest
  ) -> Outcome {
    var next = self
    var reason = ""
    do {
      try next.update(entries, height: block.height)
      self = next
    } catch {
      reason = "\(error)"
      step = .advance((0..<(learning?.dictionary.count ?? 0)).map { $0 })
    }
    let conclusion: Outcome.Conclusion =
      !reason.isEmpty ? .failed : learning?.isFinished == true ? .converged : .goesOn
    return Outcome(
      height: block.height, block: block.hash, previous: previous, dictionary: dictionaryDigest,
      holdings: holdingsDigest, patterns: max(1, learning?.dictionary.count ?? 0), step: step,
      conclusion: conclusion, reason: reason)
  }

  private mutating func update(_ entries: [RoundPayload.Entry], height: UInt64) throws {
    guard var learning else { return try begin(entries, height: height) }
    let newcomers = entries.indices.filter { client in
      if case .reported = entries[client] { holdings[client] == nil } else { false }
    }
    if !newcomers.isEmpty && learning.isTrial {
      holdings = kept
      kept = []
      self.learning = restarted(learning.untriedDictionary)
      step = .settle
      return
    }
    let densities = try ExpectedDensity.all(learning.dictionary.patterns)
    var pooled = PatternStatistics(
      patterns: learning.dictionary.count, variables: job.variables)
    for (client, entry) in entries.enumerated() {
      switch entry {
      case .reported(let transaction):
        pooled.add(transaction.statistics)
        holdings[client] = ClientHolding(
          height: height, transaction.statistics, weights: transaction.weights, under: densities)
      case .recycled, .absent:
        guard let holding = holdings[client] else { continue }
        var statistics = holding.statistics
        statistics.logLikelihood = holding.bound(under: densities)
        pooled.add(statistics)
      }
    }
    if !newcomers.isEmpty { learning = restarted(learning.dictionary) }
    step = try learning.take(pooled)
    self.learning = learning
    try follow()
  }

  /// The first round: statistics of groups of rows become the first dictionary.
  private mutating func begin(_ entries: [RoundPayload.Entry], height: UInt64) throws {
    var pooled = PatternStatistics(patterns: job.startPatterns, variables: job.variables)
    for (client, entry) in entries.enumerated() {
      guard case .reported(let transaction) = entry else { continue }
      pooled.add(transaction.statistics)
      holdings[client] = ClientHolding(
        height: height, transaction.statistics, weights: [], under: [])
    }
    var dictionary = job.dictionary(rows: pooled.counts.reduce(0, +))
    step = .advance(try dictionary.update(with: pooled))
    learning = learning(from: dictionary)
    try follow()
  }

  private func learning(from dictionary: PatternDictionary) -> MixtureLearning {
    var learning = MixtureLearning(
      dictionary, tolerance: job.tolerance, roundLimit: job.roundLimit)
    learning.trialLimit = job.trialLimit
    return learning
  }

  /// Goes on from a dictionary without looking back, for as many rows as there are now.
  private func restarted(_ dictionary: PatternDictionary) -> MixtureLearning {
    let rows = holdings.reduce(0.0) { sum, holding in
      sum + (holding?.statistics.counts.reduce(0, +) ?? 0)
    }
    let fresh = job.dictionary(rows: rows)
    var dictionary = dictionary
    dictionary.prior = fresh.prior
    dictionary.cardinalityPenalty = fresh.cardinalityPenalty
    return learning(from: dictionary)
  }

  /// Takes what is held of the clients along with the patterns, as clients do with their weights.
  private mutating func follow() throws {
    guard let learning else { return }
    let densities = try ExpectedDensity.all(learning.dictionary.patterns)
    let succession: PatternDictionary.Succession
    switch step {
    case .advance(let next): succession = next
    case .attempt(let next):
      kept = holdings
      succession = next
    case .retry(let next):
      holdings = kept
      succession = next
    case .settle:
      holdings = kept
      return
    }
    for client in holdings.indices { holdings[client]?.carry(succession, to: densities) }
  }

  // MARK: Digests

  var dictionaryDigest: Digest { Self.digest(ofDictionary: learning?.numbers ?? []) }

  /// SHA-256 of the numbers of a learning.
  static func digest(ofDictionary numbers: [Double]) -> Digest {
    var writer = LedgerWriter()
    writer.text("collabdict dictionary 1")
    writer.numbers(numbers)
    return SHA256.hash(writer.bytes)
  }

  private var holdingsDigest: Digest {
    var writer = LedgerWriter()
    writer.text("collabdict holdings 1")
    for group in [holdings, kept] {
      writer.word(UInt32(group.count))
      for holding in group {
        writer.flag(holding != nil)
        guard let holding else { continue }
        writer.long(holding.height)
        writer.number(holding.slack)
        writer.statistics(holding.statistics)
      }
    }
    return SHA256.hash(writer.bytes)
  }
}
