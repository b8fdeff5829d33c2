/// Things that are due at heights, in the order in which they are due.
struct DueQueue<Element: Sendable & Hashable>: Sendable, Hashable {
  private struct Entry: Sendable, Hashable {
    let due: UInt64
    let element: Element
  }

  private var entries: [Entry] = []
  private var first = 0

  /// - Precondition: due no earlier than what came before.
  mutating func append(_ element: Element, due: UInt64) {
    precondition(
      due >= entries.last?.due ?? 0, "due at \(due), before \(entries.last?.due ?? 0)")
    entries.append(Entry(due: due, element: element))
  }

  /// The next one that is due at a height.
  mutating func next(at height: UInt64) -> Element? {
    guard first < entries.count, entries[first].due <= height else { return nil }
    defer {
      first += 1
      if first == entries.count {
        entries.removeAll(keepingCapacity: true)
        first = 0
      } else if first > 64 && 2 * first > entries.count {
        entries.removeFirst(first)
        first = 0
      }
    }
    return entries[first].element
  }
}
