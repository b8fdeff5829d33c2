/// What one pass over a participant's rows tells of a variable.
public struct ColumnSummary: Sendable, Equatable {
  /// Readings that are there.
  public var count = 0
  /// Readings that are missing (NaN).
  public var missing = 0
  /// Readings that are infinite.
  public var infinite = 0
  public var minimum = Double.infinity
  public var maximum = -Double.infinity
  public var mean = 0.0
  /// Sum of squared deviations from the mean.
  var squares = 0.0

  /// The standard deviation with divisor n; 0 of fewer than two readings.
  public var standardDeviation: Double {
    count < 2 ? 0 : (squares / Double(count)).squareRoot()
  }

  /// Whether all readings are the same.
  public var isConstant: Bool { count > 0 && minimum == maximum }

  /// Adds readings: the count, mean and squares of a piece are merged, Chan et al. 1979.
  mutating func merge(_ other: ColumnSummary) {
    missing += other.missing
    infinite += other.infinite
    guard other.count > 0 else { return }
    let total = Double(count + other.count)
    let difference = other.mean - mean
    squares += other.squares + difference * difference * Double(count) * Double(other.count) / total
    mean += difference * Double(other.count) / total
    count += other.count
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
  }
}

/// What one pass over a participant's rows tells of all variables.
public struct DataSummary: Sendable, Equatable {
  public let rowCount: Int
  public let columns: [ColumnSummary]
  /// Pairs of columns with the same readings in every row: each later one with its first twin.
  public let duplicates: [(column: Int, of: Int)]

  public static func == (a: DataSummary, b: DataSummary) -> Bool {
    a.rowCount == b.rowCount && a.columns == b.columns
      && a.duplicates.elementsEqual(b.duplicates) { $0.column == $1.column && $0.of == $1.of }
  }

  /// Reads all rows once, in pieces.
  public init(_ rows: any RowSource) throws {
    rowCount = rows.rowCount
    let width = rows.columnCount
    var columns = [ColumnSummary](repeating: ColumnSummary(), count: width)
    var hashes = [UInt64](repeating: 0xcbf2_9ce4_8422_2325, count: width)
    try rows.forEachPiece { range, values in
      for c in 0..<width {
        var piece = ColumnSummary()
        var sum = 0.0
        for r in 0..<range.count {
          let reading = values[r * width + c]
          hashes[c] = (hashes[c] ^ UInt64(reading.bitPattern)) &* 0x100_0000_01b3
          if reading.isNaN {
            piece.missing += 1
          } else if reading.isInfinite {
            piece.infinite += 1
          } else {
            piece.count += 1
            sum += Double(reading)
            piece.minimum = min(piece.minimum, Double(reading))
            piece.maximum = max(piece.maximum, Double(reading))
          }
        }
        if piece.count > 0 {
          piece.mean = sum / Double(piece.count)
          for r in 0..<range.count where values[r * width + c].isFinite {
            let deviation = Double(values[r * width + c]) - piece.mean
            piece.squares += deviation * deviation
          }
        }
        columns[c].merge(piece)
      }
    }
    var first: [UInt64: Int] = [:]
    var duplicates: [(column: Int, of: Int)] = []
    for c in 0..<width where !columns[c].isConstant && columns[c].count > 0 {
      // Equal hashes of equal summaries: an accident would need two 64-bit hashes to agree.
      if let twin = first[hashes[c]], columns[twin] == columns[c] {
        duplicates.append((c, twin))
      } else {
        first[hashes[c]] = c
      }
    }
    self.columns = columns
    self.duplicates = duplicates
  }

  /// Columns whose readings are all the same, counted from 0.
  public var constantColumns: [Int] { columns.indices.filter { columns[$0].isConstant } }
  /// Columns without any reading.
  public var emptyColumns: [Int] {
    columns.indices.filter { columns[$0].count == 0 }
  }
  /// Missing readings in all.
  public var missing: Int { columns.reduce(0) { $0 + $1.missing } }
  /// Infinite readings in all.
  public var infinite: Int { columns.reduce(0) { $0 + $1.infinite } }
}
