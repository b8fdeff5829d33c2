/// The statistics of all rows as a running mean over batches: the online form of the updates that
/// CollabDict 2018, Sec. IV-D, names (stepwise expectation and maximisation, Cappé and Moulines 2009).
///
/// After batch t, with statistics sᵗ of nᵗ of the N rows, S ← (1 - γₜ) S + γₜ N/nᵗ sᵗ, where
/// γₜ = t^-κ. The first batch alone counts at first; what the first patterns made of the rows is
/// forgotten as κ is small, and the noise of single batches averaged out as it is large.
public struct OnlineStatistics: Sendable, Equatable {
  /// κ, in (1/2, 1].
  public let decay: Double
  /// Batches taken so far.
  public private(set) var batches = 0
  /// The estimate of the statistics of all rows; `nil` before the first batch.
  public private(set) var statistics: PatternStatistics?

  public init(decay: Double) {
    precondition(decay > 0.5 && decay <= 1, "κ = \(decay)")
    self.decay = decay
  }

  /// Goes on with an earlier estimate.
  public init(decay: Double, batches: Int, statistics: PatternStatistics) {
    self.init(decay: decay)
    precondition(batches >= 1, "\(batches) batches")
    self.batches = batches
    self.statistics = statistics
  }

  /// Takes the statistics of a batch under the latest patterns. A batch without rows is passed over.
  ///
  /// - Parameter rows: N, of all batches together.
  public mutating func take(_ batch: PatternStatistics, of rows: Double) {
    let count = batch.counts.reduce(0, +)
    guard count > 0 else { return }
    batches += 1
    let step = statistics == nil ? 1 : (-decay * Double(batches).logarithm).exponential
    var next = batch
    next.scale(by: step * rows / count)
    if var last = statistics {
      last.scale(by: 1 - step)
      next.add(last)
    }
    statistics = next
  }
}
