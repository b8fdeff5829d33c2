/// A perceptron whose mean over all steps predicts (Freund and Schapire 1999, “Large margin
/// classification using the perceptron algorithm”).
///
/// With w_s the weights behind step s, the sum over T steps is kept lazily, in whole numbers, and
/// without touching a weight that does not change: Σ w_s = (T + 1) w_T − u, where a change of w by δ
/// in step t adds t δ to u.
public struct AveragedPerceptron: LinearClassifier, Hashable {
  /// The last iterate.
  public private(set) var iterate: Perceptron
  /// u: changes, weighted with their steps.
  private var delayed: Perceptron
  /// T: the samples that were learnt from.
  public private(set) var steps: Int64 = 0

  public init(featureCount: Int) {
    iterate = Perceptron(featureCount: featureCount)
    delayed = iterate
  }

  public var featureCount: Int { iterate.featureCount }

  /// T times the mean's sum for a sample.
  public func summedScore(_ features: Span<UInt16>) -> Int64 {
    Self.summedScore(iterate.score(features), delayed.score(features), steps: steps)
  }

  /// The same from the sums of ``iterate`` and of u.
  static func summedScore(_ last: Int64, _ delayed: Int64, steps: Int64) -> Int64 {
    (steps &+ 1) &* last &- delayed
  }

  /// T times the mean's weights, behind them T times its bias.
  public var summedWeights: [Int64] {
    zip(iterate.weights + [iterate.bias], delayed.weights + [delayed.bias]).map {
      Self.summedScore($0, $1, steps: steps)
    }
  }

  public func isPositive(_ features: Span<UInt16>) -> Bool { summedScore(features) > 0 }

  public mutating func learn(_ features: Span<UInt16>, isPositive: Bool) {
    _ = step(features, isPositive: isPositive)
  }

  /// Learns from one sample.
  ///
  /// - Returns: by what the weights of its features, and the bias, have changed: 1, −1 or 0.
  public mutating func step(_ features: Span<UInt16>, isPositive: Bool) -> Int64 {
    steps += 1
    if iterate.isPositive(features) == isPositive { return 0 }
    let step: Int64 = isPositive ? 1 : -1
    iterate.add(step, features)
    delayed.add(step * steps, features)
    return step
  }

  /// The sums of a sample for ``iterate`` and for u: what ``prediction(of:)`` needs of it later.
  public func scores(_ features: Span<UInt16>) -> PerceptronScores {
    PerceptronScores(last: iterate.score(features), delayed: delayed.score(features))
  }

  /// The prediction for a sample whose sums are known.
  @inlinable
  public func isPositive(_ scores: PerceptronScores) -> Bool {
    (steps &+ 1) &* scores.last &- scores.delayed > 0
  }
}

/// What an ``AveragedPerceptron`` makes of one sample. It stays true between mistakes; of a mistake it
/// needs to know how many features the two samples share.
public struct PerceptronScores: Sendable, Hashable {
  public var last: Int64
  public var delayed: Int64

  public init(last: Int64, delayed: Int64) {
    self.last = last
    self.delayed = delayed
  }

  /// Follows a change of the weights.
  ///
  /// - Parameters:
  ///   - change: what ``AveragedPerceptron/step(_:isPositive:)`` returned.
  ///   - step: its number, from 1.
  ///   - shared: features that both samples have; the bias comes on top.
  @inlinable
  public mutating func follow(_ change: Int64, step: Int64, shared: Int) {
    let sum = change &* Int64(shared &+ 1)
    last &+= sum
    delayed &+= step &* sum
  }
}
