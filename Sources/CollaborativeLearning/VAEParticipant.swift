import AnomalyDetection
import AutomaticDifferentiation
import Consensus
import Datasets
import LinearAlgebra
import NeuralNetworks
import VariationalInference

/// A participant of CollabDict with the multi-task variational autoencoder: CollabDict 2024,
/// Sec. 5.3.
///
/// A run goes through these stages, in each of which the participants sum something:
///
/// 1. `counts`: how many rows there are.
/// 2. `moments`: second moments of the standardised windows that are learned from. From their sum
///    everyone computes the same start of θ by factor analysis.
/// 3. `rounds`: gradients of θ, and now and then the loss on held-out blocks of time, by which
///    everyone decides alike when to stop and which round was best.
/// 4. `finalMoments` and `finalRounds`: the same once more with all rows and as many rounds as were
///    best, nothing held out: what was held out has done its work, and few rows are dear.
/// 5. `folds`: second moments without one fifth of the rows at a time. The model that results scores
///    the rows that it did not see; thresholds are set from those scores.
///
/// What leaves a participant is what ``localUpdate()`` returns, and a network has to keep even that
/// from everybody's eyes. Rows, φˢ, means and scales never leave.
public struct VAEParticipant: CollaborativeParticipant {
  enum Stage: Int, Sendable {
    case counts, moments, rounds, finalMoments, finalRounds, folds, finished

    /// What people are told.
    var label: String {
      switch self {
      case .counts: "counting rows"
      case .moments, .finalMoments: "closed-form start"
      case .rounds: "training"
      case .finalRounds: "training on all rows"
      case .folds: "thresholds"
      case .finished: "finished"
      }
    }
  }

  /// Trainable values of one moment of the run.
  struct Snapshot: Sendable, Equatable {
    var phi: [Float]
    var theta: [Float]
  }

  /// Encoder and decoder on their tape, with their optimisers.
  struct Networks {
    let structure: ModelStructure
    let tape: GradientTape
    let phi: ParameterGroup
    let theta: ParameterGroup
    var phiOptimiser: Optimiser
    var thetaOptimiser: Optimiser

    var snapshot: Snapshot { Snapshot(phi: tape.values(of: phi), theta: tape.values(of: theta)) }
  }

  let configuration: TrainingConfiguration
  let index: Int
  public let data: LocalData
  /// How real numbers become integers that sum exactly.
  let fixedPoint = FixedPoint()

  var stage = Stage.counts {
    didSet { report.stage = stage.label }
  }
  /// The fold that is being left out.
  var fold = 0
  /// Rows of all participants: all of them, those learned from, those held out, those of each fold.
  var totals = Totals()
  public internal(set) var report = TrainingReport()
  var looksWithoutGain = 0

  /// The rows of the present stage.
  var view: LocalView
  var minibatches: Minibatches?
  /// This participant's moment sums of the present stage.
  var ownMoments: SymmetricMatrix?
  var networks: Networks?
  var candidate: Snapshot?
  /// The round that the candidate is of.
  var candidateRound = 0
  var best: Snapshot?
  /// The start of the final model, and its noise.
  var start: Snapshot?
  var startNoise: [Double] = []
  /// The start of the first rounds.
  var startOfRounds: Snapshot?
  /// By how much training changed the scores of held-out rows, in the median.
  var scoreShift = 0.0
  /// Scores of normal rows by models that did not see them.
  var calibration: [Double] = []
  var contribution: [UInt32] = []
  /// The pooled moments so far: whoever was away starts from them.
  var pooled = PooledMoments()
  /// What the last two local updates changed, if they may have to be undone.
  var forWithdrawal: [BeforeUpdate] = []
  /// Whether local updates may have to be undone: over a network, not within one process.
  public var canWithdraw = false

  /// Triangles of pooled second moments.
  struct PooledMoments: Sendable, Equatable {
    var first: [Double] = []
    var final: [Double] = []
    var folds: [[Double]] = []
  }

  /// The participant's own parameters before a local update.
  struct BeforeUpdate {
    let phi: [Float]
    let optimiser: Optimiser
  }

  struct Totals: Sendable, Equatable {
    var all = 0
    var training = 0
    var heldOut = 0
    var folds: [Int] = []
  }

  /// The number of folds of the rows for thresholds.
  static let foldCount = 5

  /// - Parameters:
  ///   - data: of this participant alone.
  ///   - index: its number among the participants; keys its random numbers.
  public init(_ data: LocalData, index: Int, configuration: TrainingConfiguration) throws {
    self.data = data
    self.index = index
    self.configuration = configuration
    view = try LocalView(
      data.source, parts: configuration.trains ? data.blocks.training : data.allRows,
      configuration)
  }

  public var isFinished: Bool { stage == .finished }

  public mutating func localUpdate() throws -> [UInt32] {
    noteForWithdrawal()
    switch stage {
    case .counts:
      return try FieldVector.encode(wide: data.rowCounts(folds: Self.foldCount))
    case .moments, .finalMoments, .folds:
      let sums = try momentsOfView()
      return try FieldVector.encode(
        wide: LinearFit.contribution(
          sums, rows: view.rowCount, totalRows: pooledRows, fixedPoint))
    case .rounds, .finalRounds:
      return try roundContribution()
    case .finished:
      return []
    }
  }

  /// This participant's own moment sums of the present stage.
  mutating func momentsOfView() throws -> SymmetricMatrix {
    if let ownMoments { return ownMoments }
    let sums = try view.momentSums()
    ownMoments = sums
    return sums
  }

  /// The rows over which the moments of this stage are pooled.
  private var pooledRows: Int {
    switch stage {
    case .moments: totals.training
    case .folds: totals.folds[fold]
    default: totals.all
    }
  }

  public mutating func optimise(_ sum: [UInt32], contributors: Int) throws {
    switch stage {
    case .counts:
      let counts = try FieldVector.decodeWide(sum, narrow: 0, participants: contributors)
      guard counts.count == 3 + Self.foldCount else {
        throw ExactSumError.notASum(participants: contributors)
      }
      try begin(
        with: Totals(
          all: Int(counts[0]), training: Int(counts[1]), heldOut: Int(counts[2]),
          folds: counts[3...].map { Int($0) }))
    case .moments, .finalMoments, .folds:
      try take(
        moments: LinearFit.pooledTriangle(
          FieldVector.decodeWide(sum, narrow: 0, participants: contributors),
          totalRows: pooledRows, fixedPoint))
    case .rounds:
      if try finishRound(sum, contributors) { try beginFinal() }
    case .finalRounds:
      if try finishRound(sum, contributors) { try beginFolds() }
    case .finished:
      break
    }
  }

  /// The rows of all participants are known.
  mutating func begin(with totals: Totals) throws {
    self.totals = totals
    // Nothing to stop by, or nothing to train: straight to the final model.
    stage = configuration.trains && totals.heldOut > 0 ? .moments : .finalMoments
    if stage == .finalMoments { try look(at: data.allRows) }
  }

  /// The pooled moments of the present stage are known.
  mutating func take(moments triangle: [Double]) throws {
    switch stage {
    case .moments:
      pooled.first = triangle
      try begin(withMoments: triangle)
      startOfRounds = networks?.snapshot
      stage = .rounds
    case .finalMoments:
      pooled.final = triangle
      try begin(withMoments: triangle)
      start = networks?.snapshot
      stage = .finalRounds
      if finalRoundCount == 0 { try beginFolds() }
    case .folds:
      pooled.folds.append(triangle)
      // Of a fold that was given up, there are none.
      if !triangle.isEmpty { try calibrate(withMoments: triangle) }
      try endFold()
    default: break
    }
  }

  /// Rounds of the final model: as many as were best on held-out blocks. Series that are too short
  /// to hold anything out keep the closed-form start, if there is one: nothing would tell when
  /// training does harm.
  var finalRoundCount: Int {
    guard configuration.trains else { return 0 }
    if totals.heldOut > 0 { return report.bestRound }
    return configuration.linearPath ? 0 : configuration.rounds
  }

  mutating func beginFinal() throws {
    try noteScoreShift()
    try look(at: data.allRows)
    stage = .finalMoments
  }

  mutating func beginFolds() throws {
    fold = 0
    if configuration.linearPath {
      stage = .folds
      try look(at: data.foldRows(0, of: Self.foldCount).others)
    } else {
      // Without a closed-form model there is nothing to fit five times over: the scores of the
      // held-out blocks, noted before the final rounds, have to do.
      stage = .finished
    }
  }

  /// Makes some rows those of the stage to come.
  mutating func look(at parts: [Range<Int>]) throws {
    view = try LocalView(data.source, parts: parts, configuration)
    ownMoments = nil
    minibatches = nil
  }
}

extension TrainingConfiguration {
  /// Whether there is anything to train beside the closed-form start.
  var trains: Bool { rounds > 0 && !(hidden.isEmpty && scale == .closedForm) }
}

extension LocalData {
  /// All rows as one series.
  var allRows: [Range<Int>] { [0..<source.rowCount] }

  /// How many rows there are: all, those learned from, those held out, and those outside of each
  /// fold.
  func rowCounts(folds: Int) -> [Int64] {
    let others = (0..<folds).map { foldRows($0, of: folds).others.reduce(0) { $0 + $1.count } }
    return ([source.rowCount, blocks.trainingCount, blocks.validationCount] + others)
      .map { Int64($0) }
  }

  /// The rows of a fold, and the others.
  func foldRows(_ fold: Int, of count: Int) -> (held: Range<Int>, others: [Range<Int>]) {
    TimeBlocks.fold(fold, of: count, rowCount: source.rowCount)
  }
}

/// How a run went, in nats a row, averaged over the rows of all participants.
public struct TrainingReport: Sendable, Equatable {
  /// What the run is at, in words.
  public var stage = "counting rows"
  /// Rounds of gradients done in this stage, and the most that there will be.
  public var round = 0
  public var rounds = 0
  /// Negative evidence lower bound of the last minibatches, with β = 1.
  public var loss = Double.nan
  /// The part of it that is the divergence from the prior.
  public var divergence = Double.nan
  /// Negative evidence lower bound on the held-out blocks when they were last looked at.
  public var validation = Double.nan
  /// The same before the first round.
  public var startValidation = Double.nan
  /// The best so far, and its round.
  public var bestValidation = Double.infinity
  public var bestRound = 0

  public init() {}
}
