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

/// A participant's training rows with all that is derived from them alone.
public struct LocalData: Sendable {
  public let source: any RowSource
  public let summary: DataSummary
  public let standardisation: Standardisation
  public let window: CausalWindow
  /// Which rows are learned from and which are held out.
  public let blocks: TimeBlocks

  /// The fewest rows that a participant can learn from.
  public static let minimumRows = 8

  /// Reads the rows once.
  ///
  /// - Throws: ``TrainingDataError``, and whatever the source throws.
  public init(_ source: any RowSource, _ configuration: TrainingConfiguration) throws {
    guard source.rowCount > 0 else { throw TrainingDataError.noRows }
    guard source.rowCount >= Self.minimumRows else {
      throw TrainingDataError.tooFewRows(source.rowCount, needed: Self.minimumRows)
    }
    let summary = try DataSummary(source)
    if let column = summary.columns.firstIndex(where: { $0.infinite > 0 }) {
      throw TrainingDataError.infinite(column: column, count: summary.columns[column].infinite)
    }
    if summary.columns.allSatisfy({ $0.count == 0 || $0.isConstant }) {
      throw TrainingDataError.nothingMoves
    }
    self.source = source
    self.summary = summary
    standardisation = Standardisation(
      summary, bound: configuration.bound, constantScale: configuration.constantScale)
    window = CausalWindow(configuration.window)
    blocks = TimeBlocks(
      rowCount: source.rowCount, blocks: configuration.blocks,
      every: configuration.validationEvery, gap: configuration.window - 1)
  }

  /// D, the length of a window.
  public var featureCount: Int { window.length * source.columnCount }

  /// Second moments about 0 of the standardised windows that end in the given rows, summed.
  /// A missing value counts as the mean.
  public func momentSums(over parts: [Range<Int>]) throws -> SymmetricMatrix {
    let order = featureCount
    var sums = SymmetricMatrix(
      order: order, elements: [Double](repeating: 0, count: order * order))
    var piece: [Double] = []
    for part in parts {
      let windows = WindowSequence(
        source, part: part, standardisation: standardisation, window: window)
      try windows.forEachPiece(of: 1024) { rows, values in
        let count = rows.count * order
        piece.removeAll(keepingCapacity: true)
        for i in 0..<count { piece.append(values[i].isNaN ? 0 : Double(values[i])) }
        var target = sums.elements.mutableSpan
        addOuterProducts(of: piece.span, count: rows.count, columns: order, to: &target)
      }
    }
    return sums
  }
}
