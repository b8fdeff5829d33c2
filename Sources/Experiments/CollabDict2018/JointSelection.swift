import AnomalyDetection
import CollaborativeLearning
import Datasets
import GraphicalModels

/// A joint graphical lasso whose penalties held-out rows have chosen, as they choose ρ of
/// ``CollaborativeMixture``: the same blocks of time, the same shares, the same likelihood.
struct JointSelection {
  let lasso: JointGraphicalLasso
  let tasks: [JointTask]
  let patterns: [GaussianPattern]

  /// λ₁ as a share of the rows.
  static let sparsities = CollaborativeMixture.penalties
  /// λ₂ as a share of the rows.
  static let similarities = [1e-4, 1e-3, 1e-2, 1e-1, 1]

  /// Chooses λ₁, then λ₂, and then λ₁ once more, and learns from all rows.
  ///
  /// - Throws: ``ExperimentError`` when nothing in the table can be solved for.
  init(
    _ kind: JointGraphicalLasso.Kind, _ rows: [MemoryRows], configuration: TrainingConfiguration
  ) throws {
    let blocks = rows.map {
      TimeBlocks(
        rowCount: $0.rowCount, blocks: configuration.blocks, every: configuration.validationEvery)
    }
    let training = try zip(rows, blocks).map { rows, blocks in
      try JointTask(
        SelectedRows(rows, parts: blocks.training), bound: configuration.bound,
        constantScale: configuration.constantScale)
    }
    var known: [[Double]: Double] = [:]
    /// The log likelihood of all held-out rows; -∞ where the penalties are too small to solve.
    func likelihood(_ sparsity: Double, _ similarity: Double) throws -> Double {
      if let value = known[[sparsity, similarity]] { return value }
      var value = -Double.infinity
      if let patterns = try? JointScorer.patterns(
        of: training, Self.lasso(kind, sparsity, similarity))
      {
        value = 0
        for s in rows.indices {
          value += try Self.likelihood(patterns[s], training[s], rows[s], blocks[s].validation)
        }
      }
      known[[sparsity, similarity]] = value
      return value
    }
    // From the largest downwards until held-out rows become less likely, as with the mixture.
    func best(_ choices: [Double], _ value: (Double) throws -> Double) rethrows -> Double {
      var best = (choice: choices[choices.count - 1], value: -Double.infinity)
      for choice in choices.reversed() {
        let value = try value(choice)
        if value < best.value { break }
        if value > best.value { best = (choice, value) }
      }
      return best.choice
    }
    let sparsity = try best(Self.sparsities) { try likelihood($0, Self.similarities[2]) }
    let similarity = try best(Self.similarities) { try likelihood(sparsity, $0) }
    _ = try best(Self.sparsities) { try likelihood($0, similarity) }
    tasks = try rows.map {
      try JointTask(
        $0, bound: configuration.bound, constantScale: configuration.constantScale)
    }
    // The best that can be solved for with all rows.
    let order = known.sorted { ($0.value, $0.key[0], $0.key[1]) > ($1.value, $1.key[0], $1.key[1]) }
    var found: (JointGraphicalLasso, [GaussianPattern])?
    for (penalties, _) in order {
      let lasso = Self.lasso(kind, penalties[0], penalties[1], iterationLimit: 4000)
      guard let patterns = try? JointScorer.patterns(of: tasks, lasso) else { continue }
      found = (lasso, patterns)
      break
    }
    guard let found else {
      throw ExperimentError("no penalty of the table solves the joint graphical lasso")
    }
    (lasso, patterns) = found
  }

  /// As in Eq. (4) of 2018, penalties weigh all entries, the diagonal ones, too.
  private static func lasso(
    _ kind: JointGraphicalLasso.Kind, _ sparsity: Double, _ similarity: Double,
    iterationLimit: Int = 400
  ) -> JointGraphicalLasso {
    var lasso = JointGraphicalLasso(
      kind, sparsity: sparsity, similarity: similarity, penalisesDiagonal: true, tolerance: 1e-3)
    lasso.iterationLimit = iterationLimit
    return lasso
  }

  private static func likelihood(
    _ pattern: GaussianPattern, _ task: JointTask, _ rows: MemoryRows, _ held: [Range<Int>]
  ) throws -> Double {
    let source = SelectedRows(rows, parts: held)
    var scorer = try JointScorer(pattern, of: task)
    return -(try scorer.scores(of: source)).reduce(0, +)
  }
}
