import AnomalyDetection

/// One way to detect anomalies beside others, under one protocol: what it found, and what it cost.
public struct ComparedDetector: Sendable {
  public let name: String
  /// Of each seed, the mean over the participants; one where no seed plays a part.
  public var metrics: [DetectionMetrics] = []
  /// Seconds of training, one for each seed.
  public var trainingSeconds: [Double] = []
  /// Seconds to score one row, one for each seed.
  public var scoringSeconds: [Double] = []
  /// Sums over the participants until the end of training, one for each seed; empty where rows or
  /// covariance matrices would have to lie in one place.
  public var sums: [Int] = []
  /// Bytes of field elements that one participant puts into all sums together, before they are hidden;
  /// one for each seed.
  public var contributedBytes: [Int] = []
  /// Where it stands in the rows of Table I of CollabDict 2024; empty for what the table is not about.
  public var traits: [Trait: String] = [:]

  public init(name: String) { self.name = name }

  /// A row of Table I, as a question that a run can answer with a number.
  public enum Trait: String, Sendable, CaseIterable {
    case dictionary = "pattern dictionary"
    case interpretability
    case privacy = "data privacy"
    case complexity = "model complexity control"
    case instability = "model instability"
    case cost = "computational cost"
  }

  /// A figure of every seed that has it.
  public func values(_ figure: (DetectionMetrics) -> Double?) -> [Double] {
    metrics.compactMap(figure)
  }
}

/// Mean and standard deviation of a few values.
public struct Spread: Sendable, Equatable {
  public let mean: Double
  /// With divisor n - 1; `nil` of a single value.
  public let deviation: Double?

  /// - Returns: `nil` of no values.
  public init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    deviation = values.count < 2 ? nil : (squares / (n - 1)).squareRoot()
  }
}
