import Datasets
import GraphicalModels
import Randomness
import Testing

@testable import CollaborativeLearning

/// Clipped rows, watched entropies and noise in a run of participants.
@Suite struct GGMDiversityTests {
  private var configuration: TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.window = 1
    configuration.rounds = 40
    return configuration
  }

  /// Machines with two states. Of the last machine one row is in the second one; by default it stands
  /// in its own units where the rare rows of the others do.
  private func machines(rows: Int, every period: Int = 20, lonely: Float = 2.2) -> [MemoryRows] {
    (0..<3).map { machine in
      let noise = RandomStream(seed: 5, participant: UInt32(machine), purpose: .syntheticData)
        .normal(rows * 3)
      let values = (0..<rows * 3).map { place -> Float in
        let row = place / 3
        let shift: Float = machine == 2 ? (row == 41 ? lonely : 0) : row % period == 0 ? 6 : 0
        return (shift == 0 ? 0.5 : 0.2) * noise[place] + shift
      }
      return MemoryRows(columnCount: 3, values: values)
    }
  }

  private func loop(
    _ machines: [MemoryRows], _ change: (inout MixtureSettings) -> Void
  ) throws -> CollabDict<GGMParticipant> {
    var settings = MixtureSettings()
    settings.startPatterns = 2
    settings.penalty = 0.01
    change(&settings)
    var chosen = configuration
    chosen.modelClass = .ggm
    chosen.mixture = settings
    let configuration = chosen
    return try CollabDict(names: machines.indices.map { "machine-\($0)" }, threads: 1) { index in
      try GGMParticipant(
        LocalData(machines[index], configuration), index: index, of: machines.count,
        configuration: configuration)
    }
  }

  @Test func withARadiusAllThatIsLearnedFromIsWithinTheBall() throws {
    let loop = try loop(machines(rows: 240)) { $0.radius = 3 }
    #expect(try loop.run())
    let (statistics, dictionary) = loop.withParticipant(0) {
      ($0.learning?.settledStatistics, $0.learning?.dictionary)
    }
    let last = try #require(statistics)
    for k in 0..<last.patterns {
      let trace = last.scatter(k).diagonal.reduce(0, +)
      #expect(trace <= last.count(k) * 2.25 * (1 + 1e-6))
    }
    // What a private release asks for is met.
    let release = PrivateRelease(
      prior: try #require(dictionary).prior, fewestRows: 16, distance: 3,
      budget: .init(order: 8, statistics: 4, means: 4))
    #expect(try !release.draw(from: last).patterns.isEmpty)
    // Without the radius there is more to hold.
    let free = try self.loop(machines(rows: 240)) { _ in }
    #expect(try free.run())
    let unheld = try #require(free.withParticipant(0) { $0.learning?.settledStatistics })
    #expect(throws: PrivacyError.self) { try release.draw(from: unheld) }
  }

  @Test func theLastMachineSeesItsLonelyRow() throws {
    let machines = machines(rows: 240)
    let loop = try loop(machines) { $0.leastDiversity = 5 }
    var lonely = 0
    var crowded = 0
    #expect(
      try loop.run {
        let last = loop.withParticipant(2) { $0.diversity }
        if let last, let least = last.leastEffectiveRows, least < 1.5, last.noised.count == 1 {
          lonely += 1
        }
        if loop.withParticipant(0, { $0.diversity?.noised.isEmpty ?? false }) { crowded += 1 }
        return true
      })
    #expect(lonely > 2)
    #expect(crowded > 2)
    let unwatched = try self.loop(machines) { _ in }
    #expect(try unwatched.run())
    #expect(unwatched.withParticipant(2) { $0.diversity } == nil)
    #expect(unwatched.withParticipant(2) { $0.state.local.doubles["noise-key"] } == nil)
    // The others' patterns stay where they are: noise has no direction.
    let (noised, plain) = (
      loop.withParticipant(0) { $0.learning?.dictionary.patterns ?? [] },
      unwatched.withParticipant(0) { $0.learning?.dictionary.patterns ?? [] }
    )
    try #require(noised.count == plain.count)
    for (a, b) in zip(noised, plain) {
      for i in 0..<3 { #expect(abs(a.mean[i] - b.mean[i]) < 0.1) }
    }
  }

  /// A group of one row at the start is told with noise.
  @Test func atTheStartALonelyRowIsNotToldAsItIs() throws {
    let machines = machines(rows: 120, every: 3, lonely: 6)
    func startSums(_ least: Double?) throws -> PatternStatistics {
      let loop = try loop(machines) { $0.leastDiversity = least }
      return try loop.withParticipant(2) { try $0.startStatistics() }
    }
    let (plain, noised) = (try startSums(nil), try startSums(5))
    let alone = try #require((0..<plain.patterns).first { plain.count($0) == 1 })
    #expect(noised.count(alone) == 1)
    let moved = zip(plain.sum(alone), noised.sum(alone)).map { ($0 - $1).magnitude }
    #expect(moved.allSatisfy { $0 > 0 && $0 < 8 })
    let group = try #require((0..<plain.patterns).first { plain.count($0) > 5 })
    #expect(noised.sum(group) == plain.sum(group))
  }

  /// Noise comes from a secret of the participant's own, which its state keeps.
  @Test func aRunWithNoiseGoesOnBitByBit() throws {
    let machines = machines(rows: 80, every: 3, lonely: 6)
    func fresh() throws -> CollabDict<GGMParticipant> {
      try loop(machines) {
        $0.leastDiversity = 5
        $0.radius = 8
      }
    }
    let origin = try fresh()
    let starts = machines.indices.map { index in origin.withParticipant(index) { $0.state } }
    func run(from states: [ParticipantState], stop: Int = .max) throws -> [ParticipantState] {
      let loop = try fresh()
      for index in machines.indices {
        try loop.withParticipant(index) { try $0.restore(states[index]) }
      }
      var done = 0
      _ = try loop.run {
        done += 1
        return done < stop
      }
      return machines.indices.map { index in loop.withParticipant(index) { $0.state } }
    }
    let whole = try run(from: starts)
    for stop in [1, 2, 3, 6, 9] {
      #expect(try run(from: run(from: starts, stop: stop)) == whole)
    }
    // Other secrets give another dictionary, so that there was noise at all.
    let others = try fresh()
    let otherStarts = machines.indices.map { index in others.withParticipant(index) { $0.state } }
    #expect(try run(from: otherStarts)[0].shared != whole[0].shared)
    #expect(whole[0].shared.doubles["noise-key"] == nil)
    var damaged = starts
    damaged[0].local.doubles["noise-key"]?[3] = 256
    #expect(throws: ResumeError.self) { try run(from: damaged) }
  }
}
