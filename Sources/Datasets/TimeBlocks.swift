/// A split of a series into training and held-out rows by blocks of time.
///
/// Neighbouring rows of a machine resemble one another, so rows held out one by one would be no
/// test at all. The series is cut into equally long blocks, of which every `every`-th is held out.
public struct TimeBlocks: Sendable, Equatable {
  /// Ranges to learn from, ascending.
  public let training: [Range<Int>]
  /// Ranges held out, ascending.
  public let validation: [Range<Int>]

  /// - Parameters:
  ///   - rowCount: the length of the series.
  ///   - blocks: how many blocks it is cut into.
  ///   - every: every which one is held out, the first being number `every / 2`.
  public init(rowCount: Int, blocks: Int = 20, every: Int = 5) {
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
      if start < held.lowerBound { training.append(start..<held.lowerBound) }
      validation.append(held)
      start = held.upperBound
    }
    if start < rowCount { training.append(start..<rowCount) }
    self.training = training
    self.validation = validation
  }

  /// The rows of fold number `fold` of `folds` consecutive ones, and all others.
  public static func fold(
    _ fold: Int, of folds: Int, rowCount: Int
  ) -> (held: Range<Int>, others: [Range<Int>]) {
    precondition(fold >= 0 && fold < folds, "fold \(fold) of \(folds)")
    let held = rowCount * fold / folds..<rowCount * (fold + 1) / folds
    return (held, [0..<held.lowerBound, held.upperBound..<rowCount].filter { !$0.isEmpty })
  }

  /// The number of rows to learn from.
  public var trainingCount: Int { training.reduce(0) { $0 + $1.count } }
  /// The number of rows held out.
  public var validationCount: Int { validation.reduce(0) { $0 + $1.count } }
}
