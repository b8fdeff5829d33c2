import Tensors

/// Rows of sensor readings that can be read piece by piece, from memory or from a file.
///
/// NaN marks a missing reading.
public protocol RowSource: Sendable {
  /// N, the number of rows.
  var rowCount: Int { get }
  /// M, the number of variables.
  var columnCount: Int { get }
  /// Reads rows, `[rows.count, columnCount]`, into the start of `values`, which grows if need be.
  func read(_ rows: Range<Int>, into values: inout [Float]) throws
}

/// Rows that are held in memory.
public struct MemoryRows: RowSource, Equatable {
  public let columnCount: Int
  /// `[rowCount, columnCount]`, row-major.
  public let values: [Float]

  public var rowCount: Int { columnCount == 0 ? 0 : values.count / columnCount }

  /// - Precondition: `values` holds whole rows.
  public init(columnCount: Int, values: [Float]) {
    precondition(
      columnCount > 0 && values.count % columnCount == 0,
      "\(values.count) values are not rows of \(columnCount)")
    self.columnCount = columnCount
    self.values = values
  }

  public func read(_ rows: Range<Int>, into destination: inout [Float]) {
    let range = rows.lowerBound * columnCount..<rows.upperBound * columnCount
    if destination.count < range.count {
      destination = Array(values[range])
      return
    }
    for (i, place) in range.enumerated() { destination[i] = values[place] }
  }
}

/// Some rows of another source: its parts joined in order.
public struct SelectedRows: RowSource {
  private let base: any RowSource
  /// Ranges of the base's rows, ascending and disjoint.
  private let parts: [Range<Int>]
  public let rowCount: Int
  public var columnCount: Int { base.columnCount }

  public init(_ base: any RowSource, parts: [Range<Int>]) {
    self.base = base
    self.parts = parts.filter { !$0.isEmpty }
    rowCount = parts.reduce(0) { $0 + $1.count }
  }

  public func read(_ rows: Range<Int>, into values: inout [Float]) throws {
    let needed = rows.count * columnCount
    if values.count < needed { values = [Float](repeating: 0, count: needed) }
    var piece: [Float] = []
    var start = 0  // of the part among the selected rows
    for part in parts {
      let overlap = rows.clamped(to: start..<start + part.count)
      if !overlap.isEmpty {
        let shift = part.lowerBound - start
        try base.read(overlap.lowerBound + shift..<overlap.upperBound + shift, into: &piece)
        let to = (overlap.lowerBound - rows.lowerBound) * columnCount
        for i in 0..<overlap.count * columnCount { values[to + i] = piece[i] }
      }
      start += part.count
    }
  }
}

extension RowSource {
  /// All rows at once, `[rowCount, columnCount]`.
  public func readAll() throws -> [Float] {
    var values = [Float](repeating: 0, count: rowCount * columnCount)
    if rowCount > 0 { try read(0..<rowCount, into: &values) }
    return values
  }

  /// Calls `body` with consecutive pieces of at most `size` rows.
  public func forEachPiece(
    of size: Int = 4096, _ body: (_ rows: Range<Int>, _ values: [Float]) throws -> Void
  ) throws {
    var buffer: [Float] = []
    var start = 0
    while start < rowCount {
      let rows = start..<min(rowCount, start + size)
      try read(rows, into: &buffer)
      try body(rows, buffer)
      start = rows.upperBound
    }
  }
}

/// Several sources one after the other.
public struct JoinedRows: RowSource {
  private let sources: [any RowSource]
  public let rowCount: Int
  public let columnCount: Int

  /// - Precondition: at least one source, all with the same number of columns.
  public init(_ sources: [any RowSource]) {
    guard let first = sources.first else { preconditionFailure("no sources to join") }
    precondition(
      sources.allSatisfy { $0.columnCount == first.columnCount },
      "sources with different numbers of columns")
    self.sources = sources
    rowCount = sources.reduce(0) { $0 + $1.rowCount }
    columnCount = first.columnCount
  }

  public func read(_ rows: Range<Int>, into values: inout [Float]) throws {
    let needed = rows.count * columnCount
    if values.count < needed { values = [Float](repeating: 0, count: needed) }
    var piece: [Float] = []
    var start = 0
    for source in sources {
      let overlap = rows.clamped(to: start..<start + source.rowCount)
      if !overlap.isEmpty {
        try source.read(overlap.lowerBound - start..<overlap.upperBound - start, into: &piece)
        let to = (overlap.lowerBound - rows.lowerBound) * columnCount
        for i in 0..<overlap.count * columnCount { values[to + i] = piece[i] }
      }
      start += source.rowCount
    }
  }
}
