import GraphicalModels
import LinearAlgebra
import Testing

@Suite struct ConditionalSpreadTests {
  private let pattern = GaussianPattern(
    mean: [1, -2, 0.5],
    precision: SymmetricMatrix(order: 3, elements: [4, -1, 0, -1, 2, 0.5, 0, 0.5, 3]))
  private let rows: [Float] = [2, -2, 1, 0, -1, 0.5, 1.5, -3, 0, 1, -2.5, 1, 0.5, -2, 0]

  /// xᵢ - mᵢ of Eq. (27), written down as it is.
  private func residual(_ row: Int, _ i: Int, _ pattern: GaussianPattern) -> Double {
    var expected = pattern.mean[i]
    for j in 0..<3 where j != i {
      expected -=
        pattern.precision[i, j] / pattern.precision[i, i]
        * (Double(rows[row * 3 + j]) - pattern.mean[j])
    }
    return Double(rows[row * 3 + i]) - expected
  }

  @Test func theFactorIsTheMeanSquareOfWhatTheOthersDoNotTell() throws {
    var accumulator = try ConditionalSpreadAccumulator([pattern], weights: MixtureWeights([1]))
    accumulator.add(rows.span, count: 5)
    let spread = accumulator.finish()
    for i in 0..<3 {
      let diagonal = pattern.precision[i, i]
      let sum = (0..<5).reduce(0) {
        $0 + diagonal * residual($1, i, pattern) * residual($1, i, pattern)
      }
      let prior = ConditionalSpread.priorRows
      #expect(abs(spread.factors[i] - (sum + prior) / (5 + prior)) < 1e-12)
    }
    var scorer = try MixtureScorer([pattern], weights: [1], spread: spread)
    scorer.forEachRow(of: rows.span, count: 5) { row, scores in
      for i in 0..<3 {
        let variance = spread.factors[i] / pattern.precision[i, i]
        let e = residual(row, i, pattern)
        let expected = 0.5 * ((2 * Double.pi * variance).logarithm + e * e / variance)
        #expect(abs(scores.conditional[i] - expected) < 1e-12)
      }
    }
  }

  /// Rows of two patterns far from one another count for their own only.
  @Test func everyPatternHasItsOwn() throws {
    let far = GaussianPattern(
      mean: [101, 98, 100.5], precision: pattern.precision)
    let both = rows + rows.map { $0 * 2 + 100 }
    var accumulator = try ConditionalSpreadAccumulator(
      [pattern, far], weights: MixtureWeights([0.5, 0.5]))
    accumulator.add(both.span, count: 10)
    let together = accumulator.finish()
    var alone = try ConditionalSpreadAccumulator([pattern], weights: MixtureWeights([1]))
    alone.add(rows.span, count: 5)
    let own = alone.finish()
    for i in 0..<3 {
      #expect(abs(together.factors[i] - own.factors[i]) < 1e-12)
      #expect(together.factors[3 + i] > own.factors[i])
    }
  }

  /// A reading that never leaves what the others say of it keeps a variance.
  @Test func noReadingIsKnownExactly() throws {
    let sure = GaussianPattern(
      mean: [0, 0], precision: SymmetricMatrix(order: 2, elements: [1e8, 0, 0, 1e8]))
    var accumulator = try ConditionalSpreadAccumulator([sure], weights: MixtureWeights([1]))
    let zeros = [Float](repeating: 0, count: 2000)
    accumulator.add(zeros.span, count: 1000)
    let factors = accumulator.finish().factors
    #expect(factors.allSatisfy { $0 / 1e8 >= ConditionalSpread.floor })
  }

  @Test func noiseIsAddedToTheCovariance() throws {
    let noisy = try pattern.withNoise(0.3)
    #expect(noisy.mean == pattern.mean)
    let before = try #require(pattern.precision.choleskyFactor()).inverse()
    let after = try #require(noisy.precision.choleskyFactor()).inverse()
    for i in 0..<3 {
      for j in 0..<3 {
        #expect(abs(after[i, j] - before[i, j] - (i == j ? 0.09 : 0)) < 1e-12)
      }
    }
    #expect(try pattern.withNoise(0) == pattern)
  }

  /// A step of a climb may stop early, and must not go down.
  @Test func whatIsTakenEarlyIsNoWorseThanTheStart() throws {
    let order = 12
    // Nearly singular: variables that two others make up almost wholly.
    var elements = [Double](repeating: 0, count: order * order)
    for i in 0..<order {
      for j in 0..<order {
        let (a, b) = (Double(i) / 11, Double(j) / 11)
        elements[i * order + j] = 1 + a * b + (1 - a) * (1 - b) + (i == j ? 1e-7 : 0)
      }
    }
    let scatter = SymmetricMatrix(order: order, elements: elements)
    var lasso = GraphicalLasso(penalty: 1e-5, tolerance: 1e-13)
    lasso.iterationLimit = 2
    #expect(throws: GraphicalLassoError.self) { try lasso.solve(scatter) }
    lasso.acceptsGap = true
    var last = try lasso.solve(scatter)
    for _ in 0..<5 {
      let next = try lasso.solve(scatter, start: last)
      #expect(next.objective <= last.objective + 1e-9)
      last = next
    }
    #expect(last.precision.choleskyFactor() != nil)
  }
}
