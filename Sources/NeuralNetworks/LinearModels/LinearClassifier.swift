/// A classifier of samples that have a few of many features: a weighted sum of those, and its sign.
///
/// A plain value, which learns from one sample at a time.
public protocol LinearClassifier: Sendable {
  /// One weight a feature, and one for all samples.
  init(featureCount: Int)

  var featureCount: Int { get }

  /// The label that is predicted: whether the sum is above 0.
  ///
  /// - Parameter features: sorted, without repetitions, below ``featureCount``.
  func isPositive(_ features: Span<UInt16>) -> Bool

  /// Learns from one sample.
  mutating func learn(_ features: Span<UInt16>, isPositive: Bool)
}
