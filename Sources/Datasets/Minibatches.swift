import Randomness

/// Random minibatches of standardised windows from a series that need not fit into memory.
///
/// The rows to learn from are cut into blocks; in each epoch the blocks come in random order, and
/// the rows of a block in random order. Which rows the n-th minibatch holds is a function of seed,
/// participant and n alone, so a resumed run goes on where it stopped, and a series that is held
/// in memory is walked in the same order as one that is read from a file.
public struct Minibatches {
  private let source: any RowSource
  private let standardisation: Standardisation
  private let window: CausalWindow
  private let seed: UInt64
  private let participant: UInt32
  /// Consecutive rows that are shuffled together, and the first row of the part that each is from.
  private let blocks: [Range<Int>]
  private let partStarts: [Int]
  private let batchesInBlock: [Int]
  /// Rows in a minibatch.
  public let batchSize: Int
  /// Minibatches in one pass over the data.
  public let batchesPerEpoch: Int

  // What is kept from one minibatch to the next; all of it follows from the number n.
  private var blockOrder: [Int32] = []
  private var orderedEpoch = -1
  private var loadedBlock = -1
  private var loadedOrder = -1
  private var firstLoadedRow = 0
  private var raw: [Float] = []
  private var rows: [Float] = []
  private var order: [Int32] = []
  private var scratch: [UInt32] = []

  /// The number of rows that are shuffled together.
  public static let blockLength = 8192

  /// - Parameters:
  ///   - parts: the rows to learn from, ascending and disjoint, each a series of its own; not all
  ///     empty.
  ///   - batchSize: the rows of a minibatch; fewer when no block has as many.
  public init(
    _ source: any RowSource, parts: [Range<Int>], standardisation: Standardisation,
    window: CausalWindow, batchSize: Int, seed: UInt64, participant: UInt32
  ) {
    var blocks: [Range<Int>] = []
    var partStarts: [Int] = []
    for part in parts {
      let count = (part.count + Self.blockLength - 1) / Self.blockLength
      for i in 0..<count {
        let block =
          part.lowerBound + i * part.count / count..<part.lowerBound + (i + 1) * part.count / count
        if !block.isEmpty {
          blocks.append(block)
          partStarts.append(part.lowerBound)
        }
      }
    }
    precondition(!blocks.isEmpty, "no rows to learn from")
    self.source = source
    self.standardisation = standardisation
    self.window = window
    self.seed = seed
    self.participant = participant
    self.blocks = blocks
    self.partStarts = partStarts
    let longest = blocks.reduce(0) { max($0, $1.count) }
    let size = min(batchSize, longest)
    self.batchSize = size
    batchesInBlock = blocks.map { $0.count / size }
    batchesPerEpoch = batchesInBlock.reduce(0, +)
  }

  /// The length of a row of a minibatch: window times variables.
  public var featureCount: Int { window.length * source.columnCount }

  /// Makes the n-th minibatch the current one. Reads from the source only when the block changes.
  ///
  /// Call before ``fill(_:batch:)``.
  public mutating func load(batch n: Int) throws {
    let epoch = n / batchesPerEpoch
    if epoch != orderedEpoch {
      blockOrder = RandomStream(
        seed: seed, participant: participant, round: UInt32(truncatingIfNeeded: epoch),
        purpose: .resampling
      ).permutation(blocks.count)
      orderedEpoch = epoch
    }
    let (block, _) = place(of: n)
    if block != loadedBlock {
      let range = blocks[block]
      firstLoadedRow = max(partStarts[block], range.lowerBound - window.length + 1)
      try source.read(firstLoadedRow..<range.upperBound, into: &raw)
      standardisation.apply(raw, count: range.upperBound - firstLoadedRow, into: &rows)
      loadedBlock = block
      loadedOrder = -1
    }
    let orderNumber = epoch * blocks.count + block
    if orderNumber != loadedOrder {
      let count = blocks[block].count
      if order.count != count { order = [Int32](repeating: 0, count: count) }
      for i in 0..<count { order[i] = Int32(i) }
      let stream = RandomStream(
        seed: seed, participant: participant, round: UInt32(truncatingIfNeeded: orderNumber),
        purpose: .minibatch)
      // Out of self meanwhile, so that the order and the scratch memory can both be written.
      var words: [UInt32] = []
      swap(&words, &scratch)
      var span = order.mutableSpan
      stream.shuffle(&span, scratch: &words)
      swap(&words, &scratch)
      loadedOrder = orderNumber
    }
  }

  /// Writes the windows of the loaded minibatch: `[batchSize, featureCount]`, NaN where a value is
  /// missing. Returns whether any is.
  public func fill(_ target: inout MutableSpan<Float>, batch n: Int) -> Bool {
    let (block, within) = place(of: n)
    precondition(block == loadedBlock, "minibatch \(n) is not the loaded one")
    let columns = source.columnCount
    let start = blocks[block].lowerBound - firstLoadedRow
    var missing = false
    for b in 0..<batchSize {
      let row = start + Int(order[within * batchSize + b])
      window.write(
        endingAt: row, of: rows, columns: columns, into: &target, at: b * featureCount)
    }
    for i in 0..<target.count where target[i].isNaN { missing = true }
    return missing
  }

  /// The block of a minibatch, and its place in it.
  private func place(of n: Int) -> (block: Int, within: Int) {
    var rest = n % batchesPerEpoch
    for next in blockOrder {
      let count = batchesInBlock[Int(next)]
      if rest < count { return (Int(next), rest) }
      rest -= count
    }
    preconditionFailure("minibatch \(n) lies outside its epoch")
  }
}

/// Standardised windows in the order of time, piece by piece.
public struct WindowSequence {
  private let source: any RowSource
  private let standardisation: Standardisation
  private let window: CausalWindow
  private let part: Range<Int>

  /// - Parameter part: the rows at which the windows end, a series of its own: no window reaches
  ///   back beyond its first row.
  public init(
    _ source: any RowSource, part: Range<Int>, standardisation: Standardisation,
    window: CausalWindow
  ) {
    self.source = source
    self.standardisation = standardisation
    self.window = window
    self.part = part
  }

  /// Calls `body` with pieces of at most `size` windows, `[count, length · columns]`.
  public func forEachPiece(
    of size: Int, _ body: (_ rows: Range<Int>, _ windows: [Float]) throws -> Void
  ) throws {
    var raw: [Float] = []
    var rows: [Float] = []
    var windows: [Float] = []
    let columns = source.columnCount
    let features = window.length * columns
    var start = part.lowerBound
    while start < part.upperBound {
      let piece = start..<min(part.upperBound, start + size)
      let context = max(part.lowerBound, piece.lowerBound - window.length + 1)
      try source.read(context..<piece.upperBound, into: &raw)
      standardisation.apply(raw, count: piece.upperBound - context, into: &rows)
      if windows.count < piece.count * features {
        windows = [Float](repeating: 0, count: piece.count * features)
      }
      do {
        var span = windows.mutableSpan
        for (i, row) in piece.enumerated() {
          window.write(
            endingAt: row - context, of: rows, columns: columns, into: &span, at: i * features)
        }
      }
      try body(piece, windows)
      start = piece.upperBound
    }
  }
}
