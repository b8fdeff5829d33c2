import LinearAlgebra
import Testing

@testable import GraphicalModels

@Suite struct GraphicalLassoTests {
  // MARK: Closed forms

  @Test func oneVariable() throws {
    let moments = SymmetricMatrix(order: 1, elements: [2])
    let penalised = try GraphicalLasso(penalty: 0.5).solve(moments)
    #expect(penalised.precision[0, 0] == 1 / 2.5)
    #expect(penalised.dualityGap == 0)
    let free = try GraphicalLasso(penalty: 0.5, penalisesDiagonal: false).solve(moments)
    #expect(free.precision[0, 0] == 0.5)
    #expect(abs(free.objective - (2.0.logarithm + 1)) < 1e-15)
  }

  @Test func nothingAtAll() throws {
    let solution = try GraphicalLasso(penalty: 1).solve(SymmetricMatrix(order: 0, elements: []))
    #expect(solution.objective == 0 && solution.components.isEmpty)
  }

  @Test func variablesThatDoNotCorrelate() throws {
    var moments = SymmetricMatrix(identityOfOrder: 5)
    for i in 0..<5 { moments[i, i] = Double(i + 1) }
    moments[0, 3] = 0.09
    moments[3, 0] = 0.09
    let solution = try GraphicalLasso(penalty: 0.1).solve(moments)
    #expect(solution.components.count == 5 && solution.support.isEmpty)
    for i in 0..<5 { #expect(abs(solution.precision[i, i] - 1 / (Double(i + 1) + 0.1)) < 1e-15) }
    #expect(solution.dualityGap == 0 && solution.iterations == 0)
  }

  /// W = S + ρ on the diagonal and S - ρ beside it, where S exceeds ρ.
  @Test(arguments: [true, false], [0.8, -0.8]) func twoVariables(diagonal: Bool, s: Double) throws {
    let moments = SymmetricMatrix(order: 2, elements: [1.5, s, s, 1])
    let solution = try GraphicalLasso(
      penalty: 0.3, penalisesDiagonal: diagonal, tolerance: 1e-13
    ).solve(moments)
    let shift = diagonal ? 0.3 : 0
    let w = SymmetricMatrix(
      order: 2,
      elements: [1.5 + shift, s > 0 ? 0.5 : -0.5, s > 0 ? 0.5 : -0.5, 1 + shift])
    let expected = try #require(w.choleskyFactor()?.inverse())
    for k in 0..<4 {
      #expect(abs(solution.precision.elements[k] - expected.elements[k]) < 1e-9)
      #expect(abs(solution.covariance.elements[k] - w.elements[k]) < 1e-9)
    }
  }

  @Test func withoutPenaltyItIsTheInverse() throws {
    let moments = correlations(order: 12, rows: 80)
    let solution = try GraphicalLasso(penalty: 0).solve(moments)
    let expected = try #require(moments.choleskyFactor()?.inverse())
    for k in expected.elements.indices {
      #expect(abs(solution.precision.elements[k] - expected.elements[k]) < 1e-10)
    }
    #expect(solution.dualityGap < 1e-10)
  }

  // MARK: Optimality

  @Test(arguments: [true, false], [(5, 0.3), (20, 0.1), (40, 0.02), (65, 0.2)])
  func conditionsOfTheMinimum(diagonal: Bool, problem: (order: Int, penalty: Double)) throws {
    let moments = correlations(order: problem.order, rows: 4 * problem.order, seed: 7)
    let solution = try GraphicalLasso(
      penalty: problem.penalty, penalisesDiagonal: diagonal, tolerance: 1e-11
    ).solve(moments)
    let distance = distanceFromOptimality(
      solution.precision, moments, penalty: problem.penalty, penalisesDiagonal: diagonal)
    #expect(distance < 1e-5)
    let value = objective(
      solution.precision, moments, penalty: problem.penalty, penalisesDiagonal: diagonal)
    #expect(abs(value - solution.objective) < 1e-10 * max(1, abs(value)))
    #expect(solution.dualityGap <= 1e-11 * max(1, abs(value)))
    #expect(try isInverse(solution))
  }

  private func isInverse(_ solution: GraphicalLasso.Solution) throws -> Bool {
    let inverse = try #require(solution.precision.choleskyFactor()?.inverse())
    return zip(inverse.elements, solution.covariance.elements).allSatisfy {
      abs($0 - $1) <= 1e-7 * max(1, abs($0))
    }
  }

  @Test(arguments: ReferenceValues.problems)
  func agreesWithItsPeers(reference: ReferenceProblem) throws {
    let moments = SymmetricMatrix(order: reference.order, elements: reference.moments)
    let solution = try GraphicalLasso(
      penalty: reference.penalty, penalisesDiagonal: reference.penalisesDiagonal, tolerance: 1e-9
    ).solve(moments)
    #expect(abs(solution.objective - reference.objective) < 1e-6, "\(reference.peer)")
    // Nobody can be below the bound.
    #expect(reference.objective >= solution.objective - solution.dualityGap - 1e-10)
  }

  /// The gap bounds what is missing, also where the solver stops early.
  @Test(arguments: [1e-1, 1e-2, 1e-3, 1e-5]) func theGapIsABound(tolerance: Double) throws {
    let moments = correlations(order: 40, rows: 100, seed: 3)
    let rough = try GraphicalLasso(penalty: 0.05, tolerance: tolerance).solve(moments)
    let exact = try GraphicalLasso(penalty: 0.05, tolerance: 1e-11).solve(moments)
    #expect(rough.objective - exact.objective <= rough.dualityGap + 1e-9)
    #expect(rough.objective >= exact.objective - exact.dualityGap)
    #expect(rough.dualityGap <= tolerance * max(1, abs(rough.objective)))
  }

  @Test func theWeightOfTheDeterminant() throws {
    let moments = correlations(order: 15, rows: 60)
    let (weight, penalty) = (13.0 / 12, 0.1)
    let solution = try GraphicalLasso(penalty: penalty, tolerance: 1e-10).solve(
      moments, logDeterminantWeight: weight)
    // c Λ⁻¹ takes the place of Λ⁻¹ in the conditions.
    let inverse = try #require(solution.precision.choleskyFactor()?.inverse())
    for i in 0..<15 {
      for j in 0..<15 where solution.precision[i, j] != 0 {
        let slope = moments[i, j] - weight * inverse[i, j]
        #expect(abs(slope + (solution.precision[i, j] > 0 ? penalty : -penalty)) < 1e-4)
      }
    }
    let plain = objective(solution.precision, moments, penalty: penalty, penalisesDiagonal: true)
    let expected = plain - (weight - 1) * solution.logDeterminant
    #expect(abs(solution.objective - expected) < 1e-10)
  }

  // MARK: Components, starts and paths

  @Test func componentsAreExact() throws {
    let order = 24
    let dense = correlations(order: order, rows: 60, seed: 5)
    var moments = SymmetricMatrix(identityOfOrder: order)
    for i in 0..<order {
      for j in 0..<order {
        // Three blocks with members far apart, and little between them.
        moments[i, j] = i % 3 == j % 3 ? dense[i, j] : 0.04 * dense[i, j]
      }
    }
    let lasso = GraphicalLasso(penalty: 0.05, tolerance: 1e-10)
    let screened = try lasso.solve(moments)
    #expect(screened.components.count >= 3)
    var whole = PrecisionSolver(
      order: order, moments: moments.elements, penalty: 0.05, diagonalPenalty: 0.05, start: nil)
    let converged = whole.solve(tolerance: 1e-9, iterationLimit: 500)
    #expect(converged)
    for k in screened.precision.elements.indices {
      #expect(abs(screened.precision.elements[k] - whole.precision[k]) < 1e-4)
    }
    #expect(abs(screened.objective - whole.objective) < 1e-8)
    #expect(
      distanceFromOptimality(screened.precision, moments, penalty: 0.05, penalisesDiagonal: true)
        < 1e-4)
  }

  @Test func warmStartsChangeNothingButTheWay() throws {
    let moments = correlations(order: 50, rows: 200, seed: 4)
    let lasso = GraphicalLasso(penalty: 0.06, tolerance: 1e-9)
    let cold = try lasso.solve(moments)
    let near = try GraphicalLasso(penalty: 0.07, tolerance: 1e-9).solve(moments)
    let warm = try lasso.solve(moments, start: near)
    #expect(abs(cold.objective - warm.objective) <= cold.dualityGap + warm.dualityGap)
    #expect(warm.iterations < cold.iterations)
    for k in cold.precision.elements.indices {
      #expect(abs(cold.precision.elements[k] - warm.precision.elements[k]) < 1e-3)
    }
    let again = try GraphicalLasso(penalty: 0.06, tolerance: 1e-4).solve(moments, start: cold)
    #expect(again.iterations == 0)
  }

  @Test func aPathLosesEdgesAndChooses() throws {
    let moments = correlations(order: 20, rows: 100, factors: 2, seed: 8)
    let path = try GraphicalLasso.path(
      moments, penalties: [0.05, 0.4, 0.1, 0.2, 0.99], observations: 100, tolerance: 1e-8)
    #expect(path.points.map(\.penalty) == [0.99, 0.4, 0.2, 0.1, 0.05])
    let edges = path.points.map(\.solution.support.count)
    #expect(edges.first == 0)
    #expect(zip(edges, edges.dropFirst()).allSatisfy { $0 <= $1 })
    for point in path.points {
      let solution = point.solution
      var trace = 0.0
      for k in moments.elements.indices {
        trace += moments.elements[k] * solution.precision.elements[k]
      }
      let likelihood = 50 * (solution.logDeterminant - trace)
      let count = Double(solution.support.count)
      let price = count * 100.0.logarithm + 4 * 0.5 * count * 20.0.logarithm
      #expect(abs(point.criterion - (price - 2 * likelihood)) < 1e-8)
      #expect(point.criterion >= path.points[path.best].criterion)
      let alone = try GraphicalLasso(penalty: point.penalty, tolerance: 1e-8).solve(moments)
      #expect(abs(alone.objective - solution.objective) < 1e-5)
    }
  }

  // MARK: Hard problems

  @Test(
    arguments: [true, false],
    [(1e8, 0.1), (1e8, 1e-2), (1e8, 1e-3), (1e12, 0.05), (1e12, 1e-4)])
  func nearlySingular(diagonal: Bool, problem: (condition: Double, penalty: Double)) throws {
    let moments = illConditioned(order: 30, condition: problem.condition)
    let solution = try GraphicalLasso(
      penalty: problem.penalty, penalisesDiagonal: diagonal, tolerance: 1e-8
    ).solve(moments)
    #expect(solution.dualityGap <= 1e-8 * max(1, abs(solution.objective)))
    #expect(solution.precision.choleskyFactor() != nil)
    let distance = distanceFromOptimality(
      solution.precision, moments, penalty: problem.penalty, penalisesDiagonal: diagonal)
    #expect(distance < 2e-4)
  }

  @Test(arguments: [true, false], [0.1, 1e-3, 1e-5])
  func fewerRowsThanVariables(diagonal: Bool, penalty: Double) throws {
    let moments = correlations(order: 40, rows: 15, noise: 0.01, seed: 6)
    let solution = try GraphicalLasso(
      penalty: penalty, penalisesDiagonal: diagonal, tolerance: 1e-7
    ).solve(moments)
    #expect(solution.dualityGap <= 1e-7 * max(1, abs(solution.objective)))
    #expect(
      distanceFromOptimality(
        solution.precision, moments, penalty: penalty, penalisesDiagonal: diagonal) < 1e-3)
  }

  /// Newton's method alone, with its conjugate gradients.
  @Test(arguments: [true, false]) func newtonAlone(diagonal: Bool) throws {
    let moments = correlations(order: 40, rows: 160, factors: 4, seed: 9)
    var solver = PrecisionSolver(
      order: 40, moments: moments.elements, penalty: 0.05, diagonalPenalty: diagonal ? 0.05 : 0,
      start: nil)
    solver.iterateNewton(tolerance: 1e-9, iterationLimit: 100)
    #expect(solver.gap <= 1e-9)
    let other = try GraphicalLasso(
      penalty: 0.05, penalisesDiagonal: diagonal, tolerance: 1e-11
    ).solve(moments)
    #expect(abs(solver.objective - other.objective) < 2e-9)
  }

  // MARK: Errors

  @Test func whatIsWrongIsNamed() throws {
    let good = correlations(order: 4, rows: 20)
    var broken = good
    broken[1, 2] = .nan
    let notFinite = broken
    #expect(throws: GraphicalLassoError.notFinite(row: 2, column: 1)) {
      try GraphicalLasso(penalty: 0.1).solve(notFinite)
    }
    broken[1, 2] = good[1, 2] + 1e-3
    let notSymmetric = broken
    #expect(throws: GraphicalLassoError.notSymmetric(row: 2, column: 1)) {
      try GraphicalLasso(penalty: 0.1).solve(notSymmetric)
    }
    #expect(throws: GraphicalLassoError.invalidParameter(name: "penalty", value: -1)) {
      try GraphicalLasso(penalty: -1).solve(good)
    }
    #expect(throws: GraphicalLassoError.invalidParameter(name: "logDeterminantWeight", value: 0)) {
      try GraphicalLasso(penalty: 1).solve(good, logDeterminantWeight: 0)
    }
    let singular = correlations(order: 6, rows: 4)
    #expect(throws: GraphicalLassoError.singular(variable: nil)) {
      try GraphicalLasso(penalty: 0).solve(singular)
    }
    var constant = good
    for i in 0..<4 {
      constant[3, i] = 0
      constant[i, 3] = 0
    }
    let withoutVariance = constant
    #expect(throws: GraphicalLassoError.singular(variable: 3)) {
      try GraphicalLasso(penalty: 0.1, penalisesDiagonal: false).solve(withoutVariance)
    }
    let kept = try GraphicalLasso(penalty: 0.1).solve(withoutVariance)
    #expect(abs(kept.precision[3, 3] - 10) < 1e-12)
  }

  @Test func anEarlyEndSaysHowFarItIs() throws {
    let moments = correlations(order: 40, rows: 60)
    var lasso = GraphicalLasso(penalty: 0.01, tolerance: 1e-9)
    lasso.iterationLimit = 2
    let error = #expect(throws: GraphicalLassoError.self) { try lasso.solve(moments) }
    guard case .noConvergence(let gap, _, let iterations) = error else {
      Issue.record("another error")
      return
    }
    #expect(gap > 0 && iterations == 2)
    #expect(error?.description.contains("\n") == false)
  }
}
