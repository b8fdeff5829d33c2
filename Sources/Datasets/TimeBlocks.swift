/// A split of a series into training and held-out rows by blocks of time.
///
/// Neighbouring rows of a machine resemble one another, so rows held out one by one would be no
/// test at all. The series is cut into equally long blocks; every `every`-th is held out, and the
/// rows within `gap` of a held-out block are used for neither.
public struct TimeBlocks: Sendable, Equatable {
  /// Ranges to learn from, ascending.
  public let training: [Range<Int>]
  /// Ranges held out, ascending.
  public let validation: [Range<Int>]

  /// - Parameters:
  ///   - rowCount: the length of the series.
  ///   - blocks: how many blocks it is cut into.
  ///   - every: every which one is held out, the first being number `every / 2`.
  ///   - gap: rows left out on both sides of a held-out block: the length of a window less one.
  public init(rowCount: Int, blocks: Int = 20, every: Int = 5, gap: Int = 0) {
    precondition(blocks >= 1 && every >= 2, "\(blocks) blocks, every \(every)th held out")
    var training: [Range<Int>] = []
    var validation: [Range<Int>] = []
    if rowCount < 2 * blocks {
      self.training = rowCount > 0 ? [0..<rowCount] : []
      self.validation = []
      return
    }
    var start = 0
    for block in 0..<blocks where block % every == every / 2 {
      let held = block * rowCount / blocks..<(block + 1) * rowCount / blocks
      if start < held.lowerBound - gap { training.append(start..<held.lowerBound - gap) }
      validation.append(held)
      start = min(rowCount, held.upperBound + gap)
    }
    if start < rowCount { training.append(start..<rowCount) }
    self.training = training
    self.validation = validation
  }

  /// The number of rows to learn from.
  public var trainingCount: Int { training.reduce(0) { $0 + $1.count } }
  /// The number of rows held out.
  public var validationCount: Int { validation.reduce(0) { $0 + $1.count } }
}
