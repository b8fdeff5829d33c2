import Datasets
import LinearAlgebra

/// The squared Mahalanobis distance from the training rows' mean, with their full covariance: the
/// reference that needs no learning (Hotelling's T² with pseudo-inverse).
///
/// Windows and smoothing as in the model that it stands beside.
public struct MahalanobisScorer: AnomalyScorer {
  public let variables: Int
  private let window: CausalWindow
  private let standardisation: Standardisation
  private let centre: [Double]
  /// Rows that span what the covariance has not lost: `[rank, features]`, scaled to unit variance.
  private let whitening: [Double]
  private let rank: Int
  private var smoothing: CausalMean
  private var last: [[Double]] = []

  /// - Parameters:
  ///   - conditionLimit: directions whose variance is below this share of the largest are left
  ///     out: the pseudo-inverse.
  /// - Returns: `nil` when the covariance is not finite.
  public init?(
    training rows: any RowSource, window length: Int, smoothing: Int,
    conditionLimit: Double = 1e-10
  ) throws {
    let summary = try DataSummary(rows)
    // Constant columns get unit scale: they have no variance that could be inverted.
    let standardisation = Standardisation(
      mean: summary.columns.map { $0.count == 0 ? 0 : $0.mean },
      scale: summary.columns.map {
        $0.standardDeviation < 1e-8 * max(1, $0.mean.magnitude) ? 1 : $0.standardDeviation
      }, bound: .greatestFiniteMagnitude)
    let window = CausalWindow(length)
    let columns = rows.columnCount
    let features = length * columns
    var sums = [Double](repeating: 0, count: features)
    var moments = [Double](repeating: 0, count: features * features)
    let sequence = WindowSequence(
      rows, part: 0..<rows.rowCount, standardisation: standardisation, window: window)
    try sequence.forEachPiece(of: 1024) { range, values in
      var piece = [Double](repeating: 0, count: range.count * features)
      for i in piece.indices where !values[i].isNaN { piece[i] = Double(values[i]) }
      for r in 0..<range.count {
        for f in 0..<features { sums[f] += piece[r * features + f] }
      }
      var span = moments.mutableSpan
      addOuterProducts(of: piece.span, count: range.count, columns: features, to: &span)
    }
    let n = Double(rows.rowCount)
    guard n > 1 else { return nil }
    let centre = sums.map { $0 / n }
    for i in 0..<features {
      for j in 0..<features {
        moments[i * features + j] =
          (moments[i * features + j] - n * centre[i] * centre[j]) / (n - 1)
      }
    }
    guard
      let (values, vectors) = SymmetricMatrix(order: features, elements: moments)
        .eigendecomposition()
    else { return nil }
    let largest = values.last ?? 0
    var whitening: [Double] = []
    for k in 0..<features where values[k] > conditionLimit * largest && values[k] > 0 {
      let factor = 1 / values[k].squareRoot()
      for f in 0..<features { whitening.append(factor * vectors[k * features + f]) }
    }
    variables = columns
    self.window = window
    self.standardisation = standardisation
    self.centre = centre
    self.whitening = whitening
    rank = features == 0 ? 0 : whitening.count / features
    self.smoothing = CausalMean(length: smoothing, width: 1)
  }

  public mutating func reset() {
    last = []
    smoothing.reset()
  }

  public mutating func score(_ rows: [Float], count: Int) -> ScoredRows {
    var result = ScoredRows(variables: variables)
    let features = centre.count
    for r in 0..<count {
      var row = [Double](repeating: 0, count: variables)
      for v in 0..<variables {
        let value = Double(rows[r * variables + v])
        let z = (value - standardisation.mean[v]) / standardisation.scale[v]
        // An infinite reading is as far away as can be, but its distance must be a number.
        row[v] = value.isNaN ? 0 : min(max(z, -1e30), 1e30)
      }
      last.insert(row, at: 0)
      if last.count > window.length { last.removeLast() }
      var deviation = [Double](repeating: 0, count: features)
      for lag in 0..<window.length {
        // Before the first row of the series stands the first row.
        let source = last[min(lag, last.count - 1)]
        for v in 0..<variables {
          deviation[lag * variables + v] = source[v] - centre[lag * variables + v]
        }
      }
      var projected = [Double](repeating: 0, count: rank)
      if rank > 0 {
        var span = projected.mutableSpan
        multiply(
          whitening.span, .none, deviation.span, .none, into: &span, rows: rank, columns: 1,
          inner: features)
      }
      result.scores.append(projected.reduce(0) { $0 + $1 * $1 })
      smoothing.apply(&result.scores, at: r)
    }
    return result
  }
}
