import AnomalyDetection
import Datasets
import GraphicalModels
import LinearAlgebra
import Testing

@Suite struct JointScorerTests {
  private func sources() -> [MemoryRows] {
    (0..<3).map { machine in
      var values = sampleRows(200 + 50 * machine, 4)
      for r in 0..<values.count / 4 {
        values[4 * r + 1] += values[4 * r]
        if machine > 0 { values[4 * r + 3] += 0.7 * values[4 * r + 2] }
        for v in 0..<4 { values[4 * r + v] = 5 + Float(v + 1) * values[4 * r + v] }
      }
      return MemoryRows(columnCount: 4, values: values)
    }
  }

  /// Without penalties the precision is the inverse covariance, and the score the Gaussian density:
  /// -ln N = M/2 ln 2π + ½ ln|Σ| + ½ zᵀ Σ⁻¹ z.
  @Test(arguments: [JointGraphicalLasso.Kind.group, .fused])
  func withoutPenaltyByHand(kind: JointGraphicalLasso.Kind) throws {
    let values: [Float] = [3, 1, 1, 1, 2, 3, 2, -1]  // means 2 and 1
    let source = MemoryRows(columnCount: 2, values: values)
    let task = try JointTask(source)
    // Deviations √½ and √2; z has covariance 0 between its variables here, and unit variances.
    #expect(isNear(task.covariance[0, 0], 1, 1e-6) && isNear(task.covariance[0, 1], 0, 1e-6))
    #expect(task.rows == 4)
    let patterns = try JointScorer.patterns(
      of: [task, task], JointGraphicalLasso(kind, sparsity: 0, similarity: 0, tolerance: 1e-10))
    #expect(patterns.count == 2)
    var scorer = try JointScorer(patterns[0], of: task)
    // z = (√2, 1/√2): ½ (2 + ½) + ln 2π.
    let scored = scorer.score([3, 2], count: 1)
    let constant = (2 * Double.pi).logarithm
    #expect(isNear(scored.scores[0], constant + 1.25, 1e-5))
    var conditional = try JointScorer(patterns[0], of: task, kind: .conditional)
    let parts = conditional.score([3, 2], count: 1).parts
    #expect(isNear(parts[0], 0.5 * constant + 1, 1e-5))
    #expect(isNear(parts[1], 0.5 * constant + 0.25, 1e-5))
  }

  /// Eqs. (26) to (28): the conditional's mean and variance from the covariance, as a regression.
  @Test func conditionalsAreRegressions() throws {
    let tasks = try sources().map { try JointTask($0) }
    let patterns = try JointScorer.patterns(
      of: tasks, JointGraphicalLasso(.group, sparsity: 0.05, similarity: 0.05))
    let (task, pattern) = (tasks[1], patterns[1])
    var scorer = try JointScorer(pattern, of: task, kind: .conditional)
    let rows = sampleRows(5, 4)
    let scored = scorer.score(rows, count: 5)
    let covariance = try #require(pattern.precision.choleskyFactor()?.inverse())
    for r in 0..<5 {
      let z = (0..<4).map { v in
        (Double(rows[4 * r + v]) - task.standardisation.mean[v]) / task.standardisation.scale[v]
          - pattern.mean[v]
      }
      for i in 0..<4 {
        let others = (0..<4).filter { $0 != i }
        var block = SymmetricMatrix(identityOfOrder: 3)
        for (a, x) in others.enumerated() {
          for (b, y) in others.enumerated() { block[a, b] = covariance[x, y] }
        }
        let inverse = try #require(block.choleskyFactor()?.inverse())
        var (mean, variance) = (0.0, covariance[i, i])
        for (a, x) in others.enumerated() {
          for (b, y) in others.enumerated() {
            mean += covariance[i, x] * inverse[a, b] * z[y]
            variance -= covariance[i, x] * inverse[a, b] * covariance[y, i]
          }
        }
        let distance = (z[i] - mean) * (z[i] - mean) / variance
        let expected = 0.5 * ((2 * Double.pi * variance).logarithm + distance)
        #expect(isNear(scored.parts[4 * r + i], expected, 1e-4))
      }
    }
  }

  /// Each is scored by its own mean and precision; what they share is where the zeros are.
  @Test func participantsResembleOneAnother() throws {
    let tasks = try sources().map { try JointTask($0) }
    func patterns(_ kind: JointGraphicalLasso.Kind, _ similarity: Double) throws
      -> [GaussianPattern]
    {
      try JointScorer.patterns(
        of: tasks, JointGraphicalLasso(kind, sparsity: 0, similarity: similarity))
    }
    let group = try patterns(.group, 0.3)
    let edges = group.map { $0.edges.map { "\($0)" } }
    #expect(edges[0] == edges[1] && edges[1] == edges[2])
    #expect(edges[0].count < 6 && edges[0].contains("(0, 1)"))
    // A strong fusion makes them one; weak ones differ in what differs.
    let fused = try patterns(.fused, 3)
    for i in 0..<4 {
      for j in 0..<4 {
        #expect(isNear(fused[0].precision[i, j], fused[2].precision[i, j], 1e-3))
      }
    }
    let apart = try patterns(.fused, 0)
    #expect(abs(apart[0].precision[2, 3] - apart[1].precision[2, 3]) > 0.3)
  }

  @Test func windowsSmoothingAndConstantVariables() throws {
    let source = sources()[0]
    let task = try JointTask(source, window: CausalWindow(2))
    let patterns = try JointScorer.patterns(
      of: [task], JointGraphicalLasso(.group, sparsity: 0.1, similarity: 0))
    var plain = try JointScorer(patterns[0], of: task)
    var smooth = try JointScorer(patterns[0], of: task, smoothing: 3)
    #expect(plain.variables == 4 && patterns[0].variables == 8)
    let (single, mean) = (try plain.scores(of: source), try smooth.scores(of: source))
    #expect(isNear(mean[9], (single[7] + single[8] + single[9]) / 3, 1e-9))
    let still = try JointTask(MemoryRows(columnCount: 2, values: [1, 5, 2, 5, 3, 5]))
    #expect(throws: GraphicalLassoError.singular(variable: 1)) {
      try JointScorer.patterns(
        of: [still], JointGraphicalLasso(.group, sparsity: 0.1, similarity: 0))
    }
  }
}
