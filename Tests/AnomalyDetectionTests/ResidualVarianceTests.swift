import AnomalyDetection
import Testing

@Suite struct ResidualVarianceTests {
  private let model = SampleModel(variables: 3, latent: 1)

  private func variance(
    _ rows: [Float], prior: [Double] = [1, 1, 1], priorRows: Double = 0, floor: Double = 0
  ) -> [Double] {
    var residuals = ResidualVariance(model.structure, phi: model.local.phi, theta: model.theta)
    // In two pieces, which must not matter.
    let half = rows.count / 6 * 3
    residuals.add(Array(rows[..<half]), rows: half / 3)
    residuals.add(Array(rows[half...]), rows: (rows.count - half) / 3)
    return residuals.variance(prior: prior, priorRows: priorRows, floor: floor)
  }

  /// The mean over rows of the squared residual and of what the posterior adds to it.
  private func expected(_ rows: [Float]) -> [Double] {
    let loadings = model.decoder("linear.weight")
    var sums = [0.0, 0, 0]
    var counts = [0.0, 0, 0]
    for row in 0..<rows.count / 3 {
      let x = (0..<3).map { Double(rows[3 * row + $0]) }
      let (mean, variance) = model.posterior(x.map { $0.isNaN ? 0 : $0 })
      let output = model.decoded(mean)
      for v in 0..<3 where !x[v].isNaN {
        let residual = x[v] - output[v]
        sums[v] += residual * residual + loadings[v] * loadings[v] * variance[0]
        counts[v] += 1
      }
    }
    return zip(sums, counts).map { $0 / $1 }
  }

  @Test(arguments: [nil, 5] as [Int?]) func agreesWithTheFormula(missingEvery: Int?) {
    let rows = sampleRows(60, 3, missingEvery: missingEvery)
    for (a, b) in zip(variance(rows), expected(rows)) { #expect(isNear(a, b, 1e-4)) }
  }

  @Test func thePriorCountsAsRows() {
    let rows = sampleRows(60, 3)
    let own = variance(rows)
    let mixed = variance(rows, prior: [4, 5, 6], priorRows: 20)
    for v in 0..<3 {
      #expect(isNear(mixed[v], (60 * own[v] + 20 * Double(4 + v)) / 80, 1e-9))
    }
  }

  @Test func theFloorHoldsAndMissingColumnsGetThePrior() {
    var rows = sampleRows(60, 3)
    for row in 0..<60 { rows[3 * row + 2] = .nan }
    let result = variance(rows, prior: [1, 1, 7], priorRows: 10, floor: 5)
    #expect(result[2] == 7)
    #expect(result.allSatisfy { $0 >= 5 })
  }
}
