/// The generalised Pareto distribution of excesses over a high threshold.
///
/// An excess y > 0 is surpassed with probability (1 + γ y / σ)^(−1/γ), or exp(−y / σ) for γ = 0:
/// the limit law of excesses over a rising threshold for nearly every distribution (Pickands,
/// "Statistical inference using extreme order statistics", Annals of Statistics 3, 1975).
public struct GeneralisedPareto: Hashable, Sendable {
  /// The shape γ: positive for a heavy tail, 0 for an exponential one, negative for one that ends at
  /// −σ / γ. (Hosking and Wallis write k = −γ.)
  public let shape: Double
  /// The scale σ > 0, in the unit of the excesses.
  public let scale: Double

  /// Creates the distribution with a finite `shape` and a positive, finite `scale`.
  public init(shape: Double, scale: Double) {
    precondition(shape.isFinite, "shape must be finite, but is \(shape)")
    precondition(scale > 0 && scale.isFinite, "scale must be positive and finite, but is \(scale)")
    self.shape = shape
    self.scale = scale
  }

  /// The excess that is surpassed with the given probability, in 0...1.
  ///
  /// At probability 0 it is the end of the tail, which is +∞ unless the shape is negative.
  public func excess(exceedanceProbability: Double) -> Double {
    requireUnitInterval(exceedanceProbability, "exceedanceProbability")
    let logarithm = naturalLogarithm(exceedanceProbability)
    if shape == 0 { return -scale * logarithm }
    return scale * exponentialMinusOne(-shape * logarithm) / shape
  }

  /// The sum of log densities at `excesses` [N], each at least 0; −∞ if one lies beyond the end.
  public func logLikelihood(of excesses: [Double]) -> Double {
    excesses.reduce(0) { sum, excess in
      let scaled = excess / scale
      if shape == 0 { return sum - naturalLogarithm(scale) - scaled }
      guard shape * scaled >= -1 else { return -.infinity }
      // At shape −1 the density is flat up to its end, where the logarithm alone would be −∞.
      let decay = shape == -1 ? 0 : (1 + 1 / shape) * naturalLogarithm(onePlus: shape * scaled)
      return sum - naturalLogarithm(scale) - decay
    }
  }
}

// MARK: - Maximum likelihood

extension GeneralisedPareto {
  /// Fits the distribution to `excesses` [N], each positive and finite, by maximum likelihood.
  ///
  /// With x = γ / σ, γ̂(x) is the mean of log(1 + x y), and only x is left to find: the likelihood is
  /// stationary where u(x) (1 + γ̂(x)) = 1, u(x) being the mean of 1 / (1 + x y) (Grimshaw,
  /// "Computing maximum likelihood estimates for the generalized Pareto distribution",
  /// Technometrics 35, 1993). All maxima on a fine grid are polished and compared. Shapes are kept
  /// at −1 or above, since below the likelihood has no bound; the fit at −1 is the uniform
  /// distribution up to the largest excess.
  ///
  /// The estimate is asymptotically normal for γ > −½ and needs some dozens of excesses to be of use
  /// (Hosking and Wallis, "Parameter and quantile estimation for the generalized Pareto
  /// distribution", Technometrics 29, 1987). The result is `nil` without an excess.
  public init?(fitting excesses: [Double]) {
    for (row, excess) in excesses.enumerated() {
      precondition(
        excess > 0 && excess.isFinite,
        "excesses[\(row)] of \(excesses.count) must be positive and finite, but is \(excess)")
    }
    guard let largest = excesses.max() else { return nil }
    let profile = ParetoProfile(relativeExcesses: excesses.map { $0 / largest })
    let best = profile.maximum()
    self.init(shape: best.shape, scale: best.scale * largest)
  }
}

/// The likelihood of excesses whose largest is 1, maximised over the shape for each x = γ / σ.
///
/// The position s = log(1 + x) runs over all reals while x runs over (−1, ∞), where the
/// distribution covers the largest excess.
private struct ParetoProfile {
  typealias Fit = (shape: Double, scale: Double, meanLogLikelihood: Double)

  let relativeExcesses: [Double]

  /// The most likely of the uniform distribution and all maxima with a shape above −1.
  func maximum() -> Fit {
    var best: Fit = (shape: -1, scale: 1, meanLogLikelihood: 0)
    // Outside these positions the slope keeps its sign: with N excesses, maxima of interest have
    // s between about −log N and γ log N.
    let (first, step, steps) = (-30.0, 0.25, 360)
    var rising = slope(at: first) > 0
    for index in 1...steps {
      let position = first + Double(index) * step
      let stillRising = slope(at: position) > 0
      if rising && !stillRising {
        let fit = fit(at: peak(between: position - step, and: position))
        if fit.meanLogLikelihood > best.meanLogLikelihood { best = fit }
      }
      rising = stillRising
    }
    return best
  }

  /// Halves an interval in which the slope falls through zero until no number lies inside.
  private func peak(between lower: Double, and upper: Double) -> Double {
    var (lower, upper) = (lower, upper)
    while true {
      let middle = lower + (upper - lower) / 2
      guard lower < middle, middle < upper, upper - lower > 1e-15 else { return middle }
      if slope(at: middle) > 0 { lower = middle } else { upper = middle }
    }
  }

  private func fit(at position: Double) -> Fit {
    let x = exponentialMinusOne(position)
    let shape = mean { naturalLogarithm(onePlus: x * $0) }
    let scale = x == 0 ? mean { $0 } : shape / x
    return (shape, scale, -naturalLogarithm(scale) - shape - 1)
  }

  /// A number with the sign of the derivative of the likelihood.
  private func slope(at position: Double) -> Double {
    let x = exponentialMinusOne(position)
    if x == 0 {
      // The limit of the derivative itself, as u(x) (1 + γ̂(x)) − 1 has a double root here.
      let mean = mean { $0 }
      return self.mean { $0 * $0 } / (2 * mean) - mean
    }
    return mean { 1 / (1 + x * $0) } * (1 + mean { naturalLogarithm(onePlus: x * $0) }) - 1
  }

  private func mean(_ transform: (Double) -> Double) -> Double {
    relativeExcesses.reduce(0) { $0 + transform($1) } / Double(relativeExcesses.count)
  }
}
