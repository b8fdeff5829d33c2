import Datasets
import Dispatch
import Simulation
import Synchronization

/// Simulations of Sharing Updatable Models with one parameter varied at a time.
public struct SharingSweep: Sendable {
  public var parameters = SharingParameter.allCases
  public var seeds: [UInt64] = [1, 2, 3, 4, 5]
  /// Simulations at the same time.
  public var threads = 2

  public init() {}

  /// One simulation.
  public struct Job: Sendable, Hashable {
    public let parameter: SharingParameter
    public let value: Double
    public let seed: UInt64
  }

  var jobs: [Job] {
    parameters.flatMap { parameter in
      parameter.values.flatMap { value in
        seeds.map { Job(parameter: parameter, value: value, seed: $0) }
      }
    }
  }

  /// Runs all simulations.
  ///
  /// - Parameters:
  ///   - goesOn: asked now and then; `false` ends it.
  ///   - progress: told of each finished one, with how many are finished of how many.
  /// - Returns: outcomes by jobs; fewer if it was ended.
  public func run(
    train: ReviewSet, test: ReviewSet, goesOn: @escaping @Sendable () -> Bool = { true },
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) -> [Job: SharingOutcome] {
    let outcomes = Mutex([Job: SharingOutcome]())
    // By the number of words, so that only one number's features are in memory.
    let groups = Dictionary(grouping: jobs) {
      $0.parameter.configuration($0.value, seed: $0.seed).words
    }
    let total = jobs.count
    for (words, group) in groups.sorted(by: { $0.key < $1.key }) {
      let reviews = SharedReviews(train: train, test: test, words: words)
      let next = Atomic(0)
      DispatchQueue.concurrentPerform(iterations: min(max(1, threads), group.count)) { _ in
        while goesOn() {
          let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
          if turn >= group.count { return }
          let job = group[turn]
          let configuration = job.parameter.configuration(job.value, seed: job.seed)
          guard let outcome = reviews.run(configuration, goesOn: goesOn) else { return }
          let done = outcomes.withLock {
            $0[job] = outcome
            return $0.count
          }
          progress(done, total)
        }
      }
    }
    return outcomes.withLock { $0 }
  }

  /// What the outcomes say, parameter by parameter.
  public func reports(_ outcomes: [Job: SharingOutcome]) -> [SharingReport] {
    parameters.map { SharingReport(parameter: $0, seeds: seeds, outcomes: outcomes) }
  }
}
