import LinearAlgebra
import Randomness
import Testing

@testable import GraphicalModels

@Suite struct JointGraphicalLassoTests {
  private func draws(_ count: Int, _ seed: UInt64) -> [Double] {
    RandomStream(seed: seed, purpose: .syntheticData).normal(count).map { Double($0) }
  }

  // MARK: The proximal step

  private func distance(_ x: [Double], _ theta: [Double], _ penalty: JointPenalty, _ step: Double)
    -> Double
  {
    var sum = step * penalty.value(x)
    for k in x.indices { sum += (x[k] - theta[k]) * (x[k] - theta[k]) / 2 }
    return sum
  }

  /// A strictly convex function is least where no direction leads down; many random ones, and all
  /// that move equal values together, are tried.
  @Test(
    arguments: [JointGraphicalLasso.Kind.group, .fused],
    [(1, 0.3, 0.2), (2, 0.3, 0.2), (3, 0, 0.4), (5, 0.2, 0.1), (5, 0.1, 1), (8, 0.5, 0)])
  func theProximalStepIsTheLeast(
    kind: JointGraphicalLasso.Kind, problem: (count: Int, sparsity: Double, similarity: Double)
  ) {
    let penalty = JointPenalty(
      kind: kind, sparsity: problem.sparsity, similarity: problem.similarity)
    for seed in 0..<20 as Range<UInt64> {
      var theta = draws(problem.count, seed)
      if problem.count > 3 { theta[3] = theta[1] }
      var x = theta
      penalty.shrink(&x, step: 0.7)
      let least = distance(x, theta, penalty, 0.7)
      let noise = draws(200 * problem.count, 1000 + seed)
      for trial in 0..<200 {
        let size = [1e-1, 1e-3, 1e-5][trial % 3]
        var other = x
        let value = x[trial % problem.count]
        for k in x.indices {
          let together = trial % 2 == 0 && x[k] == value
          other[k] += size * noise[trial * problem.count + (together ? 0 : k)]
          if trial % 5 == 0 && x[k] == 0 { other[k] = 0 }
        }
        #expect(distance(other, theta, penalty, 0.7) >= least - 1e-15)
      }
    }
  }

  @Test func farApartTasksAreShiftedAndNearOnesJoined() {
    let fused = JointPenalty(kind: .fused, sparsity: 0, similarity: 1)
    var theta = [10.0, 0, -10]
    fused.shrink(&theta, step: 1)
    #expect(theta == [8, 0, -8])
    theta = [1.0, 2, 3]
    fused.shrink(&theta, step: 1)
    #expect(theta == [2, 2, 2])
    let both = JointPenalty(kind: .fused, sparsity: 0.5, similarity: 1)
    theta = [1.0, 2, 3]
    both.shrink(&theta, step: 1)
    #expect(theta == [1.5, 1.5, 1.5])
  }

  // MARK: Whole problems

  private func tasks(_ count: Int, order: Int) -> [SymmetricMatrix] {
    (0..<count).map {
      correlations(order: order, rows: 40 + 10 * $0, factors: 2, seed: UInt64(20 + $0))
    }
  }

  @Test(arguments: JointReferenceValues.problems)
  func agreesWithJGL(reference: JointReferenceProblem) throws {
    let moments = JointReferenceValues.moments.prefix(reference.tasks).map {
      SymmetricMatrix(order: JointReferenceValues.order, elements: $0)
    }
    let lasso = JointGraphicalLasso(
      reference.isFused ? .fused : .group, sparsity: reference.sparsity,
      similarity: reference.similarity, tolerance: 1e-9)
    let solution = try lasso.solve(Array(moments), weights: reference.weights)
    #expect(abs(solution.objective - reference.objective) < 1e-6)
    #expect(reference.objective >= solution.objective - solution.dualityGap - 1e-9)
  }

  /// Without similarity the tasks are problems of their own.
  @Test(arguments: [JointGraphicalLasso.Kind.group, .fused])
  func withoutSimilarityEachIsItsOwn(kind: JointGraphicalLasso.Kind) throws {
    let moments = tasks(3, order: 10)
    let joint = try JointGraphicalLasso(kind, sparsity: 0.15, similarity: 0, tolerance: 1e-9)
      .solve(moments)
    var total = 0.0
    for (k, matrix) in moments.enumerated() {
      let alone = try GraphicalLasso(penalty: 0.15, penalisesDiagonal: false, tolerance: 1e-10)
        .solve(matrix)
      total += alone.objective
      for e in alone.precision.elements.indices {
        #expect(abs(alone.precision.elements[e] - joint.precisions[k].elements[e]) < 1e-3)
      }
    }
    #expect(abs(total - joint.objective) < 1e-6)
  }

  /// With equal matrices, or a very large λ₂, the fused problem is that of the mean.
  @Test func strongFusionIsTheMean() throws {
    let moments = tasks(4, order: 8)
    var mean = moments[0]
    for e in mean.elements.indices {
      mean.elements[e] = moments.reduce(0) { $0 + $1.elements[e] } / 4
    }
    let joint = try JointGraphicalLasso(.fused, sparsity: 0.1, similarity: 50, tolerance: 1e-9)
      .solve(moments)
    let alone = try GraphicalLasso(penalty: 0.1, penalisesDiagonal: false, tolerance: 1e-10)
      .solve(mean)
    #expect(abs(joint.objective - 4 * alone.objective) < 1e-6)
    for precision in joint.precisions {
      #expect(precision.choleskyFactor() != nil)
      for e in mean.elements.indices {
        #expect(precision.elements[e] == joint.precisions[0].elements[e])
      }
    }
  }

  @Test func groupsShareTheirEdges() throws {
    let moments = tasks(3, order: 12)
    let joint = try JointGraphicalLasso(.group, sparsity: 0, similarity: 0.4, tolerance: 1e-8)
      .solve(moments)
    var zeros = 0
    for i in 0..<12 {
      for j in 0..<i {
        let isZero = joint.precisions.map { $0[i, j] == 0 }
        #expect(isZero.allSatisfy { $0 == isZero[0] })
        if isZero[0] { zeros += 1 }
      }
    }
    #expect(zeros > 0 && zeros < 66)
  }

  /// What screening takes apart is apart in the whole problem, too.
  @Test(arguments: [JointGraphicalLasso.Kind.group, .fused])
  func componentsAreExact(kind: JointGraphicalLasso.Kind) throws {
    let order = 10
    var moments = tasks(3, order: order)
    for k in 0..<3 {
      for i in 0..<order {
        for j in 0..<order where i % 2 != j % 2 { moments[k][i, j] *= 0.05 }
      }
    }
    let weights = [1, 0.5, 2]
    let lasso = JointGraphicalLasso(kind, sparsity: 0.1, similarity: 0.05, tolerance: 1e-9)
    let solution = try lasso.solve(moments, weights: weights)
    #expect(solution.components.count >= 2)
    var whole = JointSolver(
      order: order, moments: moments.map(\.elements), weights: weights, penalty: lasso)
    whole.solve(tolerance: 1e-8, iterationLimit: 5000)
    #expect(whole.gap <= 1e-8)
    #expect(abs(whole.objective - solution.objective) < 1e-7)
  }

  @Test func whatIsWrongIsNamed() throws {
    let good = tasks(2, order: 4)
    let lasso = JointGraphicalLasso(.fused, sparsity: 0.1, similarity: 0.1)
    #expect(throws: GraphicalLassoError.inconsistent("a joint problem without tasks")) {
      try lasso.solve([])
    }
    let orders = [good[0], SymmetricMatrix(identityOfOrder: 3)]
    #expect(throws: GraphicalLassoError.inconsistent("tasks of 4 and of 3 variables")) {
      try lasso.solve(orders)
    }
    #expect(throws: GraphicalLassoError.inconsistent("1 weights for 2 tasks")) {
      try lasso.solve(good, weights: [1])
    }
    #expect(throws: GraphicalLassoError.invalidParameter(name: "weight", value: 0)) {
      try lasso.solve(good, weights: [1, 0])
    }
    #expect(throws: GraphicalLassoError.invalidParameter(name: "similarity", value: -1)) {
      try JointGraphicalLasso(.group, sparsity: 0, similarity: -1).solve(good)
    }
    var early = lasso
    early.iterationLimit = 2
    let limited = early
    #expect(throws: GraphicalLassoError.self) { try limited.solve(good) }
  }
}
