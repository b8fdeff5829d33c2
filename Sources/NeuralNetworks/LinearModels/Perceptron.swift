/// The perceptron of Rosenblatt 1958 with step 1: whole numbers as weights, changed by mistakes only.
///
/// It starts at 0; a sum of 0 is a negative prediction.
public struct Perceptron: LinearClassifier, Hashable {
  public private(set) var weights: [Int64]
  /// The weight of all samples.
  public private(set) var bias: Int64 = 0

  public init(featureCount: Int) { weights = Array(repeating: 0, count: featureCount) }

  public var featureCount: Int { weights.count }

  /// Σ w_j over the sample's features, and the bias.
  public func score(_ features: Span<UInt16>) -> Int64 {
    let weights = weights.span
    var sum = bias
    for place in features.indices { sum &+= weights[Int(features[place])] }
    return sum
  }

  public func isPositive(_ features: Span<UInt16>) -> Bool { score(features) > 0 }

  public mutating func learn(_ features: Span<UInt16>, isPositive: Bool) {
    if self.isPositive(features) != isPositive { add(isPositive ? 1 : -1, features) }
  }

  /// Adds a step to the weights of some features, and to the bias.
  mutating func add(_ step: Int64, _ features: Span<UInt16>) {
    bias += step
    var weights = weights.mutableSpan
    for place in features.indices { weights[Int(features[place])] += step }
  }
}
