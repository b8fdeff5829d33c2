import LinearAlgebra

/// The learning of a dictionary as a state machine over pooled statistics, the same for all
/// participants: expectation and maximisation until nothing is gained any more, and then, one pair
/// of patterns after the other, the trial whether a dictionary with one pattern less is better.
///
/// Better means a higher objective: the log likelihood of all rows, the prior, and the penalty for
/// every pattern. Between two trials it never falls; a trial that ends lower is taken back.
public struct MixtureLearning: Sendable {
  /// What the participants do with their weights πₖ.
  public enum Step: Sendable, Equatable {
    /// Take the weights of the last responsibilities along to the patterns' successors.
    case advance(PatternDictionary.Succession)
    /// As ``advance(_:)``, but keep a copy of the weights of the last responsibilities.
    case attempt(PatternDictionary.Succession)
    /// Go back to the kept copy, and take those along.
    case retry(PatternDictionary.Succession)
    /// Go back to the kept copy; the dictionary is final.
    case settle
  }

  public private(set) var dictionary: PatternDictionary
  /// What the next objective of this climb is compared with; -∞ at its beginning.
  private var objective = -Double.infinity
  /// Statistics taken so far.
  public private(set) var rounds = 0
  /// A smaller gain, as a share of the objective, ends a climb.
  public var tolerance: Double
  /// Rounds of one climb, at most.
  public var roundLimit: Int
  /// Pairs that are tried in vain before the dictionary is final.
  public var trialLimit = 12
  public private(set) var isFinished = false
  /// Whether the present dictionary is on trial.
  public private(set) var isTrial = false
  /// The objective that the last statistics showed.
  public private(set) var reached = -Double.infinity

  /// The statistics under the best dictionary so far, when a climb has come to its end.
  public var settledStatistics: PatternStatistics? { settled?.statistics }

  /// The present dictionary, or while another is on trial the one to which a failed trial returns.
  public var untriedDictionary: PatternDictionary {
    if isTrial, let settled { return settled.dictionary }
    return dictionary
  }

  private var climb = 0
  private var settled: Settled?

  /// The best dictionary so far, and what it takes to try another pair from it.
  private struct Settled: Sendable {
    var dictionary: PatternDictionary
    var statistics: PatternStatistics
    var objective: Double
    var pairs: [(i: Int, j: Int, cost: Double)]
    var tried = 0
  }

  /// - Parameter dictionary: to start from, with patterns.
  public init(_ dictionary: PatternDictionary, tolerance: Double = 1e-6, roundLimit: Int = 200) {
    self.dictionary = dictionary
    self.tolerance = tolerance
    self.roundLimit = roundLimit
  }

  /// Takes the statistics under the present dictionary, over all participants.
  ///
  /// - Throws: ``MixtureError`` or ``GraphicalLassoError``.
  public mutating func take(_ statistics: PatternStatistics) throws -> Step {
    reached = statistics.logLikelihood + dictionary.logPrior
    let gain = reached - objective
    objective = reached
    rounds += 1
    climb += 1
    let scale = max(1, reached.magnitude)
    var isOver = climb >= roundLimit || (climb > 1 && gain < tolerance * scale)
    if isTrial, let settled, climb > 2 {
      // A climb whose steps get no longer will not come that far.
      isOver = isOver || reached + 10 * gain < settled.objective
    }
    guard isOver else { return .advance(try dictionary.update(with: statistics, joins: false)) }
    if isTrial, let best = settled, reached <= best.objective { return try attemptNext(best) }
    let pairs = dictionary.count > 1 ? dictionary.pairs(statistics) : []
    let best = Settled(
      dictionary: dictionary, statistics: statistics, objective: reached, pairs: pairs)
    settled = best
    isTrial = false
    return try attempt(best, from: 0).map { .attempt($0) } ?? finish(statistics)
  }

  /// The climb came to its end at the best dictionary, and there is nothing left to try.
  private mutating func finish(_ statistics: PatternStatistics) throws -> Step {
    isFinished = true
    return .advance(try dictionary.update(with: statistics, joins: false))
  }

  private mutating func attemptNext(_ best: Settled) throws -> Step {
    if let succession = try attempt(best, from: best.tried) { return .retry(succession) }
    dictionary = best.dictionary
    reached = best.objective
    isTrial = false
    isFinished = true
    return .settle
  }

  private mutating func attempt(
    _ best: Settled, from first: Int
  ) throws -> PatternDictionary.Succession? {
    guard first < min(trialLimit, best.pairs.count) else { return nil }
    let pair = best.pairs[first]
    var trial = best.dictionary
    let succession = try trial.update(with: best.statistics, joining: pair.i, to: pair.j)
    dictionary = trial
    objective = -.infinity
    climb = 0
    isTrial = true
    settled?.tried = first + 1
    return succession
  }

  // MARK: Numbers

  func write(to numbers: inout [Double]) {
    numbers += [
      objective, Double(rounds), tolerance, Double(roundLimit), Double(trialLimit),
      isFinished ? 1 : 0, isTrial ? 1 : 0, reached, Double(climb), settled == nil ? 0 : 1,
    ]
    dictionary.write(to: &numbers)
    guard let settled else { return }
    numbers += [settled.objective, Double(settled.tried), settled.statistics.logLikelihood]
    settled.dictionary.write(to: &numbers)
    let flattened = settled.statistics.flattened
    numbers.append(Double(flattened.count))
    numbers += flattened
  }

  init(from reader: inout NumberReader) throws(NumbersError) {
    let counted = 0...1_000_000_000
    objective = try reader.number()
    rounds = try reader.whole(counted)
    tolerance = try reader.number()
    roundLimit = try reader.whole(counted)
    trialLimit = try reader.whole(counted)
    isFinished = try reader.flag()
    isTrial = try reader.flag()
    reached = try reader.number()
    climb = try reader.whole(counted)
    let hasSettled = try reader.flag()
    dictionary = try PatternDictionary(from: &reader)
    guard hasSettled else { return }
    let (objective, tried) = (try reader.number(), try reader.whole(counted))
    let logLikelihood = try reader.number()
    let best = try PatternDictionary(from: &reader)
    let variables = best.prior.mean.count
    let flattened = try reader.numbers(try reader.whole(counted))
    guard
      flattened.count == best.count * PatternStatistics.width(variables: variables),
      !flattened.isEmpty
    else { throw NumbersError("statistics of other patterns") }
    var statistics = PatternStatistics(flattened: flattened, variables: variables)
    statistics.logLikelihood = logLikelihood
    settled = Settled(
      dictionary: best, statistics: statistics, objective: objective,
      pairs: best.count > 1 ? best.pairs(statistics) : [], tried: tried)
  }
}
