import AnomalyDetection
import CollaborativeLearning
import Consensus
import Datasets
import GraphicalModels
import Metrics

/// The autoencoder, the mixture of graphical models and baselines on one fleet: the same rows, windows,
/// smoothing, false-alarm rate and rule for thresholds, for all of them (CollabDict 2024, Table I, with
/// measured figures in place of words).
public struct Comparison: Sendable {
  public let fleet: SensorFleet
  public let configuration: TrainingConfiguration
  public let seeds: [UInt64]
  public let threads: Int

  /// Participants that have rows to learn from and labelled rows to be judged by.
  private let jobs: [Job]

  struct Job: Sendable {
    let name: String
    let train: any RowSource
    let test: any RowSource
    let labels: [Bool]
  }

  /// - Throws: ``ComparisonError`` for a fleet without labelled rows.
  public init(
    _ fleet: SensorFleet, _ configuration: TrainingConfiguration, seeds: [UInt64], threads: Int
  ) throws(ComparisonError) {
    precondition(!seeds.isEmpty, "a comparison of no seeds")
    self.fleet = fleet
    self.configuration = configuration
    self.seeds = seeds
    self.threads = threads
    jobs = fleet.participants.compactMap { participant in
      guard let train = participant.train, let test = participant.test,
        let labels = participant.testLabels
      else { return nil }
      return Job(name: participant.name, train: train, test: test, labels: labels)
    }
    guard !jobs.isEmpty else { throw .noLabels }
  }

  /// Runs everything, one after the other: times are taken with nothing else at work.
  ///
  /// - Parameter progress: told what comes next.
  public func run(progress: (String) -> Void = { _ in }) throws -> [ComparedDetector] {
    var results: [ComparedDetector] = []
    for modelClass in ModelClass.allCases {
      var configuration = configuration
      configuration.modelClass = modelClass
      let chosen = configuration.relevant
      results.append(
        try modelClass.withParticipantType { try learned($0, chosen, progress) })
    }
    for baseline in Baseline.allCases {
      progress(baseline.rawValue)
      if let result = try measured(baseline) { results.append(result) }
    }
    return results
  }

  private func learned<Participant: FleetParticipant>(
    _ type: Participant.Type, _ configuration: TrainingConfiguration,
    _ progress: (String) -> Void
  ) throws -> ComparedDetector {
    let name = configuration.modelClass == .vae ? "multi-task VAE" : "GGM mixture"
    var result = ComparedDetector(name: name)
    var last: FinishedRun?
    let clock = ContinuousClock()
    for seed in seeds {
      progress("\(name), seed \(seed)")
      var seeded = configuration
      seeded.seed = seed
      let meter = MeteredSum()
      let start = clock.now
      let training = try FleetTraining<Participant>(
        fleet, seeded, aggregation: meter, threads: threads)
      try training.run()
      let run = try training.finishedRun()
      result.trainingSeconds.append((clock.now - start) / .seconds(1))
      result.sums.append(meter.sums)
      result.contributedBytes.append(4 * meter.elements)
      let model = run.detector
      var times: [Duration] = []
      var metrics: [DetectionMetrics] = []
      for job in jobs {
        guard let index = model.names.firstIndex(of: job.name) else { continue }
        var scorer = model.scorer(at: index)
        let begin = clock.now
        let scores = try scorer.scores(of: job.test)
        times.append(clock.now - begin)
        metrics.append(
          DetectionMetrics(
            scores: scores, labels: job.labels, threshold: threshold(at: index, of: model)))
      }
      result.add(metrics, times)
      last = run
    }
    if let last { result.traits = traits(of: last, result) }
    return result
  }

  private func threshold(at index: Int, of model: some DetectorModel) -> Double {
    model.threshold(for: model.participants[index])
  }

  // MARK: Baselines

  /// What the models are compared with.
  public enum Baseline: String, Sendable, CaseIterable {
    case group = "group graphical lasso"
    case fused = "fused graphical lasso"
    case hotelling = "Hotelling's T²"
    case principalComponents = "PCA, T² and Q"
  }

  private func measured(_ baseline: Baseline) throws -> ComparedDetector? {
    var result = ComparedDetector(name: baseline.rawValue)
    let clock = ContinuousClock()
    let start = clock.now
    guard let scorers = try scorers(baseline, jobs.map(\.train)) else { return nil }
    result.trainingSeconds = [(clock.now - start) / .seconds(1)]
    let calibrations = try calibrations(baseline)
    var times: [Duration] = []
    var metrics: [DetectionMetrics] = []
    for (index, job) in jobs.enumerated() {
      var scorer = scorers[index]
      let begin = clock.now
      let scores = try scorer.scores(of: job.test)
      times.append(clock.now - begin)
      let normal = calibrations[index]
      let threshold =
        AlarmThreshold.conformal(
          calibrationScores: normal, falseAlarmRate: configuration.scoring.falseAlarmRate)
        ?? normal.last ?? .infinity
      metrics.append(
        DetectionMetrics(scores: scores, labels: job.labels, threshold: threshold))
    }
    result.add(metrics, times)
    return result
  }

  /// Scores of each fifth of the rows by what the other four give, ascending: as for the models.
  private func calibrations(_ baseline: Baseline) throws -> [[Double]] {
    var scores = [[Double]](repeating: [], count: jobs.count)
    for fold in 0..<5 {
      let folds = jobs.map { TimeBlocks.fold(fold, of: 5, rowCount: $0.train.rowCount) }
      let others = zip(jobs, folds).map { SelectedRows($0.train, parts: $1.others) }
      guard let scorers = try scorers(baseline, others) else { continue }
      for (index, job) in jobs.enumerated() {
        var scorer = scorers[index]
        scores[index] += try scorer.scores(of: SelectedRows(job.train, parts: [folds[index].held]))
      }
    }
    return scores.map { $0.sorted() }
  }

  /// A scorer for each participant; `nil` where the rows give none.
  private func scorers(
    _ baseline: Baseline, _ rows: [any RowSource]
  ) throws -> [any AnomalyScorer]? {
    let (window, smoothing) = (configuration.window, configuration.scoring.smoothing)
    var scorers: [any AnomalyScorer] = []
    switch baseline {
    case .hotelling:
      for source in rows {
        guard
          let scorer = try MahalanobisScorer(training: source, window: window, smoothing: smoothing)
        else { return nil }
        scorers.append(scorer)
      }
    case .principalComponents:
      for source in rows {
        guard
          let scorer = try PrincipalComponentScorer(
            training: source, window: window, smoothing: smoothing)
        else { return nil }
        scorers.append(scorer)
      }
    case .group, .fused:
      let tasks = try rows.map { try JointTask($0, window: CausalWindow(window)) }
      let lasso = JointGraphicalLasso(
        baseline == .group ? .group : .fused, sparsity: Self.jointPenalty,
        similarity: Self.jointPenalty)
      for (task, pattern) in zip(tasks, try JointScorer.patterns(of: tasks, lasso)) {
        scorers.append(try JointScorer(pattern, of: task, smoothing: smoothing))
      }
    }
    return scorers
  }

  /// λ₁ and λ₂ of the joint graphical lassos, for correlations.
  private static let jointPenalty = 0.01
}

extension ComparedDetector {
  /// Adds a seed's figures.
  fileprivate mutating func add(_ metrics: [DetectionMetrics], _ times: [Duration]) {
    guard let mean = DetectionMetrics(mean: metrics), mean.rows > 0 else { return }
    self.metrics.append(mean)
    let total = times.reduce(Duration.zero, +) / .seconds(1)
    scoringSeconds.append(total / Double(mean.rows))
  }
}

/// Why there is nothing to compare.
public enum ComparisonError: Error, Equatable, CustomStringConvertible {
  case noLabels

  public var description: String {
    "no participant has both training rows and labelled test rows"
  }
}
