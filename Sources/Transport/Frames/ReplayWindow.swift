/// What a replay window thinks of a number.
public enum Freshness: Sendable, Hashable {
  /// Never seen.
  case fresh
  /// Seen before.
  case duplicate
  /// So far behind the highest number that nobody remembers whether it was seen.
  case tooOld
}

/// Remembers which numbers have arrived: each of them is let in once. Numbers may overtake one
/// another by fewer than 1024 places (a sliding window as in RFC 4303, section 3.4.3).
public struct ReplayWindow: Sendable {
  /// How many numbers are remembered, counted back from the highest.
  public static let length: UInt64 = 1024

  /// The highest number so far; 0 before the first.
  public private(set) var highest: UInt64 = 0
  // One bit for each number, at the number modulo the length.
  private var seen = InlineArray<16, UInt64>(repeating: 0)

  public init() {}

  /// What `insert` would say, without remembering the number.
  public func freshness(of number: UInt64) -> Freshness {
    if number > highest { return .fresh }
    // There is no number 0.
    if number == 0 || highest - number >= Self.length { return .tooOld }
    return seen[Self.word(number)] & Self.bit(number) == 0 ? .fresh : .duplicate
  }

  /// Remembers the number, and says whether it was new.
  @discardableResult
  public mutating func insert(_ number: UInt64) -> Freshness {
    let verdict = freshness(of: number)
    guard verdict == .fresh else { return verdict }
    if number > highest {
      if number - highest >= Self.length {
        seen = InlineArray(repeating: 0)
      } else {
        // The places between were those of numbers that now fall out of the window.
        var passed = highest + 1
        while passed < number {
          seen[Self.word(passed)] &= ~Self.bit(passed)
          passed += 1
        }
      }
      highest = number
    }
    seen[Self.word(number)] |= Self.bit(number)
    return .fresh
  }

  private static func word(_ number: UInt64) -> Int { Int(number % length / 64) }
  private static func bit(_ number: UInt64) -> UInt64 { 1 << (number % 64) }
}
