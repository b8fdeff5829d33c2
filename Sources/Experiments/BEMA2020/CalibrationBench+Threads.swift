import Dispatch
import Synchronization

extension CalibrationBench {
  /// Results of independent jobs, as many at work as there are threads.
  func inParallel<Job: Sendable, Result: Sendable>(
    _ jobs: [Job], _ body: @Sendable (Job) -> Result?
  ) -> [Result?] {
    let results = Mutex([Result?](repeating: nil, count: jobs.count))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: min(max(1, threads), jobs.count)) { _ in
      while true {
        let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if turn >= jobs.count { return }
        let result = body(jobs[turn])
        results.withLock { $0[turn] = result }
      }
    }
    return results.withLock { $0 }
  }
}
