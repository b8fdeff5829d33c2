import LinearAlgebra

/// A bound on how well a release tells two adjacent data sets apart: the Rényi divergence of order
/// α between the two distributions of the release is at most ε, in nats (Mironov 2017; order 1 is
/// the Kullback–Leibler divergence of CollabDict 2024, Eq. 41).
public struct RenyiGuarantee: Sendable, Equatable {
  /// α, at least 1.
  public let order: Double
  /// ε, at least 0; infinite where nothing is promised.
  public let epsilon: Double

  public init(order: Double, epsilon: Double) {
    precondition(order >= 1 && order.isFinite && epsilon >= 0, "α = \(order), ε = \(epsilon)")
    self.order = order
    self.epsilon = epsilon
  }

  /// Of two releases, the second of which may depend on what the first one showed: at equal orders
  /// the ε add up (Mironov 2017, Prop. 1).
  public func composed(with other: RenyiGuarantee) -> RenyiGuarantee {
    precondition(order == other.order, "orders \(order) and \(other.order)")
    return RenyiGuarantee(order: order, epsilon: epsilon + other.epsilon)
  }

  /// The ε of (ε, δ)-differential privacy (Canonne, Kamath and Steinke 2020, Prop. 12; Balle et al.
  /// 2020, Theorem 21): ε + ln((α - 1) / α) - (ln δ + ln α) / (α - 1).
  ///
  /// `nil` at order 1, from which no such figure follows.
  public func approximateEpsilon(delta: Double) -> Double? {
    precondition(delta > 0 && delta < 1, "δ = \(delta)")
    guard order > 1 else { return nil }
    let shift = ((order - 1) / order).logarithm
    return max(0, epsilon + shift - (delta.logarithm + order.logarithm) / (order - 1))
  }

  /// The older conversion (Mironov 2017, Prop. 3): ε + ln(1/δ) / (α - 1), never the smaller one.
  public func plainApproximateEpsilon(delta: Double) -> Double? {
    precondition(delta > 0 && delta < 1, "δ = \(delta)")
    guard order > 1 else { return nil }
    return epsilon - delta.logarithm / (order - 1)
  }

  /// What nobody exceeds who decides between the two data sets after seeing the release: the share
  /// of true alarms less that of false ones. The divergence of order 1 is no larger than ε, and the
  /// total variation at most √(ε/2) (Pinsker) and √(1 - e⁻ᵉ) (Bretagnolle and Huber 1979).
  public var largestAdvantage: Double {
    guard epsilon.isFinite else { return 1 }
    return min((epsilon / 2).squareRoot(), (1 - (-epsilon).exponential).squareRoot())
  }
}

/// A guarantee at all orders together, as Gaussian noise gives it: ε(α) = α × rate (Mironov 2017,
/// Prop. 7; ρ-zCDP of Bun and Steinke 2016 with ρ = rate).
public struct LinearRenyiGuarantee: Sendable, Equatable {
  /// ε / α, in nats.
  public let rate: Double

  public init(rate: Double) {
    precondition(rate >= 0, "a rate of \(rate)")
    self.rate = rate
  }

  public func at(order: Double) -> RenyiGuarantee {
    RenyiGuarantee(order: order, epsilon: order * rate)
  }

  /// The smallest ε of (ε, δ)-differential privacy that any order gives, from a fine grid of them:
  /// each of them holds, so that the grid can only make it a little too large.
  public func approximateEpsilon(delta: Double) -> Double {
    guard rate.isFinite else { return .infinity }
    var best = Double.infinity
    for step in -1200...1200 {
      let order = 1 + (Double(step) / 100).exponential
      best = min(best, at(order: order).approximateEpsilon(delta: delta) ?? .infinity)
    }
    return best
  }

  /// As ``RenyiGuarantee/largestAdvantage``, at order 1, where it is smallest.
  public var largestAdvantage: Double { at(order: 1).largestAdvantage }
}
