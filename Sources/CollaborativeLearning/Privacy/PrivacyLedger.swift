/// What was released from the same rows so far: numbers and names only, so that a file can hold it.
public struct PrivacyLedger: Sendable, Equatable {
  public struct Release: Sendable, Equatable {
    /// What it was, for people.
    public var name: String
    /// α.
    public var order: Double
    /// ε, in nats.
    public var epsilon: Double

    public init(name: String, order: Double, epsilon: Double) {
      self.name = name
      self.order = order
      self.epsilon = epsilon
    }
  }

  public private(set) var releases: [Release] = []

  /// Of rows that nothing was released from.
  public init() {}

  public init(_ releases: [Release]) throws(PrivacyError) {
    for release in releases { try add(release) }
  }

  /// - Throws: when the numbers are no guarantee; whatever comes from a file has to pass here.
  public mutating func add(_ release: Release) throws(PrivacyError) {
    guard release.order >= 1, release.order.isFinite, release.epsilon >= 0 else {
      throw .noGuarantee(release.name, order: release.order, epsilon: release.epsilon)
    }
    releases.append(release)
  }

  /// The guarantee of all releases together at one order.
  ///
  /// Divergences grow with the order, so that a release with a higher one counts as it is; one
  /// with a lower order promises nothing here, and the sum is infinite.
  public func total(order: Double) -> RenyiGuarantee {
    releases.reduce(RenyiGuarantee(order: order, epsilon: 0)) { sum, release in
      sum.composed(
        with: RenyiGuarantee(
          order: order, epsilon: release.order >= order ? release.epsilon : .infinity))
    }
  }

  /// The smallest ε of (ε, δ)-differential privacy that the orders of the releases give.
  public func approximateEpsilon(delta: Double) -> Double? {
    Set(releases.map(\.order)).compactMap {
      total(order: $0).approximateEpsilon(delta: delta)
    }.min()
  }
}

/// Why something cannot be released with a guarantee.
public enum PrivacyError: Error, Equatable, CustomStringConvertible {
  case noGuarantee(String, order: Double, epsilon: Double)
  case invalid(String, Double)
  case otherVariables(Int, expected: Int)
  case notClipped(pattern: Int, radius: Double)
  case notFinite(pattern: Int)
  case nothingLeft(largest: Double, needed: Double)

  public var description: String {
    switch self {
    case .noGuarantee(let name, let order, let epsilon):
      "release \(name) with order \(order) and ε = \(epsilon): the order is at least 1, ε at least 0"
    case .invalid(let name, let value): "\(name) cannot be \(value)"
    case .otherVariables(let found, let expected):
      "statistics of \(found) variables with a prior of \(expected)"
    case .notClipped(let pattern, let radius):
      "the rows of pattern \(pattern + 1) are not within \(radius) of 0; "
        + "learn the model with rows clipped to that radius"
    case .notFinite(let pattern):
      "the statistics of pattern \(pattern + 1) are not finite numbers"
    case .nothingLeft(let largest, let needed):
      "no pattern has the \(needed) rows that stand out of the noise, the largest has about "
        + "\(largest); raise the budget, or learn from more rows"
    }
  }
}
