/// The accuracy-coverage curve of scores of normal rows (CollabDict 2018, Sec. V-B, where coverage and
/// accuracy are defined by the same words; here coverage is the position of a threshold in the range
/// of the scores, and accuracy the share of rows whose scores are not above it).
///
/// The curve is high when most rows score low beside the highest score. It says nothing of whether
/// what scores high deserves it.
public struct AccuracyCoverage: Sendable, Equatable {
  /// (score - least) / (greatest - least), ascending.
  public let positions: [Double]

  /// - Returns: `nil` when the scores are all the same, or when there are none.
  /// - Precondition: no score is NaN or infinite.
  public init?(_ scores: [Double]) {
    precondition(scores.allSatisfy(\.isFinite), "scores that are not finite have no range")
    guard let least = scores.min(), let greatest = scores.max(), greatest > least else {
      return nil
    }
    positions = scores.map { ($0 - least) / (greatest - least) }.sorted()
  }

  /// The share of rows at or below a position in 0...1.
  public func accuracy(at coverage: Double) -> Double {
    var (low, high) = (0, positions.count)
    while low < high {
      let middle = (low + high) / 2
      if positions[middle] <= coverage { low = middle + 1 } else { high = middle }
    }
    return Double(low) / Double(positions.count)
  }

  /// The area under the curve: exactly 1 minus the mean position.
  public var area: Double { 1 - positions.reduce(0, +) / Double(positions.count) }
}
