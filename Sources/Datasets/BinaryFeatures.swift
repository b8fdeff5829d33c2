/// Samples with a few of many features each: a sparse matrix of zeros and ones, by rows.
public struct BinaryFeatures: Sendable, Equatable {
  /// The number of features; all columns are below it.
  public let count: Int
  /// The features that samples have, each sample's sorted, one sample after the other.
  public private(set) var columns: [UInt16] = []
  /// `[rowCount + 1]`: sample i has the columns `starts[i] ..< starts[i + 1]`.
  public private(set) var starts: [Int] = [0]

  /// No samples.
  public init(count: Int) { self.count = count }

  public var rowCount: Int { starts.count - 1 }

  /// Where in ``columns`` a sample has its features.
  @inlinable
  public func range(_ row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }

  /// The features of a sample, sorted.
  public func row(_ row: Int) -> [UInt16] { Array(columns[range(row)]) }

  /// Adds a sample.
  ///
  /// - Parameter bits: one a feature, from the lowest bit of the first word; zeros afterwards.
  mutating func append(takingBits bits: inout MutableSpan<UInt64>) {
    for word in 0..<bits.count {
      var rest = bits[word]
      bits[word] = 0
      while rest != 0 {
        columns.append(UInt16(truncatingIfNeeded: word << 6 | rest.trailingZeroBitCount))
        rest &= rest &- 1
      }
    }
    starts.append(columns.count)
  }
}
