import LinearAlgebra

/// Logistic regression by stochastic gradient descent: what Ding and Hu 2022, Sec. V, ask for beyond
/// the perceptron.
///
/// One step a sample, on −ln p of its label, with a fixed step size; the last iterate predicts. Its
/// weights are floating-point numbers and need e^x of the platform: members of one chain would have to
/// run on processors and C libraries of the same kind. The perceptrons' whole numbers do not.
public struct LogisticRegression: LinearClassifier, Hashable {
  public private(set) var weights: [Double]
  /// The weight of all samples.
  public private(set) var bias = 0.0
  /// η.
  public let learningRate: Double

  /// By default with η = 0.01.
  public init(featureCount: Int) { self.init(featureCount: featureCount, learningRate: 0.01) }

  public init(featureCount: Int, learningRate: Double) {
    weights = Array(repeating: 0, count: featureCount)
    self.learningRate = learningRate
  }

  public var featureCount: Int { weights.count }

  /// ln(p / (1 − p)) of a positive label.
  public func score(_ features: Span<UInt16>) -> Double {
    let weights = weights.span
    // Four sums, so that no addition waits for the one before.
    var sums = (bias, 0.0, 0.0, 0.0)
    var place = 0
    while place + 4 <= features.count {
      sums.0 += weights[Int(features[place])]
      sums.1 += weights[Int(features[place + 1])]
      sums.2 += weights[Int(features[place + 2])]
      sums.3 += weights[Int(features[place + 3])]
      place += 4
    }
    while place < features.count {
      sums.0 += weights[Int(features[place])]
      place += 1
    }
    return (sums.0 + sums.1) + (sums.2 + sums.3)
  }

  public func isPositive(_ features: Span<UInt16>) -> Bool { score(features) > 0 }

  /// The probability of a positive label.
  public func probability(_ features: Span<UInt16>) -> Double {
    1 / (1 + (-score(features)).exponential)
  }

  public mutating func learn(_ features: Span<UInt16>, isPositive: Bool) {
    let step = learningRate * ((isPositive ? 1 : 0) - probability(features))
    bias += step
    var weights = weights.mutableSpan
    for place in features.indices { weights[Int(features[place])] += step }
  }
}
