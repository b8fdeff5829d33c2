import Consensus
import Datasets
import GraphicalModels
import LinearAlgebra
import Randomness
import Testing

@testable import CollaborativeLearning

/// A mixture of Gaussian graphical models through the loop of CollabDict.
@Suite struct GGMParticipantTests {
  private static let variables = 6

  private func configuration(
    _ settings: MixtureSettings = MixtureSettings()
  ) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.modelClass = .ggm
    configuration.window = 1
    configuration.rounds = 200
    configuration.mixture = settings
    return configuration
  }

  /// Machines with three states, which each of them is in to another degree.
  private func machines(_ count: Int, rows: Int, seed: UInt64) -> [MemoryRows] {
    let m = Self.variables
    func draws(_ n: Int, _ machine: UInt32, _ what: UInt32) -> [Float] {
      RandomStream(seed: seed, participant: machine, round: what, purpose: .syntheticData)
        .normal(n)
    }
    let centres = (0..<3).map { draws(m, UInt32(900 + $0), 0).map { 2.5 * $0 } }
    let mixing = (0..<3).map { draws(m * m, UInt32(900 + $0), 1) }
    return (0..<count).map { machine in
      let uniform = RandomStream(
        seed: seed, participant: UInt32(machine), round: 2, purpose: .syntheticData
      ).uniform(rows)
      let noise = draws(rows * m, UInt32(machine), 3)
      var values: [Float] = []
      for r in 0..<rows {
        // The first machines are mostly in the first state, the last ones in the last.
        let share = Float(machine + 1) / Float(count + 1)
        let state = uniform[r] < 0.2 ? 1 : uniform[r] < 0.2 + 0.8 * share ? 2 : 0
        for i in 0..<m {
          var value = centres[state][i] + 0.6 * noise[r * m + i]
          for j in 0..<m {
            value += 0.25 * mixing[state][i * m + j] * noise[r * m + j]
          }
          values.append(value)
        }
      }
      return MemoryRows(columnCount: m, values: values)
    }
  }

  private func participants(
    _ machines: [MemoryRows], _ settings: MixtureSettings = MixtureSettings()
  ) throws -> CollabDict<GGMParticipant> {
    let configuration = configuration(settings)
    return try CollabDict(names: machines.indices.map { "machine-\($0)" }, threads: 2) { index in
      try GGMParticipant(
        LocalData(machines[index], configuration), index: index, of: machines.count,
        configuration: configuration)
    }
  }

  @Test func theyFindTheStatesTogetherAndShareThem() throws {
    let machines = machines(5, rows: 400, seed: 1)
    let loop = try participants(machines)
    #expect(try loop.run())
    let first = try #require(loop.withParticipant(0) { $0.learning?.dictionary })
    #expect(first.count == 3)
    for index in machines.indices {
      let (digest, weights, calibration) = loop.withParticipant(index) {
        ($0.sharedState.digest, $0.weights.values, $0.calibration)
      }
      #expect(digest == loop.withParticipant(0) { $0.sharedState.digest })
      #expect(abs(weights.reduce(0, +) - 1) < 1e-9)
      // Every row was scored once by patterns that had not seen it.
      #expect(calibration.count == 400)
    }
    // Machines differ in how much they are in which state.
    let ends = [0, 4].map { index in loop.withParticipant(index) { $0.weights.values } }
    #expect(zip(ends[0], ends[1]).contains { abs($0.0 - $0.1) > 0.3 })
  }

  /// The sums of integers in a field are those of real numbers: the same patterns as from pooled
  /// statistics in double precision.
  @Test(arguments: [2, 3, 4] as [UInt64]) func apartAsTogether(seed: UInt64) throws {
    let machines = machines(4, rows: 300, seed: seed)
    var settings = MixtureSettings()
    settings.penalty = 0.01
    let configuration = configuration(settings)
    let apart = try machines.indices.map { index in
      try GGMParticipant(
        LocalData(machines[index], configuration), index: index, of: machines.count,
        configuration: configuration)
    }
    // Row counts are whole numbers either way.
    var counted = apart
    let sums = try counted.indices.map { try counted[$0].localUpdate() }
    let totals = try ExactSum().sum(sums)
    for index in counted.indices { try counted[index].optimise(totals, contributors: 4) }
    let rows = try counted.map { participant in
      var rows: [Float] = []
      try participant.view.forEachPiece(of: 1024) { range, windows in
        rows += windows.prefix(range.count * Self.variables)
      }
      return rows
    }
    var pooled = try counted[0].startStatistics()
    for participant in counted.dropFirst() { pooled.add(try participant.startStatistics()) }
    let total = rows.reduce(0) { $0 + $1.count / Self.variables }
    var dictionary = PatternDictionary(
      prior: PatternPrior(
        mean: [Double](repeating: 0, count: Self.variables), penalty: 0.01 * Double(total)),
      cardinalityPenalty: 1.5 * Double(Self.variables) * Double(total).logarithm,
      fewestRows: settings.fewestRows)
    try dictionary.update(with: pooled)
    let together = try PooledMixture(
      rows, variables: Self.variables, MixtureLearning(dictionary, roundLimit: 200))

    let loop = try participants(machines, settings)
    #expect(try !loop.run { loop.withParticipant(0) { $0.stage.rawValue < 4 } })
    let found = try #require(loop.withParticipant(0) { $0.learning?.dictionary })
    let expected = together.learning.dictionary
    try #require(found.count == expected.count)
    for (a, b) in zip(found.patterns, expected.patterns) {
      for i in 0..<Self.variables {
        #expect(abs(a.mean[i] - b.mean[i]) < 1e-9)
        for j in 0..<Self.variables {
          #expect(abs(a.precision[i, j] - b.precision[i, j]) < 1e-9 * b.precision[i, i])
        }
      }
    }
  }

  @Test func batchesFindTheSameStates() throws {
    var settings = MixtureSettings()
    settings.onlinePasses = 2
    settings.onlineBatches = 4
    let machines = machines(5, rows: 400, seed: 1)
    let loop = try participants(machines, settings)
    var labels: [String] = []
    #expect(
      try loop.run {
        labels.append(loop.withParticipant(0) { $0.report.stage })
        return true
      })
    #expect(labels.count { $0 == GGMParticipant.Stage.online.label } == 8)
    #expect(loop.withParticipant(0) { $0.learning?.dictionary.count } == 3)
  }

  /// Interrupted after any sum, and gone on from what was stored.
  @Test(arguments: [0, 1]) func aRunGoesOnBitByBit(onlinePasses: Int) throws {
    let machines = machines(3, rows: 150, seed: 7)
    var settings = MixtureSettings()
    settings.onlinePasses = onlinePasses
    let chosen = settings
    func participants(_ machines: [MemoryRows]) throws -> CollabDict<GGMParticipant> {
      try self.participants(machines, chosen)
    }
    let whole = try participants(machines)
    #expect(try whole.run())
    var rounds = 0
    _ = try participants(machines).run {
      rounds += 1
      return true
    }
    for stop in stride(from: 1, to: rounds, by: 5) {
      var done = 0
      let first = try participants(machines)
      #expect(
        try !first.run {
          done += 1
          return done < stop
        })
      let second = try participants(machines)
      for index in machines.indices {
        let state = first.withParticipant(index) { $0.state }
        try second.withParticipant(index) { try $0.restore(state) }
      }
      #expect(try second.run())
      for index in machines.indices {
        #expect(
          second.withParticipant(index) { $0.state } == whole.withParticipant(index) { $0.state })
      }
    }
  }

  /// Whoever was away comes back to the patterns of the others.
  @Test func whoWasAwayCatchesUp() throws {
    let machines = machines(4, rows: 200, seed: 8)
    for (away, missed) in [(0, 1..<2), (1, 2..<6), (3, 3..<400)] {
      let log = (0..<400).map { round in
        (0..<4).filter { !(missed.contains(round) && $0 == away) }
      }
      let loop = try participants(machines)
      #expect(try loop.run(contributorLog: log))
      let digests = Set(
        machines.indices.map { index in
          loop.withParticipant(index) { $0.sharedState.digest.bytes }
        })
      #expect(digests.count == 1)
    }
  }

  @Test func whatIsNotOfThisRunIsRefused() throws {
    let machines = machines(3, rows: 100, seed: 9)
    let loop = try participants(machines)
    #expect(try loop.run())
    let state = loop.withParticipant(0) { $0.state }
    func refused(_ change: (inout ParticipantState) -> Void) -> Bool {
      var changed = state
      change(&changed)
      do {
        let fresh = try participants(machines)
        let damaged = changed
        try fresh.withParticipant(0) { try $0.restore(damaged) }
        return false
      } catch {
        return true
      }
    }
    #expect(!refused { _ in })
    #expect(refused { $0.local.doubles["rows"] = [99] })
    #expect(refused { $0.local.doubles["column-means"]?[0] += 1 })
    #expect(refused { $0.local.doubles["weights"]?.append(0) })
    #expect(refused { $0.shared.doubles["mixture"] = nil })
    #expect(refused { $0.shared.doubles["mixture"]?.removeLast() })
    #expect(refused { $0.shared.doubles["mixture"]?.append(0) })
    #expect(refused { $0.shared.doubles["progress"]?[0] = 77 })
    #expect(refused { $0.shared.doubles["totals"] = [1] })
  }
}
