import Consensus
import Randomness
import Testing

/// Averaging over a known graph does not hide anything: what Sec. 4.2 of CollabDict 2024 says does
/// not hold, neither for plain values, nor for chunks, nor for masks that all can regenerate.
@Suite struct ObservabilityAttackTests {
  static let participants = 31
  static let rounds = 60

  static func worst(_ a: [[Double]], _ b: [[Double]]) -> Double {
    zip(a, b).flatMap { zip($0, $1) }.reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  static func plan(_ method: ConsensusMethod = .metropolis) throws -> ConsensusPlan {
    try ConsensusPlan(
      graph: .cycleWithInverseChords(participants: participants, seed: 0), method: method)
  }

  /// One node that only listens, in sixty rounds of Metropolis weights.
  @Test(arguments: [3, 7, 11, 16, 27]) func oneNodeRecoversAllValues(node: Int) throws {
    let plan = try Self.plan()
    let values = startValues(participants: Self.participants, count: 3, seed: 21)
    let attack = try ObservabilityAttack(plan: plan, coalition: [node], rounds: Self.rounds)
    #expect(attack.visible.count == 4)
    let recovered = try attack.attack(plan, values: values, rounds: Self.rounds)
    #expect(Self.worst(recovered, values) < 1e-9)
  }

  /// Fewer rounds do not help: Chebyshev's are enough for one number in six digits.
  @Test func fasterMethodsLeakAsWell() throws {
    let plan = try Self.plan(.chebyshev)
    let rounds = plan.rounds(toTolerance: 1e-6)
    let values = startValues(participants: Self.participants, count: 2, seed: 22)
    let attack = try ObservabilityAttack(plan: plan, coalition: [7], rounds: rounds)
    let recovered = try attack.attack(plan, values: values, rounds: rounds)
    #expect(Self.worst(recovered, values) < 1e-6)
  }

  /// Eq. (6): a graph of new labels for each chunk, as the paper advises. Whoever records, solves
  /// every session and adds up.
  @Test func chunksAddUpForTheAttackerToo() throws {
    let chunking = RandomChunking(chunks: 4, magnitude: 10)
    let values = startValues(participants: Self.participants, count: 2, seed: 23)
    let chunks = values.map { chunking.split($0) }
    // No single chunk shows the value.
    #expect(Self.worst(chunks.map { $0[0] }, values) > 1)
    let base = try Self.plan().graph
    var sessions: [[[Double]]] = []
    var results: [[Double]] = []
    for session in 0..<4 {
      let plan = try ConsensusPlan(
        graph: base.relabelled(seed: 5, session: UInt32(session)), method: .metropolis)
      let parts = chunks.map { $0[session] }
      let enough = plan.rounds(toTolerance: 1e-12)
      results.append(try run(plan, values: parts, rounds: enough)[0].average)
      let attack = try ObservabilityAttack(plan: plan, coalition: [7], rounds: Self.rounds)
      sessions.append(try attack.attack(plan, values: parts, rounds: Self.rounds))
    }
    let recovered = (0..<Self.participants).map { i in chunking.combine(sessions.map { $0[i] }) }
    #expect(Self.worst(recovered, values) < 1e-5)
    // The protocol itself works: Eq. (6).
    #expect(Self.worst([chunking.combine(results)], [averages(values)]) < 1e-9)
  }

  /// Masks from a seed that everybody knows add up to zero, and everybody can take them off.
  @Test func masksFromACommonSeedHideNothing() throws {
    let plan = try Self.plan()
    let values = startValues(participants: Self.participants, count: 2, seed: 24)
    func commonMasks() -> [[Double]] {
      var masks = (0..<Self.participants).map { i in
        RandomStream(seed: 77, participant: UInt32(i), purpose: .syntheticData).normal(2)
          .map { 1000 * Double($0) }
      }
      let mean = averages(masks)
      for i in masks.indices { for k in 0..<2 { masks[i][k] -= mean[k] } }
      return masks
    }
    func combine(_ a: [[Double]], _ sign: Double) -> [[Double]] {
      zip(a, commonMasks()).map { zip($0, $1).map { $0 + sign * $1 } }
    }
    let masked = combine(values, 1)
    #expect(Self.worst(masked, values) > 1000)
    let attack = try ObservabilityAttack(plan: plan, coalition: [7], rounds: Self.rounds)
    let heard = try attack.attack(plan, values: masked, rounds: Self.rounds)
    #expect(Self.worst(combine(heard, -1), values) < 1e-6)
  }
}
