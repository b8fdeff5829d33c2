import CollaborativeLearning
import Cryptography
import Ledger
import Testing

@testable import Simulation

/// The ordered-block protocol while the network and its members fail.
@Suite struct OrderedFaultTests {
  private func expectOneChain(_ simulation: OrderedSimulation, _ what: String) {
    let longest = simulation.chain
    for chain in simulation.chains {
      for (a, b) in zip(chain, longest) { #expect(a.hash == b.hash, "\(what)") }
    }
  }

  @Test func everyEndorserHasTheSameChain() throws {
    var plan = OrderedSimulation.Plan()
    plan.endorsers = 4
    plan.network.latency = 0.001...0.6
    plan.network.duplication = 0.3
    plan.network.loss = 0.1
    plan.network.corruption = 0.05
    var simulation = try OrderedSimulation(
      OrderedSamples.machines(3, rows: 80, seed: 8), OrderedSamples.configuration,
      OrderedSamples.settings, plan: plan)
    let isOver = simulation.run()
    try #require(isOver, "\(simulation.notes)")
    let heads = Set(simulation.chains.map { $0.last?.hash })
    #expect(heads.count == 1)
    let chain = simulation.chain
    let report = try ChainVerification(count: chain.count) { chain[$0] }
    #expect(report.conclusion == .converged)
    #expect(simulation.notes.isEmpty)
  }

  /// Orderers, endorsers and clients stop, forget all that was not kept, and come back; others are cut
  /// off. All end with one chain.
  @Test func randomFaultsNeverLockTwoBlocksOfOneHeight() throws {
    var views: Set<UInt32> = []
    var recycled = 0
    for seed in 0..<100 {
      var configuration = OrderedSamples.configuration
      configuration.seed = UInt64(seed)
      configuration.rounds = 6
      var settings = OrderedSamples.settings
      settings.startPatterns = 1
      var plan = OrderedSimulation.Plan()
      plan.orderers = 1 + seed % 5
      plan.endorsers = 1 + seed % 3
      plan.stopping = 0.5
      plan.cut = 0.5
      plan.window = 0.02...4
      plan.absence = 0.2...4
      plan.network.loss = 0.08
      plan.network.duplication = 0.08
      plan.network.corruption = 0.02
      plan.network.latency = 0.001...Double(1 + seed % 4) * 0.1
      plan.timing.collection = 0.6
      plan.timing.view = 0.4
      var simulation = try OrderedSimulation(
        OrderedSamples.machines(2 + seed % 2, rows: 40, variables: 2, seed: UInt64(seed)),
        configuration, settings, plan: plan)
      let isOver = simulation.run(until: 1000)
      #expect(isOver, "seed \(seed): \(simulation.chains.map(\.count))")
      expectOneChain(simulation, "seed \(seed)")
      #expect(simulation.notes.isEmpty, "seed \(seed)")
      let chain = simulation.chain
      let report = try ChainVerification(count: chain.count) { chain[$0] }
      #expect(report.conclusion == .converged, "seed \(seed): \(report.reason)")
      for round in report.rounds {
        views.insert(round.view)
        recycled += round.recycled.count
      }
    }
    // The faults did what they are for.
    #expect(views.count > 2)
    #expect(recycled > 20)
  }

  /// The orderer whose turn it is stops before it can propose: another one goes on.
  @Test func anotherOrdererTakesOver() throws {
    var plan = OrderedSimulation.Plan()
    plan.timing.collection = 0.5
    var simulation = try OrderedSimulation(
      OrderedSamples.machines(3, rows: 80, seed: 2), OrderedSamples.configuration,
      OrderedSamples.settings, plan: plan)
    // It is the turn of orderer 1 at height 1; it never comes back.
    simulation.stop(OrderedNode(.orderer, 1), at: 0.0)
    let isOver = simulation.run()
    try #require(isOver)
    let chain = simulation.chain
    let report = try ChainVerification(count: chain.count) { chain[$0] }
    #expect(report.conclusion == .converged)
    #expect(report.rounds[0].view == 1)
    #expect(report.rounds[0].orderer == 2)
    #expect(report.rounds.allSatisfy { $0.orderer != 1 })
    expectOneChain(simulation, "one orderer less")
  }

  /// A client that falls silent counts with what it reported last, and the chain says so.
  @Test func aSilentClientCountsWithItsLastStatistics() throws {
    var plan = OrderedSimulation.Plan()
    plan.timing.collection = 0.3
    plan.leaving = [(client: 1, at: 1.0)]
    var settings = OrderedSamples.settings
    settings.startPatterns = 3
    var simulation = try OrderedSimulation(
      OrderedSamples.machines(3, rows: 150, seed: 5), OrderedSamples.configuration, settings,
      plan: plan)
    let isOver = simulation.run()
    try #require(isOver)
    let chain = simulation.chain
    let report = try ChainVerification(count: chain.count) { chain[$0] }
    #expect(report.conclusion == .converged)
    let silent = report.rounds.drop { $0.recycled.isEmpty }.dropLast()
    let first = try #require(silent.first)
    #expect(first.height > 2)
    #expect(silent.count > 5)
    for round in silent {
      #expect(round.reported == [0, 2])
      #expect(round.recycled.map(\.client) == [1])
      // It is always the last block in which it spoke.
      #expect(round.recycled.map(\.from) == [first.height - 1])
    }
    let result = try #require(simulation.result)
    #expect(result.names == ["machine-0", "machine-2"])
    // As without the fault.
    #expect(result.patterns.count == 3)
  }

  /// A client that comes when the others are under way is in the blocks from then on, and the job
  /// learns from its rows, too. A trial is broken off for it.
  @Test(arguments: [1.0, 6.9]) func aClientThatComesLaterIsTakenIn(time: Double) throws {
    var plan = OrderedSimulation.Plan()
    plan.timing.collection = 0.1
    plan.arriving = [(client: 2, at: time)]
    var settings = OrderedSamples.settings
    settings.startPatterns = 3
    var simulation = try OrderedSimulation(
      OrderedSamples.machines(3, rows: 150, seed: 5), OrderedSamples.configuration, settings,
      plan: plan)
    let isOver = simulation.run()
    try #require(isOver)
    let chain = simulation.chain
    let report = try ChainVerification(count: chain.count) { chain[$0] }
    #expect(report.conclusion == .converged)
    #expect(report.rounds[0].absent == [2])
    let first = try #require(report.rounds.firstIndex { $0.reported == [0, 1, 2] })
    #expect(report.rounds[..<first].allSatisfy { $0.absent == [2] })
    #expect(report.rounds[first...].allSatisfy { $0.absent.isEmpty })
    let (before, after) = (report.rounds[first - 1].patterns, report.rounds[first].patterns)
    // On trial is a dictionary of two patterns; it is taken back.
    if time > 5 { #expect(before == 2 && after == 3) }
    let result = try #require(simulation.result)
    #expect(result.weights.count == 3)
    #expect(result.patterns.count == 3)
  }
}
