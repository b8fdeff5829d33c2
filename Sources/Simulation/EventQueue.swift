/// Events in the order of their times, and of equal times in the order of their arrival: a binary
/// heap.
struct EventQueue<Event> {
  private struct Entry {
    let time: Double
    let number: UInt64
    let event: Event

    func precedes(_ other: Entry) -> Bool { (time, number) < (other.time, other.number) }
  }

  private var heap: [Entry] = []
  private var arrivals: UInt64 = 0

  var count: Int { heap.count }
  var nextTime: Double? { heap.first?.time }

  mutating func add(_ event: Event, at time: Double) {
    heap.append(Entry(time: time, number: arrivals, event: event))
    arrivals += 1
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].precedes(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func next() -> (time: Double, event: Event)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      var parent = 0
      while true {
        var least = parent
        for child in [2 * parent + 1, 2 * parent + 2]
        where child < heap.count && heap[child].precedes(heap[least]) {
          least = child
        }
        if least == parent { break }
        heap.swapAt(parent, least)
        parent = least
      }
    }
    return (first.time, first.event)
  }
}
