import LinearAlgebra

/// The patterns that all participants share, with what it takes to improve them: the `optimize`
/// module of CollabDict for Gaussian graphical models (2024, Sec. 4.4; 2018, Sec. IV).
///
/// Everybody computes it from the same sums, and so comes to the same dictionary.
public struct PatternDictionary: Sendable {
  /// One pattern, with what its next update starts from.
  public struct Entry: Sendable {
    public var pattern: GaussianPattern
    /// N̄ₖ of the statistics that it came from.
    public var rows: Double
    /// Its share of the lower bound: the rows' expected ln N(x | μ, Λ⁻¹), and ln p(μ, Λ).
    var worth: Double
    /// ln p(μ, Λ).
    public var logPrior: Double
  }

  public private(set) var entries: [Entry] = []
  public var prior: PatternPrior
  /// What a further pattern has to be worth, in nats: a penalty on the cardinality of the
  /// dictionary.
  public var cardinalityPenalty: Double
  /// δ: a pattern of fewer rows is discarded.
  public var fewestRows: Double
  /// The relative duality gap up to which precision matrices are found.
  public var tolerance = 1e-6
  /// The most iterations for one of them; then the best so far is taken.
  public var iterationLimit = 30

  public init(prior: PatternPrior, cardinalityPenalty: Double, fewestRows: Double) {
    self.prior = prior
    self.cardinalityPenalty = cardinalityPenalty
    self.fewestRows = fewestRows
  }

  /// A dictionary that is known already.
  public init(
    patterns: [GaussianPattern], rows: [Double], prior: PatternPrior, cardinalityPenalty: Double,
    fewestRows: Double
  ) {
    self.init(prior: prior, cardinalityPenalty: cardinalityPenalty, fewestRows: fewestRows)
    entries = zip(patterns, rows).map {
      Entry(pattern: $0, rows: $1, worth: 0, logPrior: 0)
    }
  }

  mutating func add(_ entry: Entry) { entries.append(entry) }

  public var patterns: [GaussianPattern] { entries.map(\.pattern) }
  /// K.
  public var count: Int { entries.count }

  /// Σₖ ln p(μₖ, Λₖ), and the penalty on the number of patterns: what is added to the likelihood of
  /// all rows to give the objective of the whole.
  public var logPrior: Double {
    entries.reduce(0) { $0 + $1.logPrior } - cardinalityPenalty * Double(count)
  }

  /// What became of each pattern in an update: the number of the one into which it went, or `nil`
  /// where it was discarded.
  public typealias Succession = [Int?]

  /// Takes the pooled statistics: discards what has too few rows, forms every pattern anew
  /// (Eqs. 15 and 16), and joins patterns whose difference is not worth its penalty.
  ///
  /// Joining two patterns costs the likelihood of all rows at most the difference of their worths,
  /// whatever the participants' weights are (Jensen's inequality for each participant), so that
  /// likelihood and prior together never fall.
  ///
  /// - Parameters:
  ///   - statistics: over all participants; K as in this dictionary, or any for a new one.
  ///   - joins: whether patterns may be joined.
  /// - Throws: ``MixtureError`` or ``GraphicalLassoError``.
  @discardableResult
  public mutating func update(
    with statistics: PatternStatistics, joins: Bool = true
  ) throws -> Succession {
    let before = entries
    var succession: Succession = []
    var moments: [PatternMoments] = []
    var fresh: [Entry] = []
    for k in 0..<statistics.patterns {
      let own = PatternMoments(statistics, k)
      guard own.count.isFinite, own.sum.allSatisfy(\.isFinite),
        own.scatter.elements.allSatisfy(\.isFinite)
      else { throw MixtureError.notFinite(pattern: k) }
      guard own.count >= fewestRows, own.count > 0 || before.count == statistics.patterns else {
        succession.append(nil)
        continue
      }
      if own.count <= 0, before.count == statistics.patterns {
        // Nobody's rows: the pattern stays as it is.
        succession.append(fresh.count)
        fresh.append(before[k])
        moments.append(own)
        continue
      }
      succession.append(fresh.count)
      let start = before.count == statistics.patterns ? before[k].pattern.precision : nil
      fresh.append(try entry(own, start: start))
      moments.append(own)
    }
    guard !fresh.isEmpty else { throw MixtureError.noPattern }
    if joins { try join(&fresh, &moments, &succession) }
    entries = fresh
    return succession
  }

  /// The best pattern for some rows.
  private func entry(
    _ moments: PatternMoments, start: SymmetricMatrix?
  ) throws -> Entry {
    let n = moments.count
    let (mean, scatter) = moments.posterior(prior)
    var lasso = GraphicalLasso(penalty: prior.penalty / n, tolerance: tolerance)
    // Nearly singular scatter takes long to solve, and the next round solves it again from here.
    lasso.iterationLimit = iterationLimit
    lasso.acceptsGap = true
    let weight = (n + 1) / n
    let solution =
      try lasso.denseSolution(scatter, logDeterminantWeight: weight, start: start)
      ?? lasso.solve(
        scatter, logDeterminantWeight: weight,
        start: start.map(GraphicalLasso.Solution.init(precision:)))
    let pattern = GaussianPattern(mean: mean, precision: solution.precision)
    let logPrior = prior.logDensity(of: pattern, logDeterminant: solution.logDeterminant)
    // Σₙ rₙ ln N(xₙ | μ, Λ⁻¹), from the rows' scatter about μ.
    var trace = 0.0
    for i in 0..<mean.count {
      for j in 0..<mean.count {
        let about =
          moments.scatter[i, j] - mean[i] * moments.sum[j] - moments.sum[i] * mean[j]
          + n * mean[i] * mean[j]
        trace += solution.precision[i, j] * about
      }
    }
    let constant = solution.logDeterminant - Double(mean.count) * (2 * Double.pi).logarithm
    return Entry(
      pattern: pattern, rows: n, worth: 0.5 * (n * constant - trace) + logPrior,
      logPrior: logPrior)
  }

  // MARK: Joining

  /// Pairs of patterns in the order of what joining them would cost at most, the cheapest first.
  func pairs(_ statistics: PatternStatistics) -> [(i: Int, j: Int, cost: Double)] {
    let moments = (0..<statistics.patterns).map { PatternMoments(statistics, $0) }
    let spreads = moments.map { spread($0) }
    var pairs: [(i: Int, j: Int, cost: Double)] = []
    for i in moments.indices where moments[i].count > 0 {
      for j in 0..<i where moments[j].count > 0 {
        pairs.append((i, j, cost(moments, spreads, i, j)))
      }
    }
    return pairs.sorted { ($0.cost, $0.i, $0.j) < ($1.cost, $1.i, $1.j) }
  }

  /// Forms every pattern anew, with the rows of pattern i given to pattern j.
  mutating func update(
    with statistics: PatternStatistics, joining i: Int, to j: Int
  ) throws -> Succession {
    precondition(j < i && i < statistics.patterns, "pattern \(i) joins pattern \(j)")
    var moments = (0..<statistics.patterns).map { PatternMoments(statistics, $0) }
    moments[j] = moments[i] + moments[j]
    moments.remove(at: i)
    let before = entries.map(\.pattern.precision)
    entries = try moments.enumerated().map { k, own in
      try entry(own, start: before.count == statistics.patterns ? before[k < i ? k : k + 1] : nil)
    }
    return (0..<statistics.patterns).map { $0 == i ? j : $0 > i ? $0 - 1 : $0 }
  }

  /// Joins the nearest two patterns as long as their difference is not worth its penalty.
  private func join(
    _ entries: inout [Entry], _ moments: inout [PatternMoments], _ succession: inout Succession
  ) throws {
    guard cardinalityPenalty > 0 else { return }
    var spreads = entries.indices.map { spread(moments[$0]) }
    var costs: [[Double]] = entries.indices.map { i in
      entries.indices.map { j in j < i ? cost(moments, spreads, i, j) : .infinity }
    }
    while entries.count > 1 {
      // The estimate leaves prior and sparsity aside; the best one is then looked at as it is.
      var best = (i: 1, j: 0)
      for i in entries.indices {
        for j in 0..<i where costs[i][j] < costs[best.i][best.j] { best = (i, j) }
      }
      guard costs[best.i][best.j] < 2 * cardinalityPenalty else { return }
      let together = moments[best.i] + moments[best.j]
      let joined = try entry(together, start: entries[best.j].pattern.precision)
      let loss = entries[best.i].worth + entries[best.j].worth - joined.worth
      guard loss < cardinalityPenalty else {
        costs[best.i][best.j] = .infinity
        continue
      }
      entries[best.j] = joined
      moments[best.j] = together
      spreads[best.j] = spread(together)
      entries.remove(at: best.i)
      moments.remove(at: best.i)
      spreads.remove(at: best.i)
      costs.remove(at: best.i)
      for row in costs.indices { costs[row].remove(at: best.i) }
      for other in entries.indices where other != best.j {
        let (high, low) = (max(other, best.j), min(other, best.j))
        costs[high][low] = cost(moments, spreads, high, low)
      }
      succession = succession.map { place in
        guard let place else { return nil }
        return place == best.i ? best.j : place > best.i ? place - 1 : place
      }
    }
  }

  /// n/2 ln|Σ|, with the penalty's share on the diagonal.
  private func spread(_ moments: PatternMoments) -> Double {
    var (_, scatter) = moments.posterior(prior)
    for i in 0..<scatter.order { scatter[i, i] += prior.penalty / moments.count }
    return 0.5 * moments.count * (scatter.choleskyFactor()?.logDeterminant ?? -.infinity)
  }

  /// What joining costs at most where Gaussians fit their rows exactly (Runnalls 2007).
  private func cost(
    _ moments: [PatternMoments], _ spreads: [Double], _ i: Int, _ j: Int
  ) -> Double {
    let cost = spread(moments[i] + moments[j]) - spreads[i] - spreads[j]
    return cost.isNaN ? .infinity : cost
  }
}
