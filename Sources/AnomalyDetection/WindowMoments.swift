import Datasets
import LinearAlgebra

/// Mean and scatter of a participant's standardised windows. A missing value counts as the mean of
/// its variable.
struct WindowMoments: Sendable {
  /// Rows at which a window ended.
  let count: Int
  /// `[features]`.
  let centre: [Double]
  /// Σ (x - centre)(x - centre)ᵀ, of order `features`.
  let scatter: SymmetricMatrix

  /// Reads all rows once, as one series.
  init(_ rows: any RowSource, standardisation: Standardisation, window: CausalWindow) throws {
    let features = window.length * rows.columnCount
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
    let n = Double(max(1, rows.rowCount))
    let centre = sums.map { $0 / n }
    for i in 0..<features {
      for j in 0..<features { moments[i * features + j] -= n * centre[i] * centre[j] }
    }
    count = rows.rowCount
    self.centre = centre
    scatter = SymmetricMatrix(order: features, elements: moments)
  }

  /// The scatter over a number of rows.
  func covariance(over rows: Int) -> SymmetricMatrix {
    SymmetricMatrix(order: scatter.order, elements: scatter.elements.map { $0 / Double(rows) })
  }
}

/// The windows of a series that comes row by row: standardised, less their mean.
struct WindowDeviations: Sendable {
  let standardisation: Standardisation
  let window: CausalWindow
  let centre: [Double]
  private var last: [[Double]] = []

  init(_ standardisation: Standardisation, _ window: CausalWindow, centre: [Double]) {
    self.standardisation = standardisation
    self.window = window
    self.centre = centre
  }

  /// The units of full-covariance references: as the training rows have them, without a bound.
  ///
  /// Constant columns get unit scale: they have no variance that could be inverted.
  static func unbounded(_ summary: DataSummary) -> Standardisation {
    Standardisation(
      mean: summary.columns.map { $0.count == 0 ? 0 : $0.mean },
      scale: summary.columns.map {
        $0.standardDeviation < 1e-8 * max(1, $0.mean.magnitude) ? 1 : $0.standardDeviation
      }, bound: .greatestFiniteMagnitude)
  }

  mutating func reset() { last = [] }

  /// Takes row `r` of `rows` and gives what its window deviates, `[features]`.
  mutating func next(_ rows: [Float], _ r: Int) -> [Double] {
    let variables = standardisation.columnCount
    var row = [Double](repeating: 0, count: variables)
    for v in 0..<variables {
      let value = Double(rows[r * variables + v])
      let z = (value - standardisation.mean[v]) / standardisation.scale[v]
      // An infinite reading is as far away as can be, but its distance must be a number.
      row[v] = value.isNaN ? 0 : min(max(z, -1e30), 1e30)
    }
    last.insert(row, at: 0)
    if last.count > window.length { last.removeLast() }
    var deviation = [Double](repeating: 0, count: centre.count)
    for lag in 0..<window.length {
      // Before the first row of the series stands the first row.
      let source = last[min(lag, last.count - 1)]
      for v in 0..<variables {
        deviation[lag * variables + v] = source[v] - centre[lag * variables + v]
      }
    }
    return deviation
  }
}

/// Some orthonormal directions of a space.
struct Directions: Sendable {
  /// `[count, dimension]`.
  private(set) var elements: [Double] = []
  private(set) var count = 0
  let dimension: Int

  init(dimension: Int) { self.dimension = dimension }

  mutating func append(_ direction: ArraySlice<Double>) {
    precondition(
      direction.count == dimension, "a direction of \(direction.count) in \(dimension) dimensions")
    elements.append(contentsOf: direction)
    count += 1
  }

  /// The lengths of a vector along the directions, `[count]`.
  func project(_ vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    guard count > 0 else { return result }
    var span = result.mutableSpan
    multiply(
      elements.span, .none, vector.span, .none, into: &span, rows: count, columns: 1,
      inner: dimension)
    return result
  }

  /// The vector with these lengths along the directions, `[dimension]`.
  func combine(_ lengths: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: dimension)
    guard count > 0 else { return result }
    var span = result.mutableSpan
    multiply(
      elements.span, .transposed, lengths.span, .none, into: &span, rows: dimension, columns: 1,
      inner: count)
    return result
  }
}
