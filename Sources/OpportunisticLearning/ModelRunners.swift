import Dispatch
import Synchronization

/// Runners for several threads, which share work out among themselves.
///
/// A result depends on its job alone, so that the number of threads changes nothing.
public struct ModelRunners: Sendable {
  private final class Seat: Sendable {
    let runner = Mutex(ModelRunner())
  }
  private let seats: [Seat]

  /// - Parameter threads: jobs that are worked on at once.
  public init(threads: Int) {
    seats = (0..<max(1, threads)).map { _ in Seat() }
  }

  public var threads: Int { seats.count }

  /// The results of some jobs, in their order. A job must not share out work among the same runners.
  public func map<Result: Sendable>(
    _ count: Int, _ job: @Sendable (Int, ModelRunner) -> Result
  ) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: count))
    let next = Atomic(0)
    if seats.count == 1 || count < 2 {
      Self.work(on: seats[0], count, next, results, job)
    } else {
      let seats = seats
      DispatchQueue.concurrentPerform(iterations: seats.count) { thread in
        Self.work(on: seats[thread], count, next, results, job)
      }
    }
    return results.withLock { $0.compactMap { $0 } }
  }

  private static func work<Result: Sendable>(
    on seat: Seat, _ count: Int, _ next: borrowing Atomic<Int>,
    _ results: borrowing Mutex<[Result?]>, _ job: (Int, ModelRunner) -> Result
  ) {
    seat.runner.withLock { runner in
      while true {
        let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if turn >= count { return }
        let result = job(turn, runner)
        results.withLock { $0[turn] = result }
      }
    }
  }
}
