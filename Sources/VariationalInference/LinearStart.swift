import AutomaticDifferentiation
import LinearAlgebra
import NeuralNetworks

extension Decoder {
  /// Sets the linear path to the loadings and the scales to the noise of a factor analysis.
  public func start(
    _ theta: inout [Float], _ layout: ParameterLayout, from analysis: FactorAnalysis
  ) {
    guard let linear else { return }
    let features = architecture.features
    let weight = layout.slots[linear.weight].offset
    for k in 0..<analysis.factors {
      for i in 0..<features {
        theta[weight + k * linear.outputs + i] = Float(
          analysis.loadings[i * analysis.factors + k])
      }
    }
    for i in 0..<features {
      let scale = max(analysis.noise[i].squareRoot(), Double(architecture.scaleFloor))
      if let logScale {
        theta[layout.slots[logScale].offset + i] = Float(scale.logarithm)
      } else {
        // The raw scale whose softplus, plus the floor, is the noise.
        let above = max(scale - Double(architecture.scaleFloor), 1e-4)
        theta[layout.slots[linear.bias].offset + features + i] = Float(
          (above.exponential - 1).logarithm)
      }
    }
  }
}

extension Encoder {
  /// Sets the linear path to the posterior mean, and the log variances to the mean-field posterior
  /// variances, of a factor analysis with the given noise.
  public func start(
    _ phi: inout [Float], _ layout: ParameterLayout, from analysis: FactorAnalysis, noise: [Double]
  ) {
    guard let linear else { return }
    let posterior = analysis.posterior(noise: noise)
    let weight = layout.slots[linear.weight].offset
    for k in 0..<analysis.factors {
      for i in 0..<analysis.features {
        phi[weight + i * linear.outputs + k] = Float(posterior.gain[k * analysis.features + i])
      }
      phi[layout.slots[linear.bias].offset + analysis.factors + k] = Float(
        posterior.meanFieldVariance[k].logarithm)
    }
  }
}
