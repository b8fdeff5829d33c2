import Foundation
import LinearAlgebra
import Testing

/// The reparameterised draw and its divergence against CollabDict 2024, Eqs. (30) and (31).
@Suite struct GaussianKernelsTests {
  static let rows = 6
  static let range = LogVarianceRange(floor: -3, ceiling: 2)

  /// Log variances inside the range and on both sides of it.
  static func moments(_ values: inout SampleValues, _ d: Int) -> [Float] {
    values.floats(2 * rows * d, in: -4...4)
  }

  static func held(_ logVariance: Double) -> Double { min(max(logVariance, -3), 2) }

  @Test(arguments: [1, 8, 16, 21, 35]) func severalDrawsOfARowAreItsSingleDraws(_ d: Int) {
    var values = SampleValues(seed: 19)
    let draws = 5
    let moments = Self.moments(&values, d)
    let noise = values.floats(draws * d, in: -2...2)
    var together = [Float](repeating: .nan, count: Self.rows * draws * d)
    var span = together.mutableSpan
    GaussianKernels.draws(
      moments: moments.span, noise: noise.span, into: &span, rows: Self.rows, draws: draws,
      dimensions: d, range: Self.range)
    for row in 0..<Self.rows {
      for draw in 0..<draws {
        var single = [Float](repeating: .nan, count: d)
        var singleSpan = single.mutableSpan
        GaussianKernels.sample(
          moments: moments.span.extracting(2 * row * d..<2 * (row + 1) * d),
          noise: noise.span.extracting(draw * d..<(draw + 1) * d), into: &singleSpan, rows: 1,
          dimensions: d, range: Self.range)
        let at = (row * draws + draw) * d
        #expect(Array(together[at..<at + d]) == single)
      }
    }
  }

  @Test(arguments: [1, 3, 16, 21, 35]) func drawsAndTheirDerivative(_ d: Int) {
    var values = SampleValues(seed: 18)
    let moments = Self.moments(&values, d)
    let noise = values.floats(Self.rows * d, in: -2...2)
    let dz = values.floats(Self.rows * d)
    var z = [Float](repeating: .nan, count: Self.rows * d)
    var zSpan = z.mutableSpan
    GaussianKernels.sample(
      moments: moments.span, noise: noise.span, into: &zSpan, rows: Self.rows, dimensions: d,
      range: Self.range)
    var gradient = [Float](repeating: .nan, count: moments.count)
    var gradientSpan = gradient.mutableSpan
    GaussianKernels.sampleBackward(
      moments: moments.span, noise: noise.span, sampleGradient: dz.span, into: &gradientSpan,
      rows: Self.rows, dimensions: d, range: Self.range)

    var expected: [Double] = []
    var slopes = [Double](repeating: 0, count: moments.count)
    for i in 0..<Self.rows {
      for j in 0..<d {
        let raw = Double(moments[2 * i * d + d + j])
        let v = Double(noise[i * d + j])
        expected.append(Double(moments[2 * i * d + j]) + exp(Self.held(raw) / 2) * v)
        slopes[2 * i * d + j] = Double(dz[i * d + j])
        slopes[2 * i * d + d + j] =
          raw == Self.held(raw) ? 0.5 * exp(raw / 2) * v * Double(dz[i * d + j]) : 0
      }
    }
    #expect(z.error(from: expected) < 5e-7)
    #expect(gradient.error(from: slopes) < 5e-7)
  }

  @Test(arguments: [1, 3, 16, 21, 35]) func divergenceAndItsDerivative(_ d: Int) {
    var values = SampleValues(seed: 19)
    let moments = Self.moments(&values, d)
    var gradient = [Float](repeating: .nan, count: moments.count)
    var perDimension = [Float](repeating: .nan, count: d)
    var gradientSpan = gradient.mutableSpan
    var dimensionSpan = perDimension.mutableSpan
    let divergence = GaussianKernels.divergence(
      moments: moments.span, gradient: &gradientSpan, perDimension: &dimensionSpan,
      rows: Self.rows, dimensions: d, range: Self.range)

    var parts = [Double](repeating: 0, count: d)
    var slopes = [Double](repeating: 0, count: moments.count)
    for i in 0..<Self.rows {
      for j in 0..<d {
        let mean = Double(moments[2 * i * d + j])
        let raw = Double(moments[2 * i * d + d + j])
        let held = Self.held(raw)
        parts[j] += 0.5 * (exp(held) + mean * mean - 1 - held)
        slopes[2 * i * d + j] = mean
        slopes[2 * i * d + d + j] = raw == held ? 0.5 * (exp(raw) - 1) : 0
      }
    }
    let expected = parts.reduce(0, +)
    #expect(abs(divergence - expected) < 1e-6 * (1 + expected))
    #expect(perDimension.error(from: parts) < 1e-6)
    #expect(gradient.error(from: slopes) < 1e-6)
  }

  @Test func standardNormalDoesNotDivergeFromItself() {
    let moments = [Float](repeating: 0, count: 2 * 3 * 19)
    var gradient = moments
    var perDimension = [Float](repeating: 1, count: 19)
    var gradientSpan = gradient.mutableSpan
    var dimensionSpan = perDimension.mutableSpan
    let divergence = GaussianKernels.divergence(
      moments: moments.span, gradient: &gradientSpan, perDimension: &dimensionSpan, rows: 3,
      dimensions: 19, range: LogVarianceRange())
    #expect(divergence == 0)
    #expect(gradient.allSatisfy { $0 == 0 } && perDimension.allSatisfy { $0 == 0 })
  }
}
