import AnomalyDetection
import Datasets

/// Pinpointing faulty variables (CollabDict 2018, Sec. V-C): of random pairs of a normal and a faulty
/// series, variable-wise scores averaged over their rows; the faulty ones should stand out.
public struct DetectionExperiment: Sendable {
  static let averaged = Measure(
    "averaged", "area",
    "area under true positives over true negatives; scores averaged over a series, the normal one's "
      + "variables among the negatives")
  static let difference = Measure(
    "difference", "area of differences",
    "the same with the averages of the faulty series less those of the normal one")
  static let harmonic = Measure(
    "harmonic", "harmonic mean",
    "harmonic mean of true positives and true negatives of averaged scores, at the threshold where it "
      + "is largest on other pairs")

  /// Pairs that figures are of.
  public var pairs = 200
  /// Further pairs, from which thresholds come and nothing else.
  public var thresholdPairs = 100

  public init() {}

  /// What the faults of a series are.
  enum Faults { case planted, named }

  /// Learns on a fleet, and pinpoints planted faults and, where there are any, named ones.
  public func run(_ fleet: ExperimentFleet, seed: UInt64) throws -> [FleetOutcome] {
    let learned = try LearnedMethods(fleet)
    var outcomes: [FleetOutcome] = []
    if fleet.participants.contains(where: { $0.normal.count >= 2 }) {
      outcomes.append(
        try run(
          FleetOutcome(fleet: fleet.name, seed: seed, choices: learned.choices), .planted, fleet,
          learned))
    }
    if fleet.participants.contains(where: { !$0.named.isEmpty && !$0.normal.isEmpty }) {
      let name = fleet.name + ", named faults"
      outcomes.append(
        try run(
          FleetOutcome(fleet: name, seed: seed, choices: learned.choices), .named, fleet, learned))
    }
    return outcomes
  }

  private func run(
    _ empty: FleetOutcome, _ faults: Faults, _ fleet: ExperimentFleet, _ learned: LearnedMethods
  ) throws -> FleetOutcome {
    var outcome = empty
    let seed = outcome.seed
    let pairs = try (0..<pairs + thresholdPairs).map {
      try Self.pair($0, faults, fleet, seed: seed)
    }
    for method in ComparedMethod.allCases {
      var scorers = try fleet.participants.indices.map { try learned.scorer(method, of: $0) }
      var (averaged, difference, others) = (
        FaultPinpointing(), FaultPinpointing(), FaultPinpointing()
      )
      for (number, pair) in pairs.enumerated() {
        let normal = Self.averages(pair.normal, &scorers[pair.participant])
        let faulty = Self.averages(pair.faulty.rows, &scorers[pair.participant])
        for v in normal.indices {
          let isFaulty = pair.faulty.faulty.contains(v)
          if number < self.pairs {
            averaged.add(faulty[v], isFaulty: isFaulty)
            averaged.add(normal[v], isFaulty: false)
            difference.add(faulty[v] - normal[v], isFaulty: isFaulty)
          } else {
            others.add(faulty[v], isFaulty: isFaulty)
            others.add(normal[v], isFaulty: false)
          }
        }
      }
      var values: [String: Double] = [:]
      values[Self.averaged.key] = averaged.area
      values[Self.difference.key] = difference.area
      values[Self.harmonic.key] = others.bestThreshold.map { averaged.harmonicMean(at: $0) }
      outcome.methods.append(
        MethodOutcome(
          method, values,
          curve: averaged.truePositives(atTrueNegatives: CleansingExperiment.grid)))
    }
    return outcome
  }

  /// A normal and a faulty series of one participant.
  struct Pair {
    let participant: Int
    let normal: MemoryRows
    let faulty: FaultySeries
  }

  static func pair(
    _ number: Int, _ faults: Faults, _ fleet: ExperimentFleet, seed: UInt64
  ) throws -> Pair {
    var choices = Choices(seed: seed, subject: 10, turn: number)
    let able = fleet.participants.indices.filter { s in
      let participant = fleet.participants[s]
      return faults == .planted
        ? participant.normal.count >= 2 : !participant.named.isEmpty && !participant.normal.isEmpty
    }
    let index = able[choices.below(able.count)]
    let participant = fleet.participants[index]
    switch faults {
    case .planted:
      let (normal, other) = choices.pair(below: participant.normal.count)
      let summary = try DataSummary(participant.train)
      return Pair(
        participant: index, normal: participant.normal[normal],
        faulty: SensorFault.plant(
          into: participant.normal[other], deviations: summary.columns.map(\.standardDeviation),
          seed: seed, turn: number))
    case .named:
      return Pair(
        participant: index, normal: participant.normal[choices.below(participant.normal.count)],
        faulty: participant.named[choices.below(participant.named.count)])
    }
  }

  /// Each variable's score, averaged over a series.
  private static func averages(_ rows: MemoryRows, _ scorer: inout any AnomalyScorer) -> [Double] {
    scorer.reset()
    let (width, count) = (rows.columnCount, rows.rowCount)
    let parts = scorer.score(rows.values, count: count).parts
    var sums = [Double](repeating: 0, count: width)
    for (i, part) in parts.enumerated() { sums[i % width] += part }
    return sums.map { $0 / Double(max(1, count)) }
  }
}
