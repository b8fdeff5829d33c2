import Cryptography
import Ledger
import Testing

@testable import Simulation

@Suite struct LedgerSimulationTests {
  #if DEBUG
    private static let seeds: Range<UInt64> = 0..<40
  #else
    private static let seeds: Range<UInt64> = 0..<1000
  #endif

  /// A run with faults of every kind, different ones for each seed.
  private static func plan(_ seed: UInt64) -> LedgerSimulation<NotesApplication>.Plan {
    var random = SimulationRandom(seed: seed ^ 0xB10C)
    var plan = LedgerSimulation<NotesApplication>.Plan(
      powers: (0..<4).map { _ in 2 + 8 * random.fraction() })
    plan.network.latency = 0.01...(0.05 + random.fraction())
    plan.network.loss = 0.1 * random.fraction()
    plan.network.duplication = 0.1 * random.fraction()
    plan.network.corruption = seed % 4 == 0 ? 0.02 : 0
    let first = 3 + 5 * random.fraction()
    plan.partitions = [(first, 4 + 10 * random.fraction())]
    if seed % 3 == 0 { plan.partitions.append((first + 20, 10)) }
    if seed % 2 == 0 {
      plan.stopping = [(1, 5 + 10 * random.fraction(), 1 + 10 * random.fraction())]
    }
    if seed % 5 == 0 { plan.arriving = [(3, 15 + 20 * random.fraction())] }
    return plan
  }

  /// The chain that a run ended with is verified anew, from bytes alone.
  private static func verify(
    _ result: LedgerSimulation<NotesApplication>.Result, _ seed: UInt64
  ) throws {
    let bytes = result.chain.map(\.encoded)
    var verifier = try ChainVerifier(NotesApplication(keepsRecords: true), genesisBytes: bytes[0])
    for block in bytes.dropFirst() { try verifier.append(encoded: block) }
    #expect(verifier.headHash == result.heads[0], "seed \(seed)")
  }

  /// A thousand seeds in release, forty in debug.
  @Test func honestMembersEndOnTheSameChain() throws {
    var (reorganisations, notes, shortest) = (0, 0, Int.max)
    for seed in Self.seeds {
      var simulation = try LedgerSimulation(
        NotesApplication(keepsRecords: true), Self.plan(seed), seed: seed)
      let result = simulation.run()
      #expect(result.agreed, "seed \(seed): \(result.heads)")
      if seed < 20 { try Self.verify(result, seed) }
      reorganisations += result.reorganisations
      notes += result.chain.reduce(0) { $0 + $1.transactions.count }
      shortest = min(shortest, result.chain.count)
    }
    // There was something to agree on.
    #expect(reorganisations > 2 * Self.seeds.count)
    #expect(notes > 5 * Self.seeds.count && shortest > 5)
  }

  @Test func theSameSeedGivesTheSameChain() throws {
    var chains: [[MinedBlock]] = []
    for _ in 0..<2 {
      var simulation = try LedgerSimulation(NotesApplication(), Self.plan(6), seed: 6)
      chains.append(simulation.run().chain)
    }
    #expect(chains[0] == chains[1] && chains[0].count > 5)
  }

  @Test(arguments: LedgerBehaviour.allCases.filter { $0 != .honest })
  func hostileMembersChangeNothing(behaviour: LedgerBehaviour) throws {
    var refused = 0
    let seeds = Self.seeds.prefix(Self.seeds.count / 8)
    for seed in seeds {
      var plan = Self.plan(seed)
      plan.hostile = [(behaviour, plan.powers.reduce(0, +) * 0.3)]
      var simulation = try LedgerSimulation(
        NotesApplication(keepsRecords: true), plan, seed: seed)
      let result = simulation.run()
      #expect(result.agreed, "seed \(seed): \(result.heads)")
      // Honest members mine on, whatever the others do.
      #expect(result.chain.count > 5, "seed \(seed)")
      try Self.verify(result, seed)
      refused += result.refusals.count
    }
    // What breaks rules is seen, and nothing else is blamed for it.
    #expect(behaviour == .invalidBlocks ? refused > seeds.count : true)
  }
}
