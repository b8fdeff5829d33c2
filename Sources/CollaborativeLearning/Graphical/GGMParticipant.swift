import AnomalyDetection
import Consensus
import Cryptography
import Datasets
import GraphicalModels
import LinearAlgebra
import Randomness

/// A participant that learns a mixture of sparse Gaussian graphical models with others: all share
/// the patterns (μₖ, Λₖ), each keeps its weights πˢ and its responsibilities (CollabDict 2024,
/// Sec. 4.4; 2018, Sec. IV).
///
/// What leaves a participant is, pattern by pattern, the expected number of its rows, their sum and
/// their scatter (Eq. 13), and its log likelihood, all of it within sums over the contributors.
///
/// First the patterns are looked for on part of the rows; the others then choose ρ; then all rows
/// are learned from; at last every fifth of the rows is scored by patterns that have not seen it,
/// for thresholds.
public struct GGMParticipant: CollaborativeParticipant {
  enum Stage: Int, Sendable, CaseIterable {
    case counts, start, rounds, penalties, finalRounds, folds, finished, online

    var label: String {
      switch self {
      case .counts: "counting rows"
      case .start: "grouping rows"
      case .rounds: "looking for patterns"
      case .penalties: "choosing the penalty"
      case .finalRounds: "learning from all rows"
      case .folds: "thresholds"
      case .finished: "finished"
      case .online: "looking for patterns in batches"
      }
    }
  }

  struct Totals: Sendable, Equatable {
    var all = 0
    var training = 0
    var heldOut = 0
    var folds: [Int] = []
  }

  static let foldCount = 5

  let configuration: TrainingConfiguration
  let index: Int
  let participants: Int
  public let data: LocalData

  var stage = Stage.counts { didSet { report.stage = stage.label } }
  var fold = 0
  var totals = Totals()
  public internal(set) var report = TrainingReport()
  /// The rows of the present stage.
  var view: LocalView
  /// The dictionary on its way; `nil` before the start.
  var learning: MixtureLearning?
  var weights = MixtureWeights(patterns: 0)
  /// The running mean over batches, in the stage that has such.
  var online: OnlineStatistics?
  /// ρ, as a share of the rows.
  var penalty = MixtureSettings.firstPenalty
  /// Nₖˢ of the last local update.
  var counts: [Double] = []
  /// Scores of normal rows by models that did not see them.
  var calibration: [Double] = []
  /// Nothing has to be kept for that: see ``withdraw()``.
  public var canWithdraw = false
  /// How many rows stood behind what was told in the last round; `nil` where nothing watches.
  public internal(set) var diversity: DiversityReport?
  /// The same over all rounds.
  var watched = WatchedDiversity()
  /// Of the noise on rows where too few stand behind a pattern.
  var noiseKey = SymmetricKey.random()

  public init(
    _ data: LocalData, index: Int, of participants: Int, configuration: TrainingConfiguration
  ) throws {
    precondition(index >= 0 && index < participants, "participant \(index) of \(participants)")
    self.data = data
    self.index = index
    self.participants = participants
    self.configuration = configuration
    view = try LocalView(data.source, parts: data.blocks.training, configuration)
  }

  public var isFinished: Bool { stage == .finished }

  var settings: MixtureSettings { configuration.mixture }

  /// D, the numbers of a window.
  var features: Int { view.featureCount }

  // MARK: Local update

  public mutating func localUpdate() throws -> [UInt32] {
    switch stage {
    case .counts:
      return try FieldVector.encode(wide: data.rowCounts(folds: Self.foldCount))
    case .start: return try encode(try startStatistics())
    case .rounds, .finalRounds:
      let statistics = try expectation()
      counts = statistics.counts
      return try encode(statistics)
    case .online:
      let statistics = try expectation(of: batchRows)
      counts = statistics.counts
      return try encode(statistics)
    case .folds:
      let statistics = try expectation()
      return try encode(statistics)
    case .penalties:
      return try FieldVector.encode(
        wide: try heldOutLikelihoods().map { try likelihoodPoint.encode($0) })
    case .finished: return []
    }
  }

  /// Rows that the sums of this stage are over.
  private var stageRows: Int {
    switch stage {
    case .counts, .start, .online, .rounds: totals.training
    case .penalties: totals.heldOut
    case .folds: totals.folds[fold]
    case .finalRounds, .finished: totals.all
    }
  }

  /// Steps so fine that the sum of squares of as many rows still fits.
  var momentPoint: FixedPoint {
    let bound = Double(configuration.bound)
    return Self.point(for: Double(max(1, stageRows)) * max(1, bound * bound))
  }

  /// The same for log likelihoods.
  var likelihoodPoint: FixedPoint {
    let bound = Double(configuration.bound)
    return Self.point(for: Double(max(1, stageRows)) * Double(features) * 64 * max(1, bound))
  }

  private static func point(for magnitude: Double) -> FixedPoint {
    var bits = 52
    while bits > 1 && Double(1 << (53 - bits)) <= magnitude { bits -= 1 }
    return FixedPoint(fractionalBits: bits)
  }

  private func encode(_ statistics: PatternStatistics) throws -> [UInt32] {
    let (moments, likelihood) = (momentPoint, likelihoodPoint)
    var wide: [Int64] = []
    for number in statistics.flattened { wide.append(try moments.encode(number)) }
    wide.append(try likelihood.encode(statistics.logLikelihood))
    return try FieldVector.encode(wide: wide)
  }

  private func decode(_ sum: [UInt32], _ contributors: Int) throws -> PatternStatistics {
    let wide = try FieldVector.decodeWide(sum, narrow: 0, participants: contributors)
    let width = PatternStatistics.width(variables: features)
    guard wide.count > 1, (wide.count - 1) % width == 0 else {
      throw ExactSumError.notASum(participants: contributors)
    }
    let (moments, likelihood) = (momentPoint, likelihoodPoint)
    var statistics = PatternStatistics(
      flattened: wide.dropLast().map { moments.decode($0) }, variables: features)
    statistics.logLikelihood = likelihood.decode(wide[wide.count - 1])
    return statistics
  }

  /// The responsibilities of this stage's rows under the present dictionary, summed up: Eqs. (12)
  /// and (13).
  ///
  /// - Parameter chosen: some of the stage's rows; `nil` for all.
  private mutating func expectation(
    of chosen: [Range<Int>]? = nil
  ) throws -> PatternStatistics {
    guard let dictionary = learning?.dictionary else {
      preconditionFailure("an expectation before there are patterns")
    }
    var evaluator = try PatternEvaluator(dictionary.patterns)
    var accumulator = PatternAccumulator(patterns: dictionary.count, variables: features)
    var watch = settings.leastDiversity.map { _ in EntropyDiversity(patterns: dictionary.count) }
    try forEachClippedPiece(in: chosen) { rows, windows in
      evaluator.forEachBlock(
        of: windows.span, count: rows.count, logWeights: weights.logarithms
      ) {
        accumulator.add($0)
        watch?.add($0)
      }
    }
    var statistics = accumulator.finish()
    if let watch {
      let report = try protect(&statistics, watch.figures, dictionary, of: chosen)
      watched.leastEffectiveRows = min(
        watched.leastEffectiveRows, report.leastEffectiveRows ?? .infinity)
      if !report.noised.isEmpty { watched.noisedRounds += 1 }
      diversity = report
    }
    return statistics
  }

  // MARK: The sum

  public mutating func optimise(_ sum: [UInt32], contributors: Int) throws {
    switch stage {
    case .counts:
      let counts = try FieldVector.decodeWide(sum, narrow: 0, participants: contributors)
      guard counts.count == 3 + Self.foldCount else {
        throw ExactSumError.notASum(participants: contributors)
      }
      totals = Totals(
        all: Int(counts[0]), training: Int(counts[1]), heldOut: Int(counts[2]),
        folds: counts[3...].map { Int($0) })
      stage = .start
    case .start: try begin(with: decode(sum, contributors))
    case .rounds, .finalRounds: try climb(with: decode(sum, contributors))
    case .online: try step(with: decode(sum, contributors))
    case .penalties:
      let wide = try FieldVector.decodeWide(sum, narrow: 0, participants: contributors)
      guard wide.count == MixtureSettings.penalties.count else {
        throw ExactSumError.notASum(participants: contributors)
      }
      // Of equals the largest: it leaves fewer edges.
      let best = wide.indices.max { wide[$0] <= wide[$1] } ?? 0
      penalty = MixtureSettings.penalties[best]
      try beginFinal()
    case .folds: try calibrate(with: decode(sum, contributors))
    case .finished: break
    }
  }

  private func prior(rows: Int) -> PatternPrior {
    PatternPrior(
      mean: [Double](repeating: 0, count: features), strength: settings.priorStrength,
      penalty: penalty * Double(max(1, rows)))
  }

  private func cardinalityPenalty(rows: Int) -> Double {
    settings.cardinalityPenalty
      ?? 1.5 * Double(features) * Double(max(2, rows)).logarithm
  }

  private mutating func begin(with statistics: PatternStatistics) throws {
    penalty = settings.penalty ?? MixtureSettings.firstPenalty
    var dictionary = PatternDictionary(
      prior: prior(rows: totals.training),
      cardinalityPenalty: cardinalityPenalty(rows: totals.training),
      fewestRows: settings.fewestRows)
    try dictionary.update(with: statistics)
    weights = MixtureWeights(patterns: dictionary.count)
    learning = MixtureLearning(dictionary, roundLimit: max(2, configuration.rounds))
    report.rounds = configuration.rounds
    stage = settings.onlinePasses > 0 ? .online : .rounds
  }

  private mutating func climb(with statistics: PatternStatistics) throws {
    guard var learning else { return }
    let step = try learning.take(statistics)
    weights.follow(step, counts: counts)
    self.learning = learning
    report.round += 1
    report.loss = -learning.reached / Double(max(1, stageRows))
    guard learning.isFinished else { return }
    if stage == .finalRounds {
      fold = 0
      stage = .folds
      view = try LocalView(
        data.source, parts: data.foldRows(0, of: Self.foldCount).others, configuration)
    } else if settings.penalty == nil && totals.heldOut > 0 {
      stage = .penalties
    } else {
      try beginFinal()
    }
  }

  /// From all rows, with the patterns found so far and the chosen penalty.
  mutating func beginFinal() throws {
    guard var dictionary = learning?.dictionary else { return }
    dictionary.prior = prior(rows: totals.all)
    dictionary.cardinalityPenalty = cardinalityPenalty(rows: totals.all)
    learning = MixtureLearning(dictionary, roundLimit: max(2, configuration.rounds))
    view = try LocalView(data.source, parts: data.allRows, configuration)
    report.round = 0
    stage = .finalRounds
  }

  // MARK: The penalty

  /// The log likelihood of this participant's held-out rows with the patterns that each penalty
  /// gives to the last statistics.
  private func heldOutLikelihoods() throws -> [Double] {
    guard let learning, let statistics = learning.settledStatistics else { return [] }
    var dictionary = learning.dictionary
    var likelihoods: [Double] = []
    // The largest first, each from the patterns of the last.
    for share in MixtureSettings.penalties.reversed() {
      dictionary.prior.penalty = share * Double(max(1, totals.training))
      dictionary.fewestRows = 0
      try dictionary.update(with: statistics, joins: false)
      var evaluator = try PatternEvaluator(dictionary.patterns)
      var total = 0.0
      try view.forEachPiece(of: 1024, in: data.blocks.validation) { rows, windows in
        evaluator.forEachBlock(
          of: windows.span, count: rows.count, logWeights: weights.logarithms
        ) { block in
          for r in 0..<block.rows.count { total += block.logSums[r] }
        }
      }
      likelihoods.append(total)
    }
    return likelihoods.reversed()
  }

  // MARK: Thresholds

  /// Scores the fold that the statistics leave out.
  private mutating func calibrate(with statistics: PatternStatistics) throws {
    guard var dictionary = learning?.dictionary else { return }
    dictionary.prior = prior(rows: totals.folds[fold])
    dictionary.fewestRows = 0
    try dictionary.update(with: statistics, joins: false)
    var scorer = try scorer(
      dictionary.patterns, smoothing: configuration.scoring.smoothing)
    let held = data.foldRows(fold, of: Self.foldCount).held
    calibration += try scorer.scores(of: SelectedRows(data.source, parts: [held]))
    try endFold()
  }

  /// To the next fifth of the rows, or to the end.
  mutating func endFold() throws {
    fold += 1
    if fold < Self.foldCount {
      view = try LocalView(
        data.source, parts: data.foldRows(fold, of: Self.foldCount).others, configuration)
    } else {
      calibration.sort()
      view = try LocalView(data.source, parts: data.allRows, configuration)
      stage = .finished
    }
  }
}
