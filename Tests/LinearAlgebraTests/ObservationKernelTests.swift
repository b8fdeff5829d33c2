import Foundation
import LinearAlgebra
import Testing

/// The observation densities as CollabDict 2024 writes them, in Double.
struct ReferenceObservation: Sendable, CustomTestStringConvertible {
  let degreesOfFreedom: Double?

  var testDescription: String { degreesOfFreedom.map { "Student's t, ν = \($0)" } ?? "Gaussian" }

  static let all = [
    ReferenceObservation(degreesOfFreedom: nil), ReferenceObservation(degreesOfFreedom: 2.5),
    ReferenceObservation(degreesOfFreedom: 5),
  ]
  static let floor = 0.0625

  var logNormaliser: Double {
    guard let nu = degreesOfFreedom else { return 0.5 * log(2 * .pi) }
    return lgamma(nu / 2) + 0.5 * log(nu * .pi) - lgamma((nu + 1) / 2)
  }

  var kernel: ObservationKernel {
    ObservationKernel(
      degreesOfFreedom: degreesOfFreedom.map { Float($0) }, scaleFloor: Float(Self.floor),
      logNormaliser: Float(logNormaliser))
  }

  /// -ln p(x | mean, σ), 0 where x is missing.
  func loss(_ x: Double, _ mean: Double, _ sigma: Double) -> Double {
    if x.isNaN { return 0 }
    let r = (x - mean) / sigma
    guard let nu = degreesOfFreedom else { return logNormaliser + log(sigma) + 0.5 * r * r }
    return logNormaliser + log(sigma) + 0.5 * (nu + 1) * log(1 + r * r / nu)
  }

  static func networkScale(_ raw: Double) -> Double { floor + log1p(exp(raw)) }
  static func sharedScale(_ logScale: Double) -> Double { max(floor, exp(logScale)) }

  /// df/dx by central differences.
  static func slope(_ x: Double, _ f: (Double) -> Double) -> Double {
    (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
  }
}

@Suite struct ObservationKernelTests {
  static let variableCounts = [1, 5, 16, 19, 40]
  static let rows = 7

  /// A target with every fifth value missing.
  static func target(_ values: inout SampleValues, _ count: Int) -> [Float] {
    values.floats(count, in: -2...2).enumerated().map { $0 % 5 == 3 ? .nan : $1 }
  }

  @Test(arguments: ReferenceObservation.all, variableCounts)
  func lossWithTheNetworksScale(_ reference: ReferenceObservation, _ m: Int) {
    var values = SampleValues(seed: 15)
    let output = values.floats(2 * Self.rows * m, in: -2...2)
    let target = Self.target(&values, Self.rows * m)
    var gradient = [Float](repeating: .nan, count: output.count)
    var span = gradient.mutableSpan
    let loss = reference.kernel.loss(
      networkScale: output.span, target: target.span, gradient: &span, rows: Self.rows,
      variables: m)

    var expected = 0.0
    var slopes = [Double](repeating: 0, count: output.count)
    for i in 0..<Self.rows {
      for j in 0..<m {
        let x = Double(target[i * m + j])
        let mean = Double(output[2 * i * m + j])
        let raw = Double(output[2 * i * m + m + j])
        let sigma = ReferenceObservation.networkScale(raw)
        expected += reference.loss(x, mean, sigma)
        slopes[2 * i * m + j] = ReferenceObservation.slope(mean) { reference.loss(x, $0, sigma) }
        slopes[2 * i * m + m + j] = ReferenceObservation.slope(raw) {
          reference.loss(x, mean, ReferenceObservation.networkScale($0))
        }
      }
    }
    #expect(abs(loss - expected) < 1e-6 * (Double(Self.rows * m) + abs(expected)))
    #expect(gradient.error(from: slopes) < 5e-6)
  }

  @Test(arguments: ReferenceObservation.all, variableCounts)
  func lossWithASharedScale(_ reference: ReferenceObservation, _ m: Int) {
    var values = SampleValues(seed: 16)
    let mean = values.floats(Self.rows * m, in: -2...2)
    let target = Self.target(&values, Self.rows * m)
    // Every fourth scale lies under the floor, where it has no derivative.
    let logScale = values.floats(m, in: -1...1).enumerated().map { $0 % 4 == 2 ? -4 : $1 }
    var meanGradient = [Float](repeating: .nan, count: mean.count)
    var scaleGradient = [Float](repeating: .nan, count: m)
    var meanSpan = meanGradient.mutableSpan
    var scaleSpan = scaleGradient.mutableSpan
    let loss = reference.kernel.loss(
      mean: mean.span, logScale: logScale.span, target: target.span, meanGradient: &meanSpan,
      scaleGradient: &scaleSpan, rows: Self.rows, variables: m)

    var expected = 0.0
    var meanSlopes = [Double](repeating: 0, count: mean.count)
    var scaleSlopes = [Double](repeating: 0, count: m)
    for place in mean.indices {
      let (x, mu, s) = (Double(target[place]), Double(mean[place]), Double(logScale[place % m]))
      let sigma = ReferenceObservation.sharedScale(s)
      expected += reference.loss(x, mu, sigma)
      meanSlopes[place] = ReferenceObservation.slope(mu) { reference.loss(x, $0, sigma) }
      scaleSlopes[place % m] += ReferenceObservation.slope(s) {
        reference.loss(x, mu, ReferenceObservation.sharedScale($0))
      }
    }
    #expect(abs(loss - expected) < 2e-6 * (Double(Self.rows * m) + abs(expected)))
    #expect(meanGradient.error(from: meanSlopes) < 5e-6)
    #expect(scaleGradient.error(from: scaleSlopes) < 1e-5)
  }

  @Test(arguments: ReferenceObservation.all, variableCounts)
  func scoreIsTheMeanOverTheDraws(_ reference: ReferenceObservation, _ m: Int) {
    for draws in [1, 3, 4, 5, 8, 30] {
      for shared in [false, true] {
        var values = SampleValues(seed: 17)
        let stride = shared ? m : 2 * m
        let output = values.floats(draws * stride, in: -2...2)
        let logScale = values.floats(m).enumerated().map { $0 % 4 == 2 ? -4 : $1 }
        let target = Self.target(&values, m)
        var parts = [Float](repeating: .nan, count: m)
        var reconstruction = parts
        var partSpan = parts.mutableSpan
        var reconstructionSpan = reconstruction.mutableSpan
        reference.kernel.score(
          output: output.span, logScale: shared ? logScale : nil, target: target.span,
          parts: &partSpan, reconstruction: &reconstructionSpan, draws: draws, variables: m)

        var expectedParts = [Double](repeating: 0, count: m)
        var expectedMeans = expectedParts
        for k in 0..<draws {
          for j in 0..<m {
            let mean = Double(output[k * stride + j])
            let sigma =
              shared
              ? ReferenceObservation.sharedScale(Double(logScale[j]))
              : ReferenceObservation.networkScale(Double(output[k * stride + m + j]))
            expectedParts[j] += reference.loss(Double(target[j]), mean, sigma) / Double(draws)
            expectedMeans[j] += mean / Double(draws)
          }
        }
        #expect(parts.error(from: expectedParts) < 2e-6, "\(draws) draws, shared \(shared)")
        #expect(reconstruction.error(from: expectedMeans) < 1e-6)
      }
    }
  }
}
