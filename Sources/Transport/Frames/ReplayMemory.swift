/// Remembers what has arrived from one member, over its restarts.
///
/// The last 8 incarnations have a window each. Of those before them only the names are kept, so
/// that nothing recorded from them is let in again; 4096 names, and then the oldest are forgotten.
/// Only what is known to come from the member may be inserted: whoever can insert can make it
/// forget.
public struct ReplayMemory: Sendable {
  /// How many incarnations are received from.
  public static let incarnations = 8
  /// How many earlier ones are remembered as gone.
  public static let retiredIncarnations = 4096

  private var windows: [(incarnation: UInt64, window: ReplayWindow)] = []
  private var retired: Set<UInt64> = []
  // In the order of their retirement, as a ring once it is full.
  private var retirements: [UInt64] = []
  private var oldest = 0

  public init() {}

  /// What `insert` would say, without remembering anything.
  public func freshness(of number: UInt64, incarnation: UInt64) -> Freshness {
    if let place = place(of: incarnation) {
      return windows[place].window.freshness(of: number)
    }
    return number == 0 || retired.contains(incarnation) ? .tooOld : .fresh
  }

  /// Remembers the number, and says whether it was new. An incarnation that was never seen takes
  /// the place of the one that was first seen the longest ago.
  @discardableResult
  public mutating func insert(_ number: UInt64, incarnation: UInt64) -> Freshness {
    if let place = place(of: incarnation) { return windows[place].window.insert(number) }
    let verdict = freshness(of: number, incarnation: incarnation)
    guard verdict == .fresh else { return verdict }
    if windows.count == Self.incarnations { retire(windows.removeFirst().incarnation) }
    windows.append((incarnation, ReplayWindow()))
    return windows[windows.count - 1].window.insert(number)
  }

  /// Whether frames of the incarnation have been let in, and still are.
  func holds(_ incarnation: UInt64) -> Bool { place(of: incarnation) != nil }

  // The latest is nearly always the one.
  private func place(of incarnation: UInt64) -> Int? {
    windows.lastIndex { $0.incarnation == incarnation }
  }

  private mutating func retire(_ incarnation: UInt64) {
    retired.insert(incarnation)
    if retirements.count < Self.retiredIncarnations {
      retirements.append(incarnation)
    } else {
      retired.remove(retirements[oldest])
      retirements[oldest] = incarnation
      oldest = (oldest + 1) % Self.retiredIncarnations
    }
  }
}
