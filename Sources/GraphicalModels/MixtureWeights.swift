import LinearAlgebra

/// πˢ, a participant's own weights of the patterns, along the steps of ``MixtureLearning``.
public struct MixtureWeights: Sendable, Equatable {
  /// πₖ, `[K]`; they add up to 1.
  public private(set) var values: [Double]
  /// Those to go back to when a trial fails.
  public private(set) var kept: [Double] = []

  /// Equal weights of so many patterns.
  public init(patterns: Int) {
    values = [Double](repeating: 1 / Double(max(1, patterns)), count: patterns)
  }

  public init(_ values: [Double], kept: [Double] = []) {
    self.values = values
    self.kept = kept
  }

  /// ln πₖ, -∞ for a pattern that this participant does not use.
  public var logarithms: [Double] { values.map { $0 > 0 ? $0.logarithm : -.infinity } }

  /// Takes the expected numbers of rows under the last dictionary (Eqs. 10 and 13), and goes with
  /// the patterns to their successors.
  ///
  /// - Parameter counts: Nₖˢ, `[K]`.
  public mutating func follow(_ step: MixtureLearning.Step, counts: [Double]) {
    switch step {
    case .advance(let succession): values = Self.shares(counts, succession)
    case .attempt(let succession):
      kept = counts
      values = Self.shares(counts, succession)
    case .retry(let succession): values = Self.shares(kept, succession)
    case .settle: values = Self.shares(kept, kept.indices.map { $0 })
    }
  }

  /// Moves towards the expected numbers of rows of a batch; one without rows says nothing.
  ///
  /// - Parameters:
  ///   - counts: Nₖˢ of the batch, `[K]`.
  ///   - share: how far, in [0, 1].
  public mutating func average(_ counts: [Double], share: Double) {
    precondition(counts.count == values.count, "\(counts.count) counts of \(values.count)")
    let total = counts.reduce(0, +)
    guard total > 0 else { return }
    for k in values.indices {
      values[k] = (1 - share) * values[k] + share * counts[k] / total
    }
  }

  private static func shares(
    _ counts: [Double], _ succession: PatternDictionary.Succession
  ) -> [Double] {
    let patterns = (succession.compactMap { $0 }.max() ?? -1) + 1
    var shares = [Double](repeating: 0, count: patterns)
    for (count, successor) in zip(counts, succession) {
      if let successor { shares[successor] += count }
    }
    let total = shares.reduce(0, +)
    // All of whose rows were in patterns that are gone starts anew.
    if total <= 0 { return [Double](repeating: 1 / Double(max(1, patterns)), count: patterns) }
    return shares.map { $0 / total }
  }
}

/// A mixture of several participants' rows that one process holds: the reference for what
/// participants learn apart.
public struct PooledMixture: Sendable {
  public private(set) var learning: MixtureLearning
  /// πˢ of each participant.
  public private(set) var weights: [MixtureWeights]
  /// The objective before each update, with the number of patterns that it is of.
  public private(set) var course: [(objective: Double, patterns: Int, isTrial: Bool)] = []

  /// The expected numbers of rows and the statistics of a participant's rows.
  public static func statistics(
    of rows: [Float], variables: Int, _ evaluator: inout PatternEvaluator, _ weights: MixtureWeights
  ) -> PatternStatistics {
    var accumulator = PatternAccumulator(patterns: evaluator.patterns, variables: variables)
    evaluator.forEachBlock(
      of: rows.span, count: rows.count / variables, logWeights: weights.logarithms
    ) { accumulator.add($0) }
    return accumulator.finish()
  }

  /// - Parameters:
  ///   - participants: rows of each, `[count, variables]`.
  ///   - learning: the start.
  ///   - roundLimit: most rounds.
  public init(
    _ participants: [[Float]], variables: Int, _ learning: MixtureLearning,
    roundLimit: Int = .max
  ) throws {
    self.learning = learning
    weights = participants.map { _ in MixtureWeights(patterns: learning.dictionary.count) }
    while !self.learning.isFinished && self.learning.rounds < roundLimit {
      try runRound(participants, variables)
    }
  }

  private mutating func runRound(_ participants: [[Float]], _ variables: Int) throws {
    var evaluator = try PatternEvaluator(learning.dictionary.patterns)
    let patterns = learning.dictionary.count
    var pooled = PatternStatistics(patterns: patterns, variables: variables)
    var counts: [[Double]] = []
    for (rows, own) in zip(participants, weights) {
      let statistics = Self.statistics(of: rows, variables: variables, &evaluator, own)
      counts.append(statistics.counts)
      pooled.add(statistics)
    }
    let isTrial = learning.isTrial
    let step = try learning.take(pooled)
    course.append((learning.reached, patterns, isTrial))
    for s in weights.indices { weights[s].follow(step, counts: counts[s]) }
  }
}
