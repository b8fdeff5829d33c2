import Datasets
import LinearAlgebra

/// Why a participant's data cannot be learned from.
public enum TrainingDataError: Error, Equatable, CustomStringConvertible {
  case noRows
  case tooFewRows(Int, needed: Int)
  case infinite(column: Int, count: Int)
  case nothingMoves

  public var description: String {
    switch self {
    case .noRows: "no training rows"
    case .tooFewRows(let rows, let needed):
      "\(rows) training rows are too few; \(needed) are needed"
    case .infinite(let column, let count):
      "\(count) infinite readings in column \(column + 1) of the training rows; "
        + "replace them by missing values (NaN)"
    case .nothingMoves: "every column of the training rows is constant or empty"
    }
  }
}

/// A participant's training rows, checked, with the splits that training needs.
public struct LocalData: Sendable {
  public let source: any RowSource
  public let summary: DataSummary
  /// Which rows are learned from and which decide when to stop.
  public let blocks: TimeBlocks

  /// The fewest rows that a participant can learn from.
  public static let minimumRows = 16

  /// Reads the rows once.
  ///
  /// - Throws: ``TrainingDataError``, and whatever the source throws.
  public init(_ source: any RowSource, _ configuration: TrainingConfiguration) throws {
    guard source.rowCount > 0 else { throw TrainingDataError.noRows }
    guard source.rowCount >= Self.minimumRows else {
      throw TrainingDataError.tooFewRows(source.rowCount, needed: Self.minimumRows)
    }
    summary = try DataSummary(source)
    if let column = summary.columns.firstIndex(where: { $0.infinite > 0 }) {
      throw TrainingDataError.infinite(column: column, count: summary.columns[column].infinite)
    }
    if summary.columns.allSatisfy({ $0.count == 0 || $0.isConstant }) {
      throw TrainingDataError.nothingMoves
    }
    self.source = source
    blocks = TimeBlocks(
      rowCount: source.rowCount, blocks: configuration.blocks, every: configuration.validationEvery)
  }
}

/// Some of a participant's rows, in the units that those rows alone give.
public struct LocalView: Sendable {
  public let source: any RowSource
  /// The rows, each part a series of its own.
  public let parts: [Range<Int>]
  public let standardisation: Standardisation
  public let window: CausalWindow

  public init(
    _ source: any RowSource, parts: [Range<Int>], _ configuration: TrainingConfiguration
  ) throws {
    self.source = source
    self.parts = parts
    window = CausalWindow(configuration.window)
    standardisation = Standardisation(
      try DataSummary(SelectedRows(source, parts: parts)), bound: configuration.bound,
      constantScale: configuration.constantScale)
  }

  /// The number of rows.
  public var rowCount: Int { parts.reduce(0) { $0 + $1.count } }

  /// D, the length of a window.
  public var featureCount: Int { window.length * source.columnCount }

  /// Calls `body` with pieces of at most `size` standardised windows of the given rows (default:
  /// all of this view), `[count, features]`.
  public func forEachPiece(
    of size: Int, in chosen: [Range<Int>]? = nil,
    _ body: (_ rows: Range<Int>, _ windows: [Float]) throws -> Void
  ) throws {
    for part in chosen ?? parts {
      try WindowSequence(source, part: part, standardisation: standardisation, window: window)
        .forEachPiece(of: size, body)
    }
  }

  /// Second moments about 0 of the standardised windows, summed over the rows. A missing value
  /// counts as the mean.
  public func momentSums() throws -> SymmetricMatrix {
    let order = featureCount
    var sums = SymmetricMatrix(
      order: order, elements: [Double](repeating: 0, count: order * order))
    var piece: [Double] = []
    try forEachPiece(of: 1024) { rows, values in
      piece.removeAll(keepingCapacity: true)
      for i in 0..<rows.count * order { piece.append(values[i].isNaN ? 0 : Double(values[i])) }
      var target = sums.elements.mutableSpan
      addOuterProducts(of: piece.span, count: rows.count, columns: order, to: &target)
    }
    return sums
  }
}
