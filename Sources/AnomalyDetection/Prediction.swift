import LinearAlgebra
import VariationalInference

/// What the rows before the newest one in a window let expect of it, under the linear path of the
/// decoder and the participant's own noise: the reconstruction probability of a row that is masked.
///
/// With windows of one row nothing comes before, and what is expected is the prior: mean 0 and the
/// variance of a variable under the model.
package struct Prediction: Sendable {
  private let variables: Int
  private let features: Int
  /// From a window to the expected newest row, `[features, variables]`; zeros for the newest row.
  package let weight: [Float]
  package let variance: [Double]
  package let constant: [Double]
  package let degreesOfFreedom: Double?
  package let share: Double

  /// `nil` without a linear path, or when its weight is 0.
  init?(_ structure: ModelStructure, theta: [Float], noise: [Double], options: ScoringOptions) {
    guard options.predictionWeight > 0,
      let model = structure.decoder.linearModel(theta, structure.decoderLayout, noise: noise)
    else { return nil }
    variables = structure.variables
    features = structure.architecture.features
    let d = model.factors
    let posterior = model.posterior(observed: variables..<features)
    var weight = [Double](repeating: 0, count: features * variables)
    let newest = Array(model.loadings.prefix(variables * d))
    do {
      // (F G)ᵀ = Gᵀ Fᵀ: [features, d] · [d, variables]
      var span = weight.mutableSpan
      multiply(
        posterior.gain.span, .transposed, newest.span, .transposed, into: &span, rows: features,
        columns: variables, inner: d)
    }
    self.weight = weight.map { Float($0) }
    var variance: [Double] = []
    for v in 0..<variables {
      var spread = noise[v]
      for k in 0..<d {
        for l in 0..<d {
          spread += newest[v * d + k] * posterior.covariance[k, l] * newest[v * d + l]
        }
      }
      variance.append(spread)
    }
    self.variance = variance
    let kernel = options.predictionObservation.kernel(
      scaleFloor: structure.architecture.scaleFloor)
    degreesOfFreedom = kernel.degreesOfFreedom.map { Double($0) }
    constant = variance.map { Double(kernel.logNormaliser) + 0.5 * $0.logarithm }
    share = options.predictionWeight
  }

  /// Expected newest rows, `[rows, variables]`.
  func predict(_ windows: [Float], rows: Int, into result: inout [Float]) {
    if result.count != rows * variables {
      result = [Float](repeating: 0, count: rows * variables)
    }
    var span = result.mutableSpan
    multiply(
      windows.span, .none, weight.span, .none, into: &span, rows: rows, columns: variables,
      inner: features)
  }

  /// The weighted -ln p of a standardised value; 0 of a missing one.
  func part(of value: Float, predicted: Float, variable: Int) -> Double {
    if value.isNaN { return 0 }
    let residual = Double(value) - Double(predicted)
    let q = residual * residual / variance[variable]
    guard let nu = degreesOfFreedom else { return share * (constant[variable] + 0.5 * q) }
    return share * (constant[variable] + 0.5 * (nu + 1) * (1 + q / nu).logarithm)
  }
}
