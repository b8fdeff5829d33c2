import Dispatch
import Synchronization

/// The experiments of CollabDict 2018, Sec. V.
public enum Experiment: String, Sendable, CaseIterable {
  /// Sec. V-B.
  case cleansing
  /// Sec. V-C.
  case detection

  /// Runs the experiment on public data, several fleets and seeds at the same time; the result does not
  /// depend on how many.
  ///
  /// - Parameters:
  ///   - folder: where the data sets are.
  ///   - seeds: each chooses rows, faults and pairs.
  ///   - progress: called with each outcome, from any thread.
  /// - Throws: the first error of the first fleet that has one.
  public func run(
    _ fleets: [PublicFleet] = PublicFleet.allCases, from folder: String, seeds: [UInt64],
    threads: Int, progress: @Sendable (FleetOutcome) -> Void = { _ in }
  ) throws -> FleetReport {
    precondition(threads >= 1, "\(threads) threads")
    let jobs = fleets.flatMap { fleet in seeds.map { (fleet: fleet, seed: $0) } }
    let results = Mutex([Result<[FleetOutcome], any Error>?](repeating: nil, count: jobs.count))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: min(threads, max(1, jobs.count))) { _ in
      while true {
        let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if turn >= jobs.count { return }
        let job = jobs[turn]
        let result = Result {
          try run(try job.fleet.load(from: folder, seed: job.seed), seed: job.seed)
        }
        for outcome in (try? result.get()) ?? [] { progress(outcome) }
        results.withLock { $0[turn] = result }
      }
    }
    let outcomes = try results.withLock { $0 }.compactMap { try $0?.get() }.flatMap { $0 }
    return report(of: outcomes)
  }

  /// Runs the experiment once, on one fleet.
  public func run(_ fleet: ExperimentFleet, seed: UInt64) throws -> [FleetOutcome] {
    switch self {
    case .cleansing: [try CleansingExperiment.run(fleet, seed: seed)]
    case .detection: try DetectionExperiment().run(fleet, seed: seed)
    }
  }

  /// The report of outcomes of this experiment, with the areas of Table I of 2018 beside.
  public func report(of outcomes: [FleetOutcome]) -> FleetReport {
    switch self {
    case .cleansing:
      FleetReport(
        name: rawValue, title: "Data cleansing",
        measures: [CleansingExperiment.variableWise, CleansingExperiment.total],
        axes: ("coverage", "accuracy"),
        published: [.collabDict: 0.933, .group: 0.863, .fused: 0.856], outcomes: outcomes)
    case .detection:
      FleetReport(
        name: rawValue, title: "Pinpointing faulty variables",
        measures: [
          DetectionExperiment.averaged, DetectionExperiment.difference,
          DetectionExperiment.harmonic,
        ], axes: ("true negatives", "true positives"),
        published: [.collabDict: 0.950, .group: 0.887, .fused: 0.897], outcomes: outcomes)
    }
  }
}
