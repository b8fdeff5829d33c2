/// Events in the order of their times, and of equal times in the order of their arrival: a binary
/// heap of plain entries, with the events themselves in places that stay where they are.
struct EventQueue<Event> {
  private struct Entry: BitwiseCopyable {
    let time: Double
    let number: UInt64
    let place: Int

    func precedes(_ other: Entry) -> Bool {
      time != other.time ? time < other.time : number < other.number
    }
  }

  private var heap: [Entry] = []
  private var places: [Event?] = []
  private var free: [Int] = []
  private var arrivals: UInt64 = 0

  var count: Int { heap.count }
  var nextTime: Double? { heap.first?.time }

  mutating func add(_ event: Event, at time: Double) {
    let place: Int
    if let unused = free.popLast() {
      place = unused
      places[place] = event
    } else {
      place = places.count
      places.append(event)
    }
    let entry = Entry(time: time, number: arrivals, place: place)
    arrivals += 1
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if !entry.precedes(heap[parent]) { break }
      heap[child] = heap[parent]
      child = parent
    }
    heap[child] = entry
  }

  mutating func next() -> (time: Double, event: Event)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      var parent = 0
      while true {
        var child = 2 * parent + 1
        if child >= heap.count { break }
        if child + 1 < heap.count && heap[child + 1].precedes(heap[child]) { child += 1 }
        if !heap[child].precedes(last) { break }
        heap[parent] = heap[child]
        parent = child
      }
      heap[parent] = last
    }
    guard let event = places[first.place].take() else { return nil }
    free.append(first.place)
    return (first.time, event)
  }
}
