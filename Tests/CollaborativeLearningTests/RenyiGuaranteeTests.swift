import Cryptography
import Foundation
import GraphicalModels
import LinearAlgebra
import Testing

@testable import CollaborativeLearning

/// Divergences and conversions beside integrals and exact values.
@Suite struct RenyiGuaranteeTests {
  private func normalShare(above x: Double) -> Double { 0.5 * erfc(x / 2.0.squareRoot()) }

  /// δ of ε for two normal distributions whose means are `shift` deviations apart (Balle and Wang
  /// 2018, Theorem 5).
  private func exactDelta(shift: Double, epsilon: Double) -> Double {
    normalShare(above: epsilon / shift - shift / 2)
      - exp(epsilon) * normalShare(above: epsilon / shift + shift / 2)
  }

  @Test(arguments: [1, 1.5, 2, 8]) func inOneDimensionTheDivergenceIsTheIntegral(order: Double) {
    let precision = SymmetricMatrix(order: 1, elements: [0.7])
    let bound = PosteriorDivergence(precision: precision, strength: 3)
    let (w, other) = (0.3, -0.5)
    func logDensity(_ x: Double, _ mean: Double) -> Double {
      0.5 * (log(2.1 / (2 * Double.pi)) - 2.1 * (x - mean) * (x - mean))
    }
    var total = 0.0
    let step = 1e-3
    for i in -20_000...20_000 {
      let x = Double(i) * step
      let (p, q) = (logDensity(x, w), logDensity(x, other))
      total += step * (order == 1 ? exp(p) * (p - q) : exp(order * p + (1 - order) * q))
    }
    let integral = order == 1 ? total : log(total) / (order - 1)
    #expect(abs(bound.divergence(order: order, [w], [other]) - integral) < 1e-9)
  }

  @Test func inTwoDimensionsTheDivergenceIsWhatDrawsShow() throws {
    let precision = SymmetricMatrix(order: 2, elements: [2, -0.8, -0.8, 1])
    let factor = try #require(precision.choleskyFactor())
    let bound = PosteriorDivergence(precision: precision, strength: 5)
    let (w, other) = ([0.2, -0.1], [0.5, 0.3])
    var normals = SecretNormals(key: SymmetricKey(bytes: [UInt8](repeating: 7, count: 32)))
    func distance(_ x: [Double], _ mean: [Double]) -> Double {
      let (a, b) = (x[0] - mean[0], x[1] - mean[1])
      return 5 * (2 * a * a - 1.6 * a * b + b * b)
    }
    let draws = 200_000
    var (divergence, power) = (0.0, 0.0)
    var squares = [0.0, 0.0, 0.0]
    for _ in 0..<draws {
      let noise = normals.draw(precision: factor, strength: 5)
      let x = [w[0] + noise[0], w[1] + noise[1]]
      let ratio = 0.5 * (distance(x, other) - distance(x, w))
      divergence += ratio / Double(draws)
      power += exp(ratio) / Double(draws)
      squares[0] += noise[0] * noise[0] / Double(draws)
      squares[1] += noise[0] * noise[1] / Double(draws)
      squares[2] += noise[1] * noise[1] / Double(draws)
    }
    #expect(abs(divergence - bound.divergence(order: 1, w, other)) < 0.01)
    #expect(abs(log(power) - bound.divergence(order: 2, w, other)) < 0.05)
    // (λΛ)⁻¹ = [[1, 0.8], [0.8, 2]] / (5 · 1.36).
    for (found, expected) in zip(squares, [1.0, 0.8, 2.0]) {
      #expect(abs(found - expected / 6.8) < 0.003)
    }
  }

  /// Eq. (44) is never below Eq. (43), and is reached; Eq. (46) is never below the sum of (44).
  @Test func theBoundsAreBounds() throws {
    var normals = SecretNormals(key: SymmetricKey(bytes: [UInt8](repeating: 9, count: 32)))
    for _ in 0..<50 {
      let root = normals.draws(9)
      var precision = SymmetricMatrix(identityOfOrder: 3)
      for i in 0..<3 {
        for j in 0..<3 {
          for l in 0..<3 { precision[i, j] += root[i * 3 + l] * root[j * 3 + l] }
        }
      }
      let (priorStrength, rows) = (0.5, 4.5)
      let bound = PosteriorDivergence(precision: precision, strength: priorStrength + rows)
      let distance = 2.0
      var largest = 0.0
      let axes = try #require(precision.eigendecomposition()).vectors
      for trial in 0..<200 {
        // Two rows at the ends of a diameter; the first along the axis of the largest eigenvalue.
        var x = trial == 0 ? Array(axes[6..<9]) : normals.draws(3)
        let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
        x = x.map { $0 / norm * distance / 2 }
        let moved = x.map { 2 * $0 / (priorStrength + rows) }
        largest = max(largest, bound.divergence(order: 3, moved, [0, 0, 0]))
      }
      let most = bound.bound(order: 3, distance: distance)
      #expect(largest <= most * (1 + 1e-12) && largest > 0.999 * most)
      let norms = [bound.spectralNorm, 0.5 * bound.spectralNorm]
      let theorem = PosteriorDivergence.theoremBound(
        order: 3, spectralNorms: norms, priorStrength: priorStrength, distance: distance)
      #expect(abs(theorem - 2 * most * (priorStrength + rows) / priorStrength) < 1e-9 * theorem)
    }
  }

  /// The two bounds of ‖Λ‖₂ hold for solutions of Eq. (16), with few rows and with flat ones.
  @Test func theSpectralNormStaysBelowItsBounds() throws {
    var normals = SecretNormals(key: SymmetricKey(bytes: [UInt8](repeating: 3, count: 32)))
    var tightest = 0.0
    for trial in 0..<60 {
      let m = 4
      let rows = Double(1 + trial % 20)
      let penalty = [0.05, 0.5, 5][trial % 3]
      var scatter = SymmetricMatrix(order: m, elements: [Double](repeating: 0, count: m * m))
      for _ in 0..<(trial % 5) {
        let x = normals.draws(m)
        for i in 0..<m { for j in 0..<m { scatter[i, j] += x[i] * x[j] / 4 } }
      }
      let prior = PatternPrior(mean: [0, 0, 0, 0], penalty: penalty)
      let norm = try prior.precision(scatter: scatter, rows: rows).spectralNorm
      let bound = PosteriorDivergence.spectralBound(variables: m, rows: rows, penalty: penalty)
      let appendix = PosteriorDivergence.appendixBound(
        scatter: scatter, rows: rows, penalty: penalty)
      #expect(norm <= bound * (1 + 1e-5))
      #expect(norm <= appendix * (1 + 1e-5))
      tightest = max(tightest, norm * Double(m) / bound)
    }
    // Without any scatter Λ is the bound's share of one variable.
    #expect(tightest > 0.99)
  }

  @Test(arguments: [1e-3, 1e-6], [0.3, 1, 3]) func theConversionCoversTheExactFigure(
    delta: Double, shift: Double
  ) {
    let guarantee = LinearRenyiGuarantee(rate: shift * shift / 2)
    let epsilon = guarantee.approximateEpsilon(delta: delta)
    #expect(exactDelta(shift: shift, epsilon: epsilon) <= delta)
    #expect(exactDelta(shift: shift, epsilon: 0.8 * epsilon) > delta)
    for order in [1.5, 4, 20] {
      let at = guarantee.at(order: order)
      let (new, old) = (
        at.approximateEpsilon(delta: delta) ?? 0, at.plainApproximateEpsilon(delta: delta) ?? 0
      )
      #expect(epsilon <= new + 1e-12 && new < old)
      #expect(exactDelta(shift: shift, epsilon: new) <= delta)
    }
    #expect(guarantee.largestAdvantage >= exactDelta(shift: shift, epsilon: 0))
    #expect(guarantee.at(order: 1).approximateEpsilon(delta: delta) == nil)
  }

  @Test func releasesAddUp() throws {
    let first = LinearRenyiGuarantee(rate: 0.4).at(order: 5)
    let second = LinearRenyiGuarantee(rate: 0.1).at(order: 5)
    #expect(abs(first.composed(with: second).epsilon - 2.5) < 1e-12)
    var ledger = try PrivacyLedger([.init(name: "a", order: 5, epsilon: 2)])
    try ledger.add(.init(name: "b", order: 10, epsilon: 1))
    #expect(ledger.total(order: 5).epsilon == 3)
    // Release a promises nothing at order 10.
    #expect(ledger.total(order: 10).epsilon == .infinity)
    #expect(
      ledger.approximateEpsilon(delta: 1e-5)
        == RenyiGuarantee(order: 5, epsilon: 3).approximateEpsilon(delta: 1e-5))
    #expect(throws: PrivacyError.self) {
      try ledger.add(.init(name: "c", order: 0.5, epsilon: 1))
    }
    #expect(throws: PrivacyError.self) {
      try ledger.add(.init(name: "c", order: 2, epsilon: .nan))
    }
  }
}
