import Cryptography
import GraphicalModels
import LinearAlgebra
import Testing

@testable import CollaborativeLearning

/// How many rows stand behind what is told of a pattern, and what is done where they are few.
@Suite struct EntropyDiversityTests {
  private func normals(_ byte: UInt8) -> SecretNormals {
    SecretNormals(key: key(byte))
  }

  private func key(_ byte: UInt8) -> SymmetricKey {
    SymmetricKey(bytes: [UInt8](repeating: byte, count: 32))
  }

  private func pattern(_ mean: [Double], _ scale: Double = 1) -> GaussianPattern {
    var precision = SymmetricMatrix(identityOfOrder: mean.count)
    for i in precision.elements.indices { precision.elements[i] *= scale }
    return GaussianPattern(mean: mean, precision: precision)
  }

  private func entropy(_ weights: [Double]) -> Double {
    let total = weights.reduce(0, +)
    return weights.reduce(0) { sum, weight in
      let share = weight / total
      return share > 0 ? sum - share * share.logarithm : sum
    }
  }

  /// 300 rows about 0 and, where asked for, an outlier at the end.
  private func rows(outlier: [Double]?) -> [Float] {
    var normals = normals(1)
    var values = normals.draws(600).map { Float($0) }
    if let outlier { values += outlier.map { Float($0) } }
    return values
  }

  private func evaluated(
    _ values: [Float], _ patterns: [GaussianPattern], weights: [Double]
  ) throws -> (figures: EntropyDiversity.Figures, shares: [[Double]], densities: [[Double]]) {
    var evaluator = try PatternEvaluator(patterns)
    var diversity = EntropyDiversity(patterns: patterns.count)
    var shares = [[Double]](repeating: [], count: patterns.count)
    var densities = shares
    evaluator.forEachBlock(
      of: values.span, count: values.count / 2, logWeights: weights.map { $0.logarithm }
    ) { block in
      diversity.add(block)
      for r in 0..<block.rows.count {
        for k in patterns.indices {
          shares[k].append(block.shares[r * patterns.count + k])
          densities[k].append(block.logDensities[r * patterns.count + k].exponential)
        }
      }
    }
    return (diversity.figures, shares, densities)
  }

  @Test func theEntropiesAreThoseOfTheFormulas() throws {
    let patterns = [pattern([0, 0]), pattern([1, 2], 4), pattern([-1, 0], 0.1)]
    let (figures, shares, densities) = try evaluated(
      rows(outlier: nil), patterns, weights: [0.5, 0.3, 0.2])
    for k in 0..<3 {
      #expect(abs(figures.rows[k] - shares[k].reduce(0, +)) < 1e-9)
      #expect(abs(figures.entropies[k] - entropy(shares[k])) < 1e-9)
      #expect(figures.largestShares[k] == (shares[k].max() ?? 0) / figures.rows[k])
      #expect(abs(figures.densityEntropies[k] - entropy(densities[k])) < 1e-9)
      #expect(abs(figures.effectiveRows[k] - entropy(shares[k]).exponential) < 1e-6)
    }
    let largest = densities.map { entropy($0) }.max() ?? 0
    #expect(abs(figures.largestDensityEntropy - largest) < 1e-9)
  }

  /// Densities of rows far out are below the smallest double; their logarithms are not.
  @Test func farRowsDoNotSpoilTheDensities() throws {
    let values: [Float] = [100, 0, 100, 0, -100, 0, 0, 100]
    let (figures, _, _) = try evaluated(values, [pattern([0, 0])], weights: [1])
    #expect(abs(figures.densityEntropies[0] - 4.0.logarithm) < 1e-9)
    #expect(abs(figures.effectiveRows[0] - 4) < 1e-9)
  }

  /// A row that owns a pattern: Eqs. (47) and (48) take it for safe, the weights that are told do
  /// not.
  @Test func anOutlierThatOwnsAPatternIsSeen() throws {
    let patterns = [pattern([0, 0]), pattern([9, 9], 0.01)]
    let (figures, _, _) = try evaluated(rows(outlier: [9, 9]), patterns, weights: [0.997, 0.003])
    #expect(figures.largestDensityEntropy.exponential > 150)
    #expect(figures.densityEntropies[1].exponential > 100)
    #expect(try #require(figures.leastEffectiveRows()) < 2)
    #expect(figures.patterns(below: 5) == [1])
    #expect(figures.patterns(below: 1000) == [0, 1])
    // What is told as zeros tells nothing.
    #expect(figures.patterns(below: 5, resolution: 10).isEmpty)
    #expect(try #require(figures.leastEffectiveRows(resolution: 10)) > 100)
  }

  // MARK: Noise

  private func noised(
    _ rows: [[Double]], shares: [Double], strength: Double, byte: UInt8, radius: Double? = nil
  ) throws -> PatternStatistics {
    let factor = try #require(
      SymmetricMatrix(order: 2, elements: [2, 0.5, 0.5, 1]).choleskyFactor())
    var noise = DiversityNoise(
      precision: factor, strength: strength, key: key(byte), pattern: 1, radius: radius)
    noise.add(
      rows.flatMap { $0 + [1] }, responsibilities: shares.flatMap { [1 - $0, $0] }, pattern: 1,
      of: 2, count: rows.count)
    return noise.finish()
  }

  /// The noise has mean 0 and covariance (λΛ)⁻¹ per row, and leaves the count as it is.
  @Test func theNoiseIsThatOfThePosterior() throws {
    let (rows, shares) = ([[1.0, 2], [-1, 0.5], [0, 0]], [0.9, 0.3, 0])
    var mean = [0.0, 0.0]
    var square = 0.0
    let draws = 250
    for byte in 0..<draws {
      let statistics = try noised(rows, shares: shares, strength: 4, byte: UInt8(byte))
      #expect(abs(statistics.count(0) - 1.2) < 1e-12)
      let error = [statistics.sum(0)[0] - 0.6, statistics.sum(0)[1] - 1.95]
      for i in 0..<2 { mean[i] += error[i] / Double(draws) }
      square += error[0] * error[0] / Double(draws)
    }
    // Σ r² (λΛ)⁻¹₀₀ = 0.9 · 1 / (4 · 1.75).
    let variance = 0.9 / 7
    #expect(abs(square / variance - 1) < 0.3)
    for i in 0..<2 { #expect(abs(mean[i]) < 5 * (2 * variance / Double(draws)).squareRoot()) }
  }

  @Test func theNoiseIsAFunctionOfItsKey() throws {
    let (rows, shares) = ([[1.0, 2], [-1, 0.5]], [0.9, 0.3])
    let once = try noised(rows, shares: shares, strength: 1, byte: 1)
    #expect(try noised(rows, shares: shares, strength: 1, byte: 1) == once)
    #expect(try noised(rows, shares: shares, strength: 1, byte: 2) != once)
    let held = try noised(rows, shares: [1, 1], strength: 1e-4, byte: 1, radius: 3)
    #expect(held.scatter(0).diagonal.reduce(0, +) <= 18 * (1 + 1e-12))
  }

  /// With the participant's own count the noise is as wide as the pattern, with the pooled one of
  /// many rows it hides nothing.
  @Test func aRowThatStandsAloneIsHiddenByNoiseOfItsOwnScale() throws {
    func error(_ strength: Double) throws -> Double {
      var squares = 0.0
      for byte in 0..<200 {
        let statistics = try noised([[5, 5]], shares: [1], strength: strength, byte: UInt8(byte))
        let (x, y) = (statistics.sum(0)[0] - 5, statistics.sum(0)[1] - 5)
        squares += (x * x + y * y) / 200
      }
      return squares.squareRoot()
    }
    let spread = (3.0 / 1.75).squareRoot()  // √Tr Λ⁻¹
    let (own, pooled) = (try error(1 + 1), try error(1 + 10_000))
    #expect(own > 0.6 * spread && own < 0.8 * spread)
    #expect(pooled < 0.015 * spread)
  }

  // MARK: Clipping

  @Test func rowsAreHeldWithinTheBall() {
    var rows: [Float] = [3, 4, .nan, 0.3, 0.4, 0, .nan, .nan, -30, .infinity, 6, 8, 7, 7, 7]
    let clipped = RowClipping.clip(&rows, count: 4, features: 3, radius: 5)
    #expect(clipped == 2)
    #expect(rows[0] == 3 && rows[1] == 4 && rows[2].isNaN && rows[3] == 0.3 && rows[5] == 0)
    #expect(rows[6].isNaN && rows[7].isNaN && abs(rows[8] + 5) < 1e-5)
    #expect(rows[9].isNaN && abs(rows[10] - 3) < 1e-5 && abs(rows[11] - 4) < 1e-5)
    #expect(Array(rows[12...]) == [7, 7, 7])
    var normals = normals(5)
    var many = normals.draws(5000).map { Float(10 * $0) }
    RowClipping.clip(&many, count: 1000, features: 5, radius: 2)
    for r in 0..<1000 {
      let square = many[r * 5..<(r + 1) * 5].reduce(0) { $0 + Double($1) * Double($1) }
      #expect(square <= 4)
    }
  }
}
