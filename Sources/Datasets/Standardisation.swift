/// A participant's own units: each variable less its mean, over its standard deviation.
///
/// Mean and deviation come from the participant's training rows and never leave it.
public struct Standardisation: Sendable, Equatable {
  /// [M], in the variables' own units.
  public let mean: [Double]
  /// [M], positive.
  public let scale: [Double]
  /// Standardised values are held within ± this.
  public let bound: Float

  /// - Precondition: as many scales as means, each positive.
  public init(mean: [Double], scale: [Double], bound: Float = 20) {
    precondition(
      mean.count == scale.count && scale.allSatisfy { $0 > 0 },
      "\(mean.count) means with \(scale.count) positive scales")
    self.mean = mean
    self.scale = scale
    self.bound = bound
  }

  /// From the summary of the training rows.
  ///
  /// A variable that never moves in training has no deviation of its own. Any move of it is news,
  /// but how large a move is cannot be told from the data: its scale is `constantScale` times its
  /// magnitude, or times 1 for magnitudes below 1.
  public init(_ summary: DataSummary, bound: Float = 20, constantScale: Double = 0.01) {
    var mean: [Double] = []
    var scale: [Double] = []
    for column in summary.columns {
      mean.append(column.count == 0 ? 0 : column.mean)
      let magnitude = max(1, column.mean.magnitude)
      // Rounding leaves a constant column of large values a deviation of a few units in the last
      // place; that is no spread.
      if column.standardDeviation >= 1e-8 * magnitude && !column.isConstant {
        scale.append(column.standardDeviation)
      } else {
        scale.append(constantScale * magnitude)
      }
    }
    self.init(mean: mean, scale: scale, bound: bound)
  }

  /// M.
  public var columnCount: Int { mean.count }

  /// Standardises whole rows; NaN stays NaN.
  public func apply(_ raw: [Float], count: Int, into z: inout [Float]) {
    let width = columnCount
    if z.count < count * width { z = [Float](repeating: 0, count: count * width) }
    for r in 0..<count {
      for c in 0..<width {
        let value = Float((Double(raw[r * width + c]) - mean[c]) / scale[c])
        // NaN compares false with everything and passes through.
        z[r * width + c] = value > bound ? bound : value < -bound ? -bound : value
      }
    }
  }

  /// Takes one standardised value back to the variable's own unit.
  public func restore(_ z: Double, column: Int) -> Double { z * scale[column] + mean[column] }
}
