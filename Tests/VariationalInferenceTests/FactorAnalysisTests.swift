import GoldenValues
import LinearAlgebra
import Testing
import VariationalInference

@Suite struct FactorAnalysisTests {
  /// L Lᵀ + diag ψ.
  private func covariance(_ model: FactorAnalysis, noise: [Double]? = nil) -> SymmetricMatrix {
    let n = model.features
    let d = model.factors
    var result = SymmetricMatrix(order: n, elements: [Double](repeating: 0, count: n * n))
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<d { result[i, j] += model.loadings[i * d + k] * model.loadings[j * d + k] }
      }
      result[i, i] += (noise ?? model.noise)[i]
    }
    return result
  }

  /// The mean over the rows of ln p(x), given their second moments.
  private func likelihood(_ moments: SymmetricMatrix, _ covariance: SymmetricMatrix) -> Double {
    guard let factor = covariance.choleskyFactor() else { return -.infinity }
    let inverse = factor.inverse()
    let trace = zip(inverse.elements, moments.elements).reduce(0) { $0 + $1.0 * $1.1 }
    return -0.5
      * (Double(moments.order) * (2 * Double.pi).logarithm + factor.logDeterminant + trace)
  }

  private func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  /// A model with loadings and noise in no order, on features of variance 1.
  private func planted(features: Int, factors: Int) -> FactorAnalysis {
    let draws = GoldenDraws.values(17, features * factors).map(Double.init)
    var loadings: [Double] = []
    var noise: [Double] = []
    for i in 0..<features {
      let row = draws[i * factors..<(i + 1) * factors]
      let communality = 0.35 + 0.5 * Double(i * 5 % 7) / 7
      let length = row.reduce(0) { $0 + $1 * $1 }
      loadings += row.map { $0 * (communality / length).squareRoot() }
      noise.append(1 - communality)
    }
    return FactorAnalysis(features: features, factors: factors, loadings: loadings, noise: noise)
  }

  @Test(arguments: [0, 1]) func agreesWithScikitLearn(_ index: Int) throws {
    let golden = try #require(Golden.values?.factorAnalyses[index])
    let moments = SymmetricMatrix(order: golden.features, elements: golden.moments)
    let fit = try #require(
      FactorAnalysis(
        fitting: moments, factors: golden.factors, iterations: 100_000, tolerance: 1e-9))
    let implied = covariance(fit)
    #expect(distance(implied.elements, golden.covariance) < 1e-3)
    #expect(abs(likelihood(moments, implied) - golden.likelihood) < 1e-6)
  }

  @Test(arguments: [(6, 1), (9, 2), (15, 4)])
  func recoversAPlantedModel(_ features: Int, _ factors: Int) throws {
    let model = planted(features: features, factors: factors)
    let moments = covariance(model)
    let fit = try #require(
      FactorAnalysis(fitting: moments, factors: factors, iterations: 100_000, tolerance: 1e-10))
    #expect(distance(covariance(fit).elements, moments.elements) < 1e-6)
    #expect(distance(fit.noise, model.noise) < 1e-5)
  }

  /// Lᵀ ψ⁻¹ L is diagonal and descends; each column's largest scaled entry is positive.
  @Test func theRotationIsCanonical() throws {
    let n = 10
    let d = 3
    let fit = try #require(
      FactorAnalysis(fitting: covariance(planted(features: n, factors: d)), factors: d))
    var inner = [Double](repeating: 0, count: d * d)
    for k in 0..<d {
      for l in 0..<d {
        for i in 0..<n {
          inner[k * d + l] += fit.loadings[i * d + k] * fit.loadings[i * d + l] / fit.noise[i]
        }
      }
    }
    for k in 0..<d {
      for l in 0..<d where l != k { #expect(abs(inner[k * d + l]) < 1e-9 * inner[0]) }
      if k > 0 { #expect(inner[k * d + k] <= inner[(k - 1) * d + k - 1]) }
      let column = (0..<n).map { fit.loadings[$0 * d + k] / fit.noise[$0].squareRoot() }
      #expect((column.max() ?? 0) >= -(column.min() ?? 0))
    }
  }

  /// m = Lᵀ Σ⁻¹ x and cov = I - Lᵀ Σ⁻¹ L, whatever the noise and the features that are seen.
  @Test(arguments: [false, true], [0..<7, 2..<6])
  func posteriorIsTheDirectOne(_ own: Bool, _ seen: Range<Int>) throws {
    let d = 2
    let model = planted(features: 7, factors: d)
    let noise = own ? (0..<7).map { 0.2 + 0.1 * Double($0) } : model.noise
    let posterior = model.posterior(
      noise: own ? noise : nil, observed: seen == 0..<7 ? nil : seen)

    let part = FactorAnalysis(
      features: seen.count, factors: d,
      loadings: Array(model.loadings[seen.lowerBound * d..<seen.upperBound * d]),
      noise: Array(noise[seen]))
    let inverse = try #require(covariance(part).choleskyFactor()).inverse()
    var precision = [Double](repeating: 0, count: d)
    for k in 0..<d {
      var gain = [Double](repeating: 0, count: 7)
      for i in 0..<seen.count {
        precision[k] += part.loadings[i * d + k] * part.loadings[i * d + k] / part.noise[i]
        for j in 0..<seen.count {
          gain[seen.lowerBound + i] += part.loadings[j * d + k] * inverse[j, i]
        }
      }
      #expect(distance(Array(posterior.gain[k * 7..<(k + 1) * 7]), gain) < 1e-12)
      for l in 0..<d {
        var expected = k == l ? 1.0 : 0
        for i in 0..<seen.count { expected -= gain[seen.lowerBound + i] * part.loadings[i * d + l] }
        #expect(abs(posterior.covariance[k, l] - expected) < 1e-12)
      }
      #expect(abs(posterior.meanFieldVariance[k] - 1 / (1 + precision[k])) < 1e-12)
    }
  }

  /// Each step of expectation maximisation makes the participant's data more likely, up to its
  /// own noise.
  @Test func ownNoiseRisesInLikelihood() {
    let model = planted(features: 8, factors: 2)
    let truth = model.noise.enumerated().map { $1 * ($0 % 2 == 0 ? 0.4 : 2.5) }
    let moments = covariance(model, noise: truth)
    var last = likelihood(moments, covariance(model))
    for iterations in 1...12 {
      let own = model.ownNoise(moments: moments, rows: 500, iterations: iterations)
      let next = likelihood(moments, covariance(model, noise: own))
      #expect(next >= last - 1e-12, "iteration \(iterations)")
      last = next
    }
    let own = model.ownNoise(moments: moments, rows: 500, iterations: 3000)
    #expect(distance(own, truth) < 1e-4)
  }

  @Test func aPriorHoldsOwnNoiseBack() {
    let model = planted(features: 8, factors: 2)
    let truth = model.noise.map { 3 * $0 }
    let moments = covariance(model, noise: truth)
    let free = model.ownNoise(moments: moments, rows: 10, iterations: 500)
    let held = model.ownNoise(moments: moments, rows: 10, priorRows: 10, iterations: 500)
    let fixed = model.ownNoise(moments: moments, rows: 10, priorRows: 1e9, iterations: 500)
    #expect(distance(fixed, model.noise) < 1e-6)
    for i in 0..<8 {
      #expect(held[i] > model.noise[i] && held[i] < free[i])
    }
    let zeros = SymmetricMatrix(order: 8, elements: [Double](repeating: 0, count: 64))
    let floored = model.ownNoise(moments: zeros, rows: 10, noiseFloor: 1e-3, iterations: 2000)
    #expect(floored.allSatisfy { $0 >= 1e-3 })
  }

  @Test func momentsThatAreNotFiniteGiveNothing() {
    var moments = SymmetricMatrix(identityOfOrder: 4)
    moments[1, 2] = .nan
    #expect(FactorAnalysis(fitting: moments, factors: 1) == nil)
    #expect(FactorAnalysis.factorCount(of: moments) == nil)
  }

  /// A feature that a factor explains wholly ends at the floor, not at 0 or below.
  @Test func aHeywoodCaseEndsAtTheFloor() throws {
    var moments = SymmetricMatrix(identityOfOrder: 4)
    for i in 1..<4 {
      moments[0, i] = 0.88
      moments[i, 0] = 0.88
      for j in 1..<4 where j != i { moments[i, j] = 0.7 }
    }
    let fit = try #require(
      FactorAnalysis(fitting: moments, factors: 1, noiseFloor: 1e-3, iterations: 5000))
    #expect(fit.noise[0] == 1e-3)
    #expect(fit.noise.allSatisfy { $0 >= 1e-3 } && fit.loadings.allSatisfy(\.isFinite))
  }

  @Test func theNumberOfFactorsFollowsTheEigenvalues() {
    var moments = SymmetricMatrix(identityOfOrder: 6)
    #expect(FactorAnalysis.factorCount(of: moments) == 1)  // none above 1
    for (i, value) in [3.0, 2, 0.5, 0.3, 0.1, 0.1].enumerated() { moments[i, i] = value }
    #expect(FactorAnalysis.factorCount(of: moments) == 3)
    #expect(FactorAnalysis.factorCount(of: moments, factor: 1) == 2)
    #expect(FactorAnalysis.factorCount(of: moments, factor: 100) == 5)
  }
}
