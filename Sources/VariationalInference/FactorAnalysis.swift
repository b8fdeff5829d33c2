import LinearAlgebra

/// Maximum-likelihood factor analysis: x = L z + noise, z ~ N(0, I), noise ~ N(0, diag ψ).
///
/// The linear Gaussian autoencoder, solved in closed form: it gives the linear paths of encoder
/// and decoder their start (Tipping and Bishop 1999 for the case of equal ψ; Lawley and Maxwell
/// 1971 for this one). It needs only the second moments of the data, which participants can sum
/// without showing a row.
public struct FactorAnalysis: Sendable, Equatable {
  /// D, the number of features.
  public let features: Int
  /// d, the number of factors.
  public let factors: Int
  /// L, `[features, factors]`, with Lᵀ ψ⁻¹ L diagonal.
  public let loadings: [Double]
  /// ψ, `[features]`.
  public let noise: [Double]

  public init(features: Int, factors: Int, loadings: [Double], noise: [Double]) {
    precondition(
      loadings.count == features * factors && noise.count == features,
      "\(loadings.count) loadings and \(noise.count) variances for [\(features), \(factors)]")
    self.features = features
    self.factors = factors
    self.loadings = loadings
    self.noise = noise
  }

  /// The number of factors that a matrix of second moments calls for: `factor` times the number
  /// of its eigenvalues above 1 (Kaiser 1960), at least 1 and fewer than the features.
  ///
  /// `nil` when the matrix has an entry that is not finite.
  public static func factorCount(of moments: SymmetricMatrix, factor: Double = 1.5) -> Int? {
    guard let (values, _) = moments.eigendecomposition() else { return nil }
    // Features without spread have variance 1 here; rounding must not count them.
    let above = values.count { $0 > 1 + 1e-9 }
    let wanted = Int((factor * Double(above)).rounded(.up))
    return max(1, min(wanted, moments.order - 1))
  }

  /// Fits to second moments about 0 by alternating between L, given ψ, and ψ, given L.
  ///
  /// - Parameters:
  ///   - moments: `[features, features]`.
  ///   - factors: d.
  ///   - noiseFloor: the smallest ψ (Heywood cases end there).
  ///   - iterations: the most alternations; fewer when no ln ψ moves by `tolerance` any more.
  /// - Returns: `nil` when the moments are not finite.
  public init?(
    fitting moments: SymmetricMatrix, factors: Int, noiseFloor: Double = 1e-4,
    iterations: Int = 100, tolerance: Double = 1e-3
  ) {
    let n = moments.order
    precondition(factors >= 1 && factors <= n, "\(factors) factors of \(n) features")
    guard let start = Self.uniqueness(of: moments, floor: noiseFloor) else { return nil }
    var noise = start
    guard var loadings = Self.loadings(of: moments, factors, noise) else { return nil }
    for _ in 0..<iterations {
      var change = 0.0
      for i in 0..<n {
        var communality = 0.0
        for k in 0..<factors {
          communality += loadings[i * factors + k] * loadings[i * factors + k]
        }
        let updated = max(max(moments[i, i], noiseFloor) - communality, noiseFloor)
        change = max(change, (updated / noise[i]).logarithm.magnitude)
        noise[i] = updated
      }
      guard let next = Self.loadings(of: moments, factors, noise) else { return nil }
      loadings = next
      if change < tolerance { break }
    }
    self.init(features: n, factors: factors, loadings: loadings, noise: noise)
  }

  /// The start of ψ: what a ridge regression of each feature on the others leaves.
  private static func uniqueness(of moments: SymmetricMatrix, floor: Double) -> [Double]? {
    var ridge = moments
    for i in 0..<ridge.order { ridge[i, i] += 1e-3 }
    guard let inverse = ridge.choleskyFactor()?.inverse() else { return nil }
    return inverse.diagonal.map { min(max(1 / max($0, 1e-9), floor), 1) }
  }

  /// L, given ψ: the leading eigenvectors of ψ^-½ S ψ^-½, each with its eigenvalue's excess over 1.
  private static func loadings(
    of moments: SymmetricMatrix, _ factors: Int, _ noise: [Double]
  ) -> [Double]? {
    let n = moments.order
    var scaled = moments
    let inverseRoot = noise.map { 1 / $0.squareRoot() }
    for i in 0..<n {
      for j in 0..<n { scaled[i, j] *= inverseRoot[i] * inverseRoot[j] }
    }
    guard let (values, vectors) = scaled.eigendecomposition() else { return nil }
    var loadings = [Double](repeating: 0, count: n * factors)
    for k in 0..<factors {
      let row = n - 1 - k  // eigenvalues ascend
      let length = max(values[row] - 1, 0).squareRoot()
      // An eigenvector's sign is arbitrary; the largest entry is made positive, so that two
      // machines that agree on the numbers agree on the factor.
      var largest = 0
      for i in 0..<n
      where vectors[row * n + i].magnitude > vectors[row * n + largest].magnitude + 1e-12 {
        largest = i
      }
      let sign: Double = vectors[row * n + largest] < 0 ? -1 : 1
      for i in 0..<n {
        loadings[i * factors + k] = sign * vectors[row * n + i] * length / inverseRoot[i]
      }
    }
    return loadings
  }

  /// The posterior of z given x, for a noise that may be a participant's own.
  public struct Posterior: Sendable {
    /// G with mean m = G x, `[factors, features]`.
    public let gain: [Double]
    /// The covariance of z given x, `[factors, factors]`.
    public let covariance: SymmetricMatrix
    /// The variances of the nearest diagonal Gaussian in the sense of KL(q ‖ p): one over the
    /// diagonal of the precision.
    public let meanFieldVariance: [Double]
  }

  /// The posterior of z under these loadings and the given noise (default: the fitted one).
  ///
  /// - Parameter observed: which features are seen; the others have no say (default: all).
  public func posterior(noise own: [Double]? = nil, observed: Range<Int>? = nil) -> Posterior {
    let noise = own ?? self.noise
    let seen = observed ?? 0..<features
    precondition(noise.count == features, "\(noise.count) variances for \(features) features")
    var precision = SymmetricMatrix(identityOfOrder: factors)
    var weighted = [Double](repeating: 0, count: factors * features)  // Lᵀ ψ⁻¹
    for i in seen {
      for k in 0..<factors { weighted[k * features + i] = loadings[i * factors + k] / noise[i] }
    }
    do {
      var span = precision.elements.mutableSpan
      multiply(
        weighted.span, .none, loadings.span, .none, into: &span, rows: factors, columns: factors,
        inner: features, keep: 1)
    }
    // I + Lᵀ ψ⁻¹ L is positive definite for every positive ψ.
    guard let covariance = precision.choleskyFactor()?.inverse() else {
      preconditionFailure("loadings that are not finite")
    }
    var gain = [Double](repeating: 0, count: factors * features)
    var span = gain.mutableSpan
    multiply(
      covariance.elements.span, .none, weighted.span, .none, into: &span, rows: factors,
      columns: features, inner: factors)
    return Posterior(
      gain: gain, covariance: covariance, meanFieldVariance: precision.diagonal.map { 1 / $0 })
  }

  /// One participant's own ψ under the shared loadings, by expectation maximisation on its own
  /// moments.
  ///
  /// - Parameters:
  ///   - moments: the participant's second moments, divided by its rows.
  ///   - rows: how many rows they come from.
  ///   - priorRows: the shared ψ counts as that many rows more.
  public func ownNoise(
    moments: SymmetricMatrix, rows: Int, priorRows: Double = 0, noiseFloor: Double = 1e-4,
    iterations: Int = 20
  ) -> [Double] {
    let n = Double(rows)
    var own = noise
    let d = factors
    var projected = [Double](repeating: 0, count: features * d)  // S Gᵀ
    for _ in 0..<iterations {
      let posterior = posterior(noise: own)
      var projectedSpan = projected.mutableSpan
      multiply(
        moments.elements.span, .none, posterior.gain.span, .transposed, into: &projectedSpan,
        rows: features, columns: d, inner: features)
      var second = posterior.covariance.elements  // E[z zᵀ]
      var secondSpan = second.mutableSpan
      multiply(
        posterior.gain.span, .none, projected.span, .none, into: &secondSpan, rows: d, columns: d,
        inner: features, keep: 1)
      for i in 0..<features {
        var explained = 0.0
        for k in 0..<d {
          let load = loadings[i * d + k]
          explained -= 2 * projected[i * d + k] * load
          for l in 0..<d { explained += load * second[k * d + l] * loadings[i * d + l] }
        }
        let residual = moments[i, i] + explained
        own[i] = max((n * residual + priorRows * noise[i]) / (n + priorRows), noiseFloor)
      }
    }
    return own
  }
}
