import Datasets
import GraphicalModels
import LinearAlgebra

/// What a joint graphical lasso needs to know of one participant.
public struct JointTask: Sendable {
  public let standardisation: Standardisation
  public let window: CausalWindow
  /// N, the rows that it was learned from.
  public let rows: Int
  /// The mean of the standardised windows, `[features]`.
  public let mean: [Double]
  /// Their covariance, with divisor N.
  public let covariance: SymmetricMatrix

  /// Reads a participant's rows twice, as one series.
  ///
  /// - Parameters:
  ///   - bound: standardised values are held within ± this.
  ///   - constantScale: see ``Standardisation``.
  public init(
    _ source: any RowSource, window: CausalWindow = CausalWindow(1), bound: Float = 20,
    constantScale: Double = 0.01
  ) throws {
    standardisation = Standardisation(
      try DataSummary(source), bound: bound, constantScale: constantScale)
    self.window = window
    let moments = try WindowMoments(source, standardisation: standardisation, window: window)
    rows = moments.count
    mean = moments.centre
    covariance = moments.covariance(over: max(1, rows))
  }
}

/// Scores rows by -ln N(x | x̂ˢ, (Λˢ)⁻¹): one Gaussian a participant, whose precision matrices are
/// learned together by a joint graphical lasso (CollabDict 2018, Eq. 25).
///
/// Total or variable by variable, with the conditionals of one pattern (Eqs. 26 to 28 with K = 1). All
/// participants' covariances lie in one place for that: this is the reference that CollabDict is
/// compared with, not a way to learn apart.
public struct JointScorer: AnomalyScorer {
  public let pattern: GaussianPattern
  private var scorer: GraphicalScorer

  public var variables: Int { scorer.variables }

  /// - Parameters:
  ///   - pattern: the participant's own, from ``patterns(of:_:)``.
  ///   - kind: ``MixtureScore/conditional`` for variable-wise scores; the two others are the same here.
  ///   - smoothing: rows of a mean.
  /// - Throws: `MixtureError`.
  public init(
    _ pattern: GaussianPattern, of task: JointTask, kind: MixtureScore = .likelihood,
    smoothing: Int = 1
  ) throws(MixtureError) {
    self.pattern = pattern
    scorer = try GraphicalScorer(
      [pattern], weights: [1], standardisation: task.standardisation, window: task.window,
      kind: kind, smoothing: smoothing)
  }

  /// The participants' patterns: their own means, and precision matrices that resemble one another.
  ///
  /// Participants weigh by their rows over the mean number of rows, so that the penalties are those of
  /// covariances whatever the number of rows is.
  ///
  /// - Throws: `GraphicalLassoError`, such as for a variable that never moves.
  public static func patterns(
    of tasks: [JointTask], _ lasso: JointGraphicalLasso
  ) throws(GraphicalLassoError) -> [GaussianPattern] {
    let total = tasks.reduce(0) { $0 + $1.rows }
    let mean = Double(max(1, total)) / Double(max(1, tasks.count))
    let solution = try lasso.solve(
      tasks.map(\.covariance), weights: tasks.map { Double($0.rows) / mean })
    return zip(tasks, solution.precisions).map { GaussianPattern(mean: $0.mean, precision: $1) }
  }

  public mutating func reset() { scorer.reset() }

  public mutating func score(_ rows: [Float], count: Int) -> ScoredRows {
    scorer.score(rows, count: count)
  }
}
