/// The difficulty that a block must have: a linearly weighted moving average of the last block
/// intervals (the rule known as LWMA), in integers, as a function of the chain's headers alone.
///
/// With solve times tᵢ and difficulties dᵢ of the last n = ``window`` blocks, i = 1 for the oldest:
///
///     d = Σ dᵢ · T · (n + 1) / (2 · Σ i · tᵢ)
///
/// - A solve time is what a block's time is later than all before it (at least 1 ms), so that a
///   block that is dated ahead takes from the next what it gave itself; it counts with at most six
///   intervals T, so that a chain that lay still goes on where it was.
/// - Ahead of the first block stand n blocks of its difficulty that took T each.
/// - From one block to the next the difficulty at most doubles or halves, and is at least 1.
public struct DifficultyRule: Sendable, Hashable {
  /// T: milliseconds that a block takes on average.
  public let interval: UInt64
  /// Blocks that are looked back on.
  public static let window = 40
  static let longestIntervals: UInt64 = 6

  /// - Precondition: an interval of 1 ms to 2³⁶ ms (more than two years).
  public init(interval: UInt64) {
    precondition(1...(1 << 36) ~= interval, "a block interval of \(interval) ms")
    self.interval = interval
  }

  /// What is needed of a header.
  public struct Mark: Sendable, Hashable {
    public let time: UInt64
    public let difficulty: UInt64

    public init(time: UInt64, difficulty: UInt64) {
      self.time = time
      self.difficulty = difficulty
    }
  }

  /// The difficulty of the block behind `last`.
  ///
  /// - Parameter last: the last ``window`` + 1 headers of the chain, or all if there are fewer, in
  ///   their order. Not empty.
  public func next(after last: some RandomAccessCollection<Mark>) -> UInt64 {
    let marks = last.suffix(Self.window + 1)
    guard let first = marks.first, let parent = marks.last else {
      preconditionFailure("a difficulty after no block at all")
    }
    let n = UInt64(Self.window)
    // Blocks ahead of the first, which exist in this sum only.
    let missing = n - UInt64(marks.count - 1)
    var weighted = UInt128(missing * (missing + 1) / 2) * UInt128(interval)
    var difficulties = UInt128(missing) * UInt128(first.difficulty)
    var latest = first.time
    var weight = missing
    for mark in marks.dropFirst() {
      weight += 1
      let time = mark.time > latest ? min(mark.time - latest, Self.longestIntervals * interval) : 1
      latest = max(latest, mark.time)
      weighted += UInt128(weight) * UInt128(time)
      difficulties += UInt128(mark.difficulty)
    }
    let wanted = difficulties * UInt128(interval) * UInt128(n + 1) / (2 * weighted)
    let least = max(1, UInt128(parent.difficulty) / 2)
    let most = min(UInt128(UInt64.max), 2 * UInt128(parent.difficulty))
    return UInt64(min(max(wanted, least), most))
  }
}
