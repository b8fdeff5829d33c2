import AnomalyDetection
import LinearAlgebra
import Testing
import VariationalInference

/// The prediction's part of a score against the conditional Gaussian of the joint covariance LLᵀ + Ψ.
@Suite struct PredictionTests {
  /// The prediction's parts, `[rows, variables]`: scores with them less scores without.
  private func parts(_ model: SampleModel, _ rows: [Float], weight: Double) -> [Double] {
    var model = model
    let without = model.score(rows).parts
    model.options.predictionWeight = weight
    return zip(model.score(rows).parts, without).map { $0 - $1 }
  }

  @Test(arguments: [1, 2, 3]) func isTheConditionalGaussian(window: Int) throws {
    var model = SampleModel(variables: 3, window: window, latent: 4 - window / 2)
    model.options.predictionObservation = .gaussian
    let n = 3 * window
    let d = model.structure.architecture.latent
    let weight = model.decoder("linear.weight")
    func covariance(_ i: Int, _ j: Int) -> Double {
      (0..<d).reduce(i == j ? model.local.noise[i] : 0) {
        $0 + weight[$1 * n + i] * weight[$1 * n + j]
      }
    }
    // C_no C_oo⁻¹, where o are the rows before the newest.
    let m = n - 3
    var past = SymmetricMatrix(identityOfOrder: max(1, m))
    for i in 0..<m { for j in 0..<m { past[i, j] = covariance(3 + i, 3 + j) } }
    let inverse = try #require(past.choleskyFactor()?.inverse())
    let rows = sampleRows(25, 3)
    let found = parts(model, rows, weight: 0.7)
    for row in 0..<25 {
      let x = (0..<window).flatMap { lag in
        (0..<3).map { Double(rows[3 * max(0, row - lag) + $0]) }
      }
      for v in 0..<3 {
        var mean = 0.0
        var variance = covariance(v, v)
        for i in 0..<m {
          for j in 0..<m {
            let gain = covariance(v, 3 + i) * inverse[i, j]
            mean += gain * x[3 + j]
            variance -= gain * covariance(3 + j, v)
          }
        }
        let residual = x[v] - mean
        let expected =
          0.5 * (2 * Double.pi * variance).logarithm + 0.5 * residual * residual / variance
        #expect(isNear(found[3 * row + v], 0.7 * expected, 2e-5))
      }
    }
  }

  @Test func studentsTails() {
    var model = SampleModel(variables: 2, window: 1, latent: 1)
    model.options.predictionObservation = .studentT(degreesOfFreedom: 3)
    let weight = model.decoder("linear.weight")
    let rows = sampleRows(10, 2)
    let found = parts(model, rows, weight: 1)
    for (i, value) in rows.enumerated() {
      let variance = weight[i % 2] * weight[i % 2] + model.local.noise[i % 2]
      let q = Double(value) * Double(value) / variance
      let constant =
        1.5.logGamma - 2.0.logGamma + 0.5 * (3 * Double.pi).logarithm + 0.5 * variance.logarithm
      #expect(isNear(found[i], constant + 2 * (1 + q / 3).logarithm, 2e-5))
    }
  }

  @Test func withoutALinearPathThereIsNone() {
    let model = SampleModel(variables: 2, window: 2, latent: 1, hidden: [3]) {
      $0.linearPath = false
    }
    #expect(parts(model, sampleRows(10, 2), weight: 1).allSatisfy { $0 == 0 })
  }
}
