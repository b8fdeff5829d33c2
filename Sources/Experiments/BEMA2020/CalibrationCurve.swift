import MultipartyLearning

/// Messages that were sent, and those of them that were applied.
public struct MessageTotals: Sendable, Equatable {
  public var honest = 0
  public var bogus = 0
  public var validHonest = 0
  public var validBogus = 0
  /// Images that parties looked at in search of samples.
  public var searched = 0

  public init() {}

  /// The share of bogus messages that were applied; `nil` of none.
  public var acceptedBogus: Double? {
    bogus == 0 ? nil : Double(validBogus) / Double(bogus)
  }

  mutating func add(_ outcome: IterationOutcome) {
    honest += outcome.honest
    bogus += outcome.bogus
    validHonest += outcome.validHonest
    validBogus += outcome.validBogus
    searched += outcome.searched
  }
}

/// What one run came to.
public struct CalibrationCurve: Sendable, Equatable {
  /// The state after some iterations.
  public struct Measurement: Sendable, Equatable {
    /// 0 before any calibration.
    public var iteration: Int
    /// The share of images that the models together classify rightly.
    public var accuracy: Double
    /// Of all iterations until then.
    public var messages = MessageTotals()
    /// Spent on iterations until then, without the measuring.
    public var seconds = 0.0

    public init(iteration: Int, accuracy: Double) {
      self.iteration = iteration
      self.accuracy = accuracy
    }
  }

  /// Ascending in their iterations; at least one.
  public let measurements: [Measurement]

  public init(_ measurements: [Measurement]) {
    precondition(!measurements.isEmpty, "a curve without a measurement")
    self.measurements = measurements
  }

  /// Accuracy before any calibration.
  public var before: Double { measurements[0].accuracy }
  /// Accuracy at the end.
  public var after: Double { last.accuracy }
  public var last: Measurement { measurements[measurements.count - 1] }

  /// Accuracy after an iteration; `nil` where it was not measured.
  public func accuracy(after iteration: Int) -> Double? {
    measurements.first { $0.iteration == iteration }?.accuracy
  }
}

/// Which iterations are measured: each takes as long as all models take to look at all test images.
public struct MeasuringPoints: Sendable, Hashable {
  /// Besides 0 and the last: the first few, and every so many.
  public var first: Set<Int>
  public var every: Int?

  public init(first: Set<Int> = [1, 2], every: Int? = 5) {
    self.first = first
    self.every = every
  }

  func contains(_ iteration: Int, of last: Int) -> Bool {
    iteration == 0 || iteration == last || first.contains(iteration)
      || every.map { iteration.isMultiple(of: $0) } ?? false
  }
}
