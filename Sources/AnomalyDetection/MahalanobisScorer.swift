import Datasets
import LinearAlgebra

/// The squared Mahalanobis distance from the training rows' mean, with their full covariance: the
/// reference that needs no learning (Hotelling's T² with pseudo-inverse).
///
/// A variable's part is the square of its component of M^½ (x - μ), where M is the pseudo-inverse: the
/// complete decomposition contribution of Alcala and Qin (2011). It is never negative, and the parts
/// add up to the score. Windows and smoothing as in the model that it stands beside.
public struct MahalanobisScorer: AnomalyScorer {
  public let variables: Int
  private var deviations: WindowDeviations
  /// What the covariance has not lost, and the standard deviation along each direction.
  private let directions: Directions
  private let spreads: [Double]
  private var smoothedScores: CausalMean
  private var smoothedParts: CausalMean

  /// - Parameters:
  ///   - conditionLimit: directions whose variance is below this share of the largest are left
  ///     out: the pseudo-inverse.
  /// - Returns: `nil` when the covariance is not finite.
  public init?(
    training rows: any RowSource, window length: Int, smoothing: Int,
    conditionLimit: Double = 1e-10
  ) throws {
    let standardisation = WindowDeviations.unbounded(try DataSummary(rows))
    let window = CausalWindow(length)
    let moments = try WindowMoments(rows, standardisation: standardisation, window: window)
    guard moments.count > 1,
      let (values, vectors) = moments.covariance(over: moments.count - 1).eigendecomposition()
    else { return nil }
    let features = moments.centre.count
    let largest = values.last ?? 0
    var directions = Directions(dimension: features)
    var spreads: [Double] = []
    for k in 0..<features where values[k] > conditionLimit * largest && values[k] > 0 {
      directions.append(vectors[k * features..<(k + 1) * features])
      spreads.append(values[k].squareRoot())
    }
    variables = rows.columnCount
    deviations = WindowDeviations(standardisation, window, centre: moments.centre)
    self.directions = directions
    self.spreads = spreads
    smoothedScores = CausalMean(length: smoothing, width: 1)
    smoothedParts = CausalMean(length: smoothing, width: variables)
  }

  public mutating func reset() {
    deviations.reset()
    smoothedScores.reset()
    smoothedParts.reset()
  }

  public mutating func score(_ rows: [Float], count: Int) -> ScoredRows {
    var result = ScoredRows(variables: variables)
    for r in 0..<count {
      var projected = directions.project(deviations.next(rows, r))
      for k in projected.indices { projected[k] /= spreads[k] }
      result.scores.append(projected.reduce(0) { $0 + $1 * $1 })
      var parts = [Double](repeating: 0, count: variables)
      for (f, root) in directions.combine(projected).enumerated() {
        parts[f % variables] += root * root
      }
      result.parts.append(contentsOf: parts)
      smoothedScores.apply(&result.scores, at: r)
      smoothedParts.apply(&result.parts, at: r * variables)
    }
    return result
  }
}
