import LinearAlgebra
import Randomness
import Testing

@testable import GraphicalModels

/// Dual steps against the primal method, which the other suites hold to the optimality conditions.
@Suite struct DensePrecisionTests {
  /// The covariance of rows whose variables nearly determine one another.
  private func covariance(_ m: Int, noise: Float, seed: UInt64) -> SymmetricMatrix {
    let rows = 6 * m
    let factors = RandomStream(seed: seed, purpose: .syntheticData).normal(rows * 3)
    let errors = RandomStream(seed: seed, round: 1, purpose: .syntheticData).normal(rows * m)
    let mixing = RandomStream(seed: seed, round: 2, purpose: .syntheticData).normal(3 * m)
    var values: [Double] = []
    for r in 0..<rows {
      for i in 0..<m {
        var value = noise * errors[r * m + i]
        for f in 0..<3 { value += factors[3 * r + f] * mixing[f * m + i] }
        values.append(Double(value))
      }
    }
    var sums = SymmetricMatrix(order: m, elements: [Double](repeating: 0, count: m * m))
    for r in 0..<rows {
      for i in 0..<m {
        for j in 0..<m { sums[i, j] += values[r * m + i] * values[r * m + j] / Double(rows) }
      }
    }
    return sums
  }

  @Test(arguments: [1e-1, 1e-2, 1e-3, 1e-4])
  func bothMethodsComeToTheSameMinimum(penalty: Double) throws {
    for seed in [1, 2] as [UInt64] {
      let s = covariance(14, noise: 0.3, seed: seed)
      let primal = try GraphicalLasso(penalty: penalty, tolerance: 1e-9).solve(s)
      var dual = try #require(DensePrecisionSolver(s, penalty: penalty, start: nil))
      dual.solve(tolerance: 1e-7, iterationLimit: 500)
      #expect(dual.gap <= 1e-7)
      // A dual value is never above the minimum, and here next to it.
      #expect(dual.bound <= primal.objective + 1e-9)
      #expect(dual.bound > primal.objective - 1e-5)
      for (a, b) in zip(dual.precision.elements, primal.precision.elements) {
        #expect(abs(a - b) < 2e-3 * max(1, abs(b)))
      }
    }
  }

  @Test func aNearStartSavesSteps() throws {
    let s = covariance(20, noise: 0.1, seed: 3)
    var cold = try #require(DensePrecisionSolver(s, penalty: 1e-3, start: nil))
    cold.solve(tolerance: 1e-6, iterationLimit: 500)
    var warm = try #require(DensePrecisionSolver(s, penalty: 1e-3, start: cold.precision))
    warm.solve(tolerance: 1e-6, iterationLimit: 500)
    #expect(warm.iterations < cold.iterations / 2)
  }

  /// Of the two methods of a dictionary's update, the one that fits is taken, and never a worse matrix
  /// than the start.
  @Test func denseSolutionsAreForSmallPenalties() throws {
    let s = covariance(16, noise: 0.2, seed: 4)
    let small = GraphicalLasso(penalty: 1e-5)
    let found = try #require(small.denseSolution(s, logDeterminantWeight: 1.01, start: nil))
    let exact = try GraphicalLasso(penalty: 1e-5, tolerance: 1e-8).solve(
      s, logDeterminantWeight: 1.01)
    #expect(found.objective >= exact.objective - 1e-6)
    #expect(found.objective < exact.objective + 1e-2)
    #expect(found.dualityGap >= found.objective - exact.objective - 1e-6)
    // From the minimum it does not move away.
    let again = try #require(
      small.denseSolution(s, logDeterminantWeight: 1.01, start: exact.precision))
    #expect(again.objective <= exact.objective + 1e-9)
    let large = GraphicalLasso(penalty: 0.3, tolerance: 1e-7)
    let sparse = try large.solve(s)
    #expect(sparse.support.count < 60)
    #expect(
      large.denseSolution(s, logDeterminantWeight: 1, start: sparse.precision) == nil)
    var open = large
    open.penalisesDiagonal = false
    #expect(open.denseSolution(s, logDeterminantWeight: 1, start: nil) == nil)
  }
}
