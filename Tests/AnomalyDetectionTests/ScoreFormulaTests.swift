import AnomalyDetection
import LinearAlgebra
import Testing
import VariationalInference

/// Scores of linear models against what the equations say, in Double.
@Suite struct ScoreFormulaTests {
  /// With one latent variable the draws give its second moment exactly.
  @Test func gaussianScoreIsResidualPlusPosteriorVariance() {
    var model = SampleModel(variables: 3, latent: 1)
    model.options.observation = .gaussian
    let rows = sampleRows(40, 3)
    let scored = model.score(rows)
    let loadings = model.decoder("linear.weight")
    for row in 0..<40 {
      let x = (0..<3).map { Double(rows[3 * row + $0]) }
      let (mean, variance) = model.posterior(x)
      let expected = model.decoded(mean)
      for v in 0..<3 {
        let psi = model.local.noise[v]
        let residual = x[v] - expected[v]
        let q = (residual * residual + loadings[v] * loadings[v] * variance[0]) / psi
        let part = 0.5 * (2 * Double.pi * psi).logarithm + 0.5 * q
        #expect(isNear(scored.parts[3 * row + v], part, 1e-5))
        #expect(isNear(scored.reconstruction[3 * row + v], expected[v], 1e-5))
      }
    }
  }

  @Test(arguments: [
    ObservationModel.gaussian, .studentT(degreesOfFreedom: 50), .studentT(degreesOfFreedom: 3),
  ])
  func scoreIsTheMeanOverTheDraws(observation: ObservationModel) {
    var model = SampleModel(variables: 4, window: 2, latent: 3)
    model.options.observation = observation
    let rows = sampleRows(30, 4)
    let scored = model.score(rows)
    for row in 0..<30 {
      let before = max(0, row - 1)
      let window =
        (0..<4).map { Double(rows[4 * row + $0]) }
        + (0..<4).map { Double(rows[4 * before + $0]) }
      let (mean, variance) = model.posterior(window)
      var parts = [Double](repeating: 0, count: 4)
      for draw in model.draws {
        let z = (0..<3).map { mean[$0] + variance[$0].squareRoot() * draw[$0] }
        let output = model.decoded(z)
        for v in 0..<4 {
          let psi = model.local.noise[v]
          let residual = window[v] - output[v]
          let q = residual * residual / psi
          let constant = 0.5 * psi.logarithm
          switch observation {
          case .gaussian: parts[v] += constant + 0.5 * (2 * Double.pi).logarithm + 0.5 * q
          case .studentT(let nu):
            let n = Double(nu)
            parts[v] +=
              constant + (n / 2).logGamma - ((n + 1) / 2).logGamma
              + 0.5 * (n * Double.pi).logarithm + 0.5 * (n + 1) * (1 + q / n).logarithm
          }
        }
      }
      for v in 0..<4 {
        #expect(isNear(scored.parts[4 * row + v], parts[v] / Double(model.draws.count), 2e-5))
      }
    }
  }

  /// σ from the network: floor + softplus of the raw scale that belongs to the newest row.
  @Test(arguments: [1, 3]) func networkScales(window: Int) {
    var model = SampleModel(variables: 2, window: window, latent: 1) { $0.scale = .network }
    model.options.observation = .gaussian
    let rows = sampleRows(20, 2)
    let scored = model.score(rows)
    let features = 2 * window
    let weight = model.decoder("linear.weight")
    let bias = model.decoder("linear.bias")
    for row in 0..<20 {
      let x = (0..<window).flatMap { lag in
        (0..<2).map { Double(rows[2 * max(0, row - lag) + $0]) }
      }
      let (mean, variance) = model.posterior(x)
      var parts = [0.0, 0]
      for draw in model.draws {
        let z = mean[0] + variance[0].squareRoot() * draw[0]
        for v in 0..<2 {
          let raw = bias[features + v] + z * weight[features + v]
          let sigma = 0.01 + (1 + raw.exponential).logarithm
          let residual = (x[v] - bias[v] - z * weight[v]) / sigma
          parts[v] +=
            0.5 * (2 * Double.pi).logarithm + sigma.logarithm + 0.5 * residual * residual
        }
      }
      for v in 0..<2 {
        #expect(isNear(scored.parts[2 * row + v], parts[v] / Double(model.draws.count), 2e-5))
      }
    }
  }

  @Test func partsAddUpToTheScore() {
    var model = SampleModel(variables: 5, window: 3, latent: 2, hidden: [6])
    model.options.predictionWeight = 0.5
    for smoothing in [1, 4] {
      model.options.smoothing = smoothing
      let scored = model.score(sampleRows(50, 5, missingEvery: 11))
      for row in 0..<50 {
        let sum = scored.parts[5 * row..<5 * row + 5].reduce(0, +)
        #expect(isNear(scored.scores[row], sum, 1e-12))
      }
    }
  }

  @Test func reconstructionsAreInTheVariablesOwnUnits() {
    var model = SampleModel(variables: 2, latent: 1)
    let rows = sampleRows(10, 2)
    let plain = model.score(rows)
    model.local.standardisation = .init(mean: [10, -5], scale: [2, 0.5])
    var moved = rows
    for i in moved.indices { moved[i] = i % 2 == 0 ? 10 + 2 * rows[i] : -5 + rows[i] / 2 }
    let scored = model.score(moved)
    for i in rows.indices {
      let expected =
        i % 2 == 0 ? 10 + 2 * plain.reconstruction[i] : -5 + plain.reconstruction[i] / 2
      #expect(isNear(scored.reconstruction[i], expected, 1e-5))
      #expect(isNear(scored.parts[i], plain.parts[i], 1e-4))
    }
  }
}
