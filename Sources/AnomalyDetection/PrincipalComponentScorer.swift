import Datasets
import LinearAlgebra
import Metrics

/// Principal component analysis as it monitors processes: T² within the principal subspace and Q, the
/// squared prediction error, beside it, each over its limit and then added (the combined index of Yue
/// and Qin 2001).
///
/// T² = Σₐ tₐ² / λₐ with the scores t = Pᵀ z and their variances λ; Q = ‖z - P t‖². The limits are the
/// training rows' own 99 % quantiles, so that neither statistic needs a distribution. A variable's
/// part is (M^½ z)ᵢ² with M = P Λ⁻¹ Pᵀ and M = I - P Pᵀ in turn (Alcala and Qin 2011): never negative,
/// and adding up to the score.
///
/// Windows and smoothing are as in the other scorers; a missing value counts as its variable's mean.
public struct PrincipalComponentScorer: AnomalyScorer {
  public let variables: Int
  /// A, the dimensions of the principal subspace.
  public var components: Int { directions.count }
  /// What T² and Q are divided by.
  public let limits: (t2: Double, q: Double)
  private var deviations: WindowDeviations
  private let directions: Directions
  private let spreads: [Double]
  private var smoothedScores: CausalMean
  private var smoothedParts: CausalMean

  /// - Parameters:
  ///   - variance: the share of the variance that the principal subspace holds at least, in (0, 1].
  ///   - limitRate: the share of the training rows that may lie beyond each limit.
  /// - Returns: `nil` when the covariance is not finite or nothing varies.
  public init?(
    training rows: any RowSource, window length: Int, smoothing: Int, variance: Double = 0.9,
    limitRate: Double = 0.01
  ) throws {
    precondition(variance > 0 && variance <= 1, "a share \(variance) of the variance")
    let standardisation = WindowDeviations.unbounded(try DataSummary(rows))
    let window = CausalWindow(length)
    let moments = try WindowMoments(rows, standardisation: standardisation, window: window)
    guard moments.count > 1,
      let (values, vectors) = moments.covariance(over: moments.count - 1).eigendecomposition()
    else { return nil }
    let features = moments.centre.count
    let total = values.reduce(0) { $0 + max(0, $1) }
    guard total > 0, total.isFinite else { return nil }
    var directions = Directions(dimension: features)
    var spreads: [Double] = []
    var held = 0.0
    for k in (0..<features).reversed()
    where held < variance * total * (1 - 1e-12) && values[k] > 1e-10 * total {
      directions.append(vectors[k * features..<(k + 1) * features])
      spreads.append(values[k].squareRoot())
      held += values[k]
    }
    var series = WindowDeviations(standardisation, window, centre: moments.centre)
    var (t2, q): ([Double], [Double]) = ([], [])
    try rows.forEachPiece(of: 1024) { range, values in
      for r in 0..<range.count {
        let statistics = Self.statistics(series.next(values, r), directions, spreads)
        t2.append(statistics.t2)
        q.append(statistics.q)
      }
    }
    func limit(_ statistic: [Double]) -> Double {
      let value =
        AlarmThreshold.conformal(calibrationScores: statistic, falseAlarmRate: limitRate)
        ?? statistic.max() ?? 0
      // Where nothing is left beside the subspace, rounding must not be the measure of a row.
      return max(value, 1e-9 * Double(features))
    }
    limits = (limit(t2), limit(q))
    variables = rows.columnCount
    series.reset()
    deviations = series
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
    precondition(
      rows.count >= count * variables, "\(rows.count) values are not \(count) rows of \(variables)")
    var result = ScoredRows(variables: variables)
    let units = deviations.standardisation
    for r in 0..<count {
      let row = Self.statistics(deviations.next(rows, r), directions, spreads)
      result.scores.append(row.t2 / limits.t2 + row.q / limits.q)
      var parts = [Double](repeating: 0, count: variables)
      for f in row.residual.indices {
        parts[f % variables] +=
          row.root[f] * row.root[f] / limits.t2 + row.residual[f] * row.residual[f] / limits.q
      }
      result.parts.append(contentsOf: parts)
      for v in 0..<variables {
        let expected = row.fitted[v] + deviations.centre[v]
        result.reconstruction.append(units.restore(expected, column: v))
      }
      smoothedScores.apply(&result.scores, at: r)
      smoothedParts.apply(&result.parts, at: r * variables)
    }
    return result
  }

  private struct Row {
    var t2 = 0.0
    var q = 0.0
    /// P t, and what it leaves of the row.
    var fitted: [Double] = []
    var residual: [Double] = []
    /// P Λ^-½ t.
    var root: [Double] = []
  }

  private static func statistics(
    _ deviation: [Double], _ directions: Directions, _ spreads: [Double]
  ) -> Row {
    var row = Row()
    var lengths = directions.project(deviation)
    row.fitted = directions.combine(lengths)
    row.residual = deviation
    for f in deviation.indices {
      row.residual[f] -= row.fitted[f]
      row.q += row.residual[f] * row.residual[f]
    }
    for k in lengths.indices {
      lengths[k] /= spreads[k]
      row.t2 += lengths[k] * lengths[k]
    }
    row.root = directions.combine(lengths)
    return row
  }
}
