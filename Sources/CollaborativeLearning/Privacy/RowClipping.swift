/// Holds rows within a ball, so that no two of them are further apart than its diameter: R of
/// CollabDict 2024, Theorem 1, bounds distances, and a ball about 0 with radius R/2 sees to it.
public enum RowClipping {
  /// Scales every row that is longer than `radius` down to it. A missing value (NaN) counts as 0 and
  /// stays missing; an infinite one becomes missing.
  ///
  /// - Parameters:
  ///   - rows: `[count, features]`.
  ///   - radius: R/2, positive.
  /// - Returns: how many rows were longer.
  @discardableResult
  public static func clip(
    _ rows: inout MutableSpan<Float>, count: Int, features: Int, radius: Double
  ) -> Int {
    precondition(
      rows.count >= count * features && radius > 0,
      "\(rows.count) values for [\(count), \(features)], radius \(radius)")
    var clipped = 0
    for r in 0..<count {
      var square = 0.0
      for i in r * features..<(r + 1) * features {
        if rows[i].isInfinite { rows[i] = .nan }
        if !rows[i].isNaN { square += Double(rows[i]) * Double(rows[i]) }
      }
      let norm = square.squareRoot()
      guard norm > radius else { continue }
      clipped += 1
      // Rounding to Float must not lead out of the ball again.
      let factor = radius / norm * (1 - 0x1p-22)
      for i in r * features..<(r + 1) * features { rows[i] = Float(factor * Double(rows[i])) }
    }
    return clipped
  }

  /// The same for an array that holds the rows at its start.
  @discardableResult
  public static func clip(
    _ rows: inout [Float], count: Int, features: Int, radius: Double
  ) -> Int {
    var span = rows.mutableSpan
    return clip(&span, count: count, features: features, radius: radius)
  }
}
