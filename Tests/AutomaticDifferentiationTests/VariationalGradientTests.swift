import AutomaticDifferentiation
import Foundation
import LinearAlgebra
import Tensors
import Testing

/// The variational autoencoder's operations: CollabDict 2024, Eqs. (21)-(31).
@Suite struct VariationalGradientTests {
  /// Narrow enough that some of the drawn log variances lie outside.
  static let range = LogVarianceRange(floor: -1, ceiling: 0.75)
  static func held(_ logVariance: Double) -> Double { min(max(logVariance, -1), 0.75) }

  static let gaussian: [GradientCheck] = [(1, 1), (3, 4), (5, 17)].flatMap { rows, d in
    let noise = GradientCheck.numbers(rows * d, salt: 50).map { 2 * $0 }
    return [
      GradientCheck("sample [\(rows), \(d)]", [[rows, 2 * d]]) {
        $0.gaussianSample(
          $1[0], noise: $0.constant(Tensor(Shape(rows, d), noise.map { Float($0) })),
          range: range)
      } reference: { inputs in
        ReferenceTensor([rows, d]) {
          inputs[0][$0] + exp(held(inputs[0][[$0[0], d + $0[1]]]) / 2) * noise[$0[0] * d + $0[1]]
        }
      },
      GradientCheck("divergence [\(rows), \(d)]", [[rows, 2 * d]]) {
        $0.gaussianDivergence($1[0], range: range)
      } reference: { inputs in
        let parts = ReferenceTensor([rows, d]) {
          let mean = inputs[0][$0]
          let logVariance = held(inputs[0][[$0[0], d + $0[1]]])
          return 0.5 * (exp(logVariance) + mean * mean - 1 - logVariance)
        }
        return .scalar(parts.sum)
      },
    ]
  }

  @Test(arguments: gaussian) func drawsAndDivergence(_ check: GradientCheck) { check.run() }

  @Test func divergencePerDimensionAddsUpToTheDivergence() {
    let tape = GradientTape()
    let moments = GradientCheck.numbers(4 * 6, salt: 51).map { Float($0) }
    let divergence = tape.gaussianDivergence(
      tape.input(Tensor(Shape(4, 6), moments)), range: Self.range)
    let parts = tape.divergencePerDimension(divergence)
    #expect(parts.count == 3)
    #expect(abs(parts.reduce(0, +) - tape.scalar(divergence)) < 1e-5)
    let expected = (0..<4).reduce(0.0) {
      let mean = Double(moments[6 * $1 + 1])
      let logVariance = Self.held(Double(moments[6 * $1 + 4]))
      return $0 + 0.5 * (exp(logVariance) + mean * mean - 1 - logVariance)
    }
    #expect(abs(Double(parts[1]) - expected) < 1e-5)
  }

  static let floor = 0.125

  static func model(_ nu: Double?) -> ObservationKernel {
    ObservationKernel(
      degreesOfFreedom: nu.map { Float($0) }, scaleFloor: Float(floor),
      logNormaliser: Float(logNormaliser(nu)))
  }

  static func logNormaliser(_ nu: Double?) -> Double {
    guard let nu else { return 0.5 * log(2 * .pi) }
    return lgamma(nu / 2) + 0.5 * log(nu * .pi) - lgamma((nu + 1) / 2)
  }

  /// -ln p(x | mean, σ), 0 where x is missing.
  static func loss(_ nu: Double?, _ x: Double, _ mean: Double, _ sigma: Double) -> Double {
    if x.isNaN { return 0 }
    let q = (x - mean) * (x - mean) / (sigma * sigma)
    let spread = nu.map { 0.5 * ($0 + 1) * log(1 + q / $0) } ?? 0.5 * q
    return logNormaliser(nu) + log(sigma) + spread
  }

  /// A target with missing values, if asked for.
  static func target(_ rows: Int, _ m: Int, missing: Bool) -> [Double] {
    GradientCheck.numbers(rows * m, salt: 52).enumerated().map {
      missing && $0 % 4 == 1 ? .nan : 2 * $1
    }
  }

  static let observations: [GradientCheck] = [nil, 2.5, 6].flatMap { (nu: Double?) in
    [false, true].flatMap { missing in
      [(3, 4), (2, 19)].flatMap { rows, m -> [GradientCheck] in
        let x = target(rows, m, missing: missing)
        let tensor = Tensor(Shape(rows, m), x.map { Float($0) })
        let name = "\(nu.map { "ν = \($0)" } ?? "Gaussian") [\(rows), \(m)] missing \(missing)"
        return [
          GradientCheck("\(name), network scale", [[rows, 2 * m]]) {
            $0.observationLoss(networkScale: $1[0], target: $0.constant(tensor), model(nu))
          } reference: { inputs in
            let parts = ReferenceTensor([rows, m]) {
              let sigma = floor + log1p(exp(inputs[0][[$0[0], m + $0[1]]]))
              return loss(nu, x[$0[0] * m + $0[1]], inputs[0][$0], sigma)
            }
            return .scalar(parts.sum)
          },
          GradientCheck("\(name), shared scale", [[rows, m], [m]]) {
            // Twice the drawn numbers: some scales fall under the floor.
            $0.observationLoss(
              mean: $1[0], logScale: $0.scale($1[1], by: 2), target: $0.constant(tensor),
              model(nu))
          } reference: { inputs in
            let parts = ReferenceTensor([rows, m]) {
              let sigma = max(floor, exp(2 * inputs[1][[$0[1]]]))
              return loss(nu, x[$0[0] * m + $0[1]], inputs[0][$0], sigma)
            }
            return .scalar(parts.sum)
          },
        ]
      }
    }
  }

  @Test(arguments: observations) func observationLosses(_ check: GradientCheck) { check.run() }

  @Test func aRowWithoutValuesCostsNothing() {
    let tape = GradientTape()
    let output = tape.input(Tensor(Shape(1, 4), [1, 2, 3, 4]))
    let target = tape.constant(Tensor(Shape(1, 2), repeating: .nan))
    let loss = tape.observationLoss(networkScale: output, target: target, Self.model(nil))
    tape.backward(from: loss)
    #expect(tape.scalar(loss) == 0)
    #expect(tape.gradient(of: output).elements.allSatisfy { $0 == 0 })
  }

  /// The whole evidence lower bound of a small autoencoder, by every parameter.
  static let bound = GradientCheck(
    "evidence lower bound", [[3, 4], [4], [2, 5], [5], [5, 6], [6]]
  ) { tape, p in
    let x = tape.constant(
      Tensor(Shape(4, 3), GradientCheck.numbers(12, salt: 60).map { Float($0) }))
    let noise = tape.constant(
      Tensor(Shape(4, 2), GradientCheck.numbers(8, salt: 61).map { Float($0) }))
    let moments = tape.affine(x, p[0], p[1])
    let z = tape.gaussianSample(moments, noise: noise, range: LogVarianceRange())
    let hidden = tape.affine(z, p[2], p[3], .tanh)
    let output = tape.affine(hidden, p[4], p[5])
    return tape.add(
      tape.observationLoss(networkScale: output, target: x, model(nil)),
      tape.gaussianDivergence(moments, range: LogVarianceRange()))
  } reference: { p in
    let x = ReferenceTensor([4, 3], GradientCheck.numbers(12, salt: 60))
    let noise = GradientCheck.numbers(8, salt: 61)
    let moments = x.product(p[0]).combined(with: p[1], +)
    let z = ReferenceTensor([4, 2]) {
      moments[$0] + exp(moments[[$0[0], 2 + $0[1]]] / 2) * noise[$0[0] * 2 + $0[1]]
    }
    let hidden = z.product(p[2]).combined(with: p[3], +).map { Foundation.tanh($0) }
    let output = hidden.product(p[4]).combined(with: p[5], +)
    let losses = ReferenceTensor([4, 3]) {
      loss(nil, x[$0], output[$0], floor + log1p(exp(output[[$0[0], 3 + $0[1]]])))
    }
    let divergences = ReferenceTensor([4, 2]) {
      let (mean, logVariance) = (moments[$0], moments[[$0[0], 2 + $0[1]]])
      return 0.5 * (exp(logVariance) + mean * mean - 1 - logVariance)
    }
    return .scalar(losses.sum + divergences.sum)
  }

  @Test func evidenceLowerBound() { Self.bound.run() }
}
