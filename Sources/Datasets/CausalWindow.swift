/// The last W rows of a series as one row: the newest first, then its predecessors.
///
/// Before the first row of a series stands the first row, so that every row has a window.
public struct CausalWindow: Sendable, Hashable {
  /// W, at least 1.
  public let length: Int

  public init(_ length: Int) {
    precondition(length >= 1, "a window of \(length) rows")
    self.length = length
  }

  /// Writes the window that ends at row `row` of `rows` (`[count, columns]`) to `target`
  /// from `start` on: `[length, columns]`.
  ///
  /// - Parameter first: the first row of the series to which the row belongs.
  public func write(
    endingAt row: Int, of rows: [Float], columns: Int, into target: inout MutableSpan<Float>,
    at start: Int, from first: Int = 0
  ) {
    for lag in 0..<length {
      let from = max(first, row - lag) * columns
      let to = start + lag * columns
      for c in 0..<columns { target[to + c] = rows[from + c] }
    }
  }
}
