/// Location and spread of a sample, as the tables of repeated experiments report them.
public struct SampleSummary: Hashable, Sendable {
  /// The number of values.
  public let count: Int
  /// The arithmetic mean.
  public let mean: Double
  /// The middle value, or the mean of the two middle values.
  public let median: Double
  /// The sample standard deviation, with divisor N − 1; `nil` for a single value.
  public let standardDeviation: Double?

  /// Summarises `values` [N]; every statistic has their unit. The result is `nil` without a value.
  ///
  /// - Precondition: No value is NaN.
  public init?(of values: [Double]) {
    guard let median = quantile(0.5, of: values) else { return nil }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    self.count = values.count
    self.mean = mean
    self.median = median
    if values.count > 1 {
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      self.standardDeviation = (squares / (count - 1)).squareRoot()
    } else {
      self.standardDeviation = nil
    }
  }
}
