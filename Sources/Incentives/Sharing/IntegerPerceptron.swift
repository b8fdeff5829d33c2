import Ledger

/// A perceptron in whole numbers, for contracts on chains: the same predictions from the same samples on
/// every machine.
///
/// With step 1 all weights are whole. The mean of the weights over all T steps predicts (Freund and
/// Schapire 1999), or the last ones do, as in Ding and Hu 2022. For the mean, u sums the changes of a
/// weight, each times the number of its step, so that T times the mean is (T + 1) w − u. Arithmetic wraps
/// around: whatever weights a first block holds, nothing traps.
public struct IntegerPerceptron: UpdatableModel, Hashable {
  /// Which weights predict.
  public enum Prediction: UInt8, Sendable, Hashable, CaseIterable {
    case mean = 0
    case lastWeights = 1
  }

  public let prediction: Prediction
  /// w: one a feature.
  public private(set) var weights: [Int64]
  /// The weight of all samples.
  public private(set) var bias: Int64
  /// u: one a feature.
  public private(set) var delayedWeights: [Int64]
  public private(set) var delayedBias: Int64
  /// T: the samples that were learnt from.
  public private(set) var steps: Int64

  /// - Parameters:
  ///   - weights: w of each feature; of at most 65,536.
  ///   - delayedWeights: u of each; as many.
  public init(
    _ prediction: Prediction, weights: [Int64], bias: Int64, delayedWeights: [Int64],
    delayedBias: Int64, steps: Int64
  ) {
    precondition(
      weights.count == delayedWeights.count && weights.count <= 1 << 16,
      "\(weights.count) weights beside \(delayedWeights.count) delayed ones, of at most 65536")
    self.prediction = prediction
    self.weights = weights
    self.bias = bias
    self.delayedWeights = delayedWeights
    self.delayedBias = delayedBias
    self.steps = steps
  }

  /// One that has learnt nothing.
  public init(_ prediction: Prediction = .mean, featureCount: Int) {
    let zeros = [Int64](repeating: 0, count: featureCount)
    self.init(
      prediction, weights: zeros, bias: 0, delayedWeights: zeros, delayedBias: 0, steps: 0)
  }

  public var featureCount: Int { weights.count }

  /// What the prediction is the sign of: w · x, or T times the mean of the weights.
  ///
  /// - Precondition: ``problem(of:)`` has nothing to say.
  public func score(_ sample: FeatureList) -> Int64 {
    let last = Self.sum(weights, bias, sample)
    switch prediction {
    case .lastWeights: return last
    case .mean: return (steps &+ 1) &* last &- Self.sum(delayedWeights, delayedBias, sample)
    }
  }

  private static func sum(_ weights: [Int64], _ bias: Int64, _ sample: FeatureList) -> Int64 {
    var sum = bias
    for feature in sample.numbers { sum &+= weights[Int(feature)] }
    return sum
  }

  public func predict(_ sample: FeatureList) -> Bool { score(sample) > 0 }

  public mutating func update(_ sample: FeatureList, label: Bool) {
    steps &+= 1
    if (Self.sum(weights, bias, sample) > 0) == label { return }
    let step: Int64 = label ? 1 : -1
    let delayed = step &* steps
    bias &+= step
    delayedBias &+= delayed
    for feature in sample.numbers {
      weights[Int(feature)] &+= step
      delayedWeights[Int(feature)] &+= delayed
    }
  }

  /// Two bytes a feature, and the label.
  public func byteCount(of sample: FeatureList) -> UInt64 { 2 * UInt64(sample.numbers.count) + 1 }

  public func problem(of sample: FeatureList) -> String? {
    guard let last = sample.numbers.last, Int(last) >= featureCount else { return nil }
    return "a sample with feature \(last) for a model of features 0 to \(featureCount - 1)"
  }
}

extension IntegerPerceptron: LedgerValue {
  private static let version: UInt8 = 1

  public func write(to writer: inout LedgerWriter) {
    writer.byte(Self.version)
    writer.byte(prediction.rawValue)
    writer.word(UInt32(featureCount))
    for (weight, delayed) in zip(weights, delayedWeights) {
      writer.long(UInt64(bitPattern: weight))
      writer.long(UInt64(bitPattern: delayed))
    }
    for number in [bias, delayedBias, steps] { writer.long(UInt64(bitPattern: number)) }
  }

  public init(from reader: inout LedgerReader) throws(LedgerCodingError) {
    func number(_ reader: inout LedgerReader) throws(LedgerCodingError) -> Int64 {
      Int64(bitPattern: try reader.long())
    }
    guard try reader.byte() == Self.version else { throw .malformed("version of a perceptron") }
    guard let prediction = Prediction(rawValue: try reader.byte()) else {
      throw .malformed("prediction of a perceptron")
    }
    let count = try reader.count(of: "weights", size: 16, limit: 1 << 16)
    var (weights, delayed): ([Int64], [Int64]) = ([], [])
    weights.reserveCapacity(count)
    delayed.reserveCapacity(count)
    for _ in 0..<count {
      weights.append(try number(&reader))
      delayed.append(try number(&reader))
    }
    let bias = try number(&reader)
    let delayedBias = try number(&reader)
    let steps = try number(&reader)
    guard steps >= 0 else { throw .malformed("number of steps") }
    self.init(
      prediction, weights: weights, bias: bias, delayedWeights: delayed, delayedBias: delayedBias,
      steps: steps)
  }
}
