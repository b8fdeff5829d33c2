import Datasets

/// Scores of consecutive rows of one series.
public struct ScoredRows: Sendable, Equatable {
  /// M.
  public let variables: Int
  /// One score a row, in nats; the larger, the less normal.
  public var scores: [Double] = []
  /// The part of each variable in the score, `[rows, variables]`; a row's parts add up to its
  /// score.
  public var parts: [Double] = []
  /// What the model would have expected to read, `[rows, variables]`, in the variables' own units.
  public var reconstruction: [Double] = []
  /// How unlikely each variable is beside the others, `[rows, variables]`, in nats; empty where the
  /// model cannot tell.
  public var conditionals: [Double] = []
  /// How far each pattern of the model stands for a row, `[rows, patterns]`; empty where the model
  /// has none.
  public var responsibilities: [Double] = []

  public init(variables: Int) { self.variables = variables }

  /// The number of rows.
  public var count: Int { scores.count }

  /// What tells which variable a row's score is due to, `[variables]`: its conditionals where there
  /// are any, and its parts otherwise.
  public func evidence(_ row: Int) -> ArraySlice<Double> {
    let range = row * variables..<(row + 1) * variables
    return conditionals.isEmpty ? parts[range] : conditionals[range]
  }
}

/// A model that scores the rows of a series one after the other.
///
/// A score depends on its own row and on those before it, never on what else is scored in the same
/// call; each row has one.
public protocol AnomalyScorer {
  /// M, the number of variables of a row.
  var variables: Int { get }

  /// Forgets the series: the next row is the first of another one.
  mutating func reset()

  /// Scores the next rows of the series.
  ///
  /// - Parameter rows: `[count, variables]` in the variables' own units; NaN where a value is
  ///   missing.
  mutating func score(_ rows: [Float], count: Int) -> ScoredRows
}

extension AnomalyScorer {
  /// Scores a whole series from its first row, piece by piece, without its parts.
  public mutating func scores(of rows: any RowSource) throws -> [Double] {
    reset()
    var scores: [Double] = []
    scores.reserveCapacity(rows.rowCount)
    try rows.forEachPiece(of: 1024) { range, values in
      scores.append(contentsOf: score(values, count: range.count).scores)
    }
    return scores
  }

  /// Scores a whole series from its first row, and hands on the pieces.
  public mutating func forEachScoredPiece(
    of rows: any RowSource, _ body: (Range<Int>, ScoredRows) throws -> Void
  ) throws {
    reset()
    try rows.forEachPiece(of: 1024) { range, values in
      try body(range, score(values, count: range.count))
    }
  }
}

/// The mean over the last rows, in the order of time; over as many as there are at the start.
struct CausalMean {
  let length: Int
  let width: Int
  private var history: [Double]
  private var seen = 0

  /// - Parameters:
  ///   - length: the rows of a mean.
  ///   - width: numbers a row.
  init(length: Int, width: Int) {
    precondition(length >= 1, "a mean over \(length) rows")
    self.length = length
    self.width = width
    history = [Double](repeating: 0, count: length * width)
  }

  mutating func reset() { seen = 0 }

  /// Replaces a row by the mean over it and its predecessors, which is summed anew each time: a
  /// running sum would carry the rounding of rows long past.
  mutating func apply(_ row: inout [Double], at start: Int) {
    let slot = seen % length * width
    for i in 0..<width { history[slot + i] = row[start + i] }
    seen += 1
    if length == 1 { return }
    let count = min(seen, length)
    for i in 0..<width {
      var sum = 0.0
      for age in stride(from: count, to: 0, by: -1) {
        sum += history[(seen - age) % length * width + i]
      }
      row[start + i] = sum / Double(count)
    }
  }
}
