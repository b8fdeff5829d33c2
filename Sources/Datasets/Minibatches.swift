import Randomness

/// Random minibatches of standardised windows from a series that need not fit into memory.
///
/// The rows to learn from, one part after the other, are cut into blocks of about equal length; in
/// each epoch the blocks come in random order, and the rows of a block in random order. A block may
/// hold several parts, so that no part is too short for a minibatch. Which rows the n-th minibatch holds is a function of seed,
/// participant and n alone, so a resumed run goes on where it stopped, and a series that is held
/// in memory is walked in the same order as one that is read from a file.
public struct Minibatches {
  private let source: any RowSource
  private let standardisation: Standardisation
  private let window: CausalWindow
  private let seed: UInt64
  private let participant: UInt32
  /// Rows that are shuffled together.
  private let blocks: [[Segment]]
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
  private var raw: [Float] = []
  private var piece: [Float] = []
  /// Where each row of the loaded block stands in `rows`, and the first row of its series there.
  private var places: [Int] = []
  private var firsts: [Int] = []
  private var rows: [Float] = []
  private var order: [Int32] = []
  private var scratch: [UInt32] = []

  /// The most rows that are shuffled together.
  public static let blockLength = 8192

  /// Consecutive rows of one part, and where that part begins.
  private struct Segment {
    let rows: Range<Int>
    let partStart: Int
  }

  /// The rows `chosen` of the parts joined.
  private static func segments(_ parts: [Range<Int>], _ chosen: Range<Int>) -> [Segment] {
    var segments: [Segment] = []
    var start = 0
    for part in parts {
      let overlap = chosen.clamped(to: start..<start + part.count)
      if !overlap.isEmpty {
        let shift = part.lowerBound - start
        segments.append(
          Segment(
            rows: overlap.lowerBound + shift..<overlap.upperBound + shift,
            partStart: part.lowerBound))
      }
      start += part.count
    }
    return segments
  }

  /// - Parameters:
  ///   - parts: the rows to learn from, ascending and disjoint, each a series of its own; not all
  ///     empty.
  ///   - batchSize: the rows of a minibatch; fewer when a block has not as many.
  public init(
    _ source: any RowSource, parts: [Range<Int>], standardisation: Standardisation,
    window: CausalWindow, batchSize: Int, seed: UInt64, participant: UInt32
  ) {
    let total = parts.reduce(0) { $0 + $1.count }
    precondition(total > 0, "no rows to learn from")
    let count = (total + Self.blockLength - 1) / Self.blockLength
    let bounds = (0...count).map { $0 * total / count }
    self.source = source
    self.standardisation = standardisation
    self.window = window
    self.seed = seed
    self.participant = participant
    blocks = (0..<count).map { Self.segments(parts, bounds[$0]..<bounds[$0 + 1]) }
    let size = min(batchSize, total / count)
    self.batchSize = size
    batchesInBlock = (0..<count).map { (bounds[$0 + 1] - bounds[$0]) / size }
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
      try load(blocks[block])
      loadedBlock = block
      loadedOrder = -1
    }
    let orderNumber = epoch * blocks.count + block
    if orderNumber != loadedOrder {
      let count = places.count
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

  /// Reads the rows of a block, each segment with the rows before it that its windows need.
  private mutating func load(_ segments: [Segment]) throws {
    let columns = source.columnCount
    loadedBlock = -1
    places.removeAll(keepingCapacity: true)
    firsts.removeAll(keepingCapacity: true)
    raw.removeAll(keepingCapacity: true)
    for segment in segments {
      let from = max(segment.partStart, segment.rows.lowerBound - window.length + 1)
      let first = raw.count / columns
      try source.read(from..<segment.rows.upperBound, into: &piece)
      raw.append(contentsOf: piece.prefix((segment.rows.upperBound - from) * columns))
      for row in segment.rows {
        places.append(first + row - from)
        firsts.append(first)
      }
    }
    standardisation.apply(raw, count: raw.count / columns, into: &rows)
  }

  /// Writes the windows of the loaded minibatch: `[batchSize, featureCount]`, NaN where a value is
  /// missing. Returns whether any is.
  public func fill(_ target: inout MutableSpan<Float>, batch n: Int) -> Bool {
    let (block, within) = place(of: n)
    precondition(block == loadedBlock, "minibatch \(n) is not the loaded one")
    let columns = source.columnCount
    var missing = false
    for b in 0..<batchSize {
      let chosen = Int(order[within * batchSize + b])
      window.write(
        endingAt: places[chosen], of: rows, columns: columns, into: &target, at: b * featureCount,
        from: firsts[chosen])
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
