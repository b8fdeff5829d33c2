import Consensus
import Testing

/// The observability attack against pairwise masks with secret keys: it finds the masked start
/// values, and there it ends.
@Suite struct MaskedAttackTests {
  static let participants = 7
  static let coalition: Set<Int> = [2, 5]
  static let honest = [0, 1, 3, 4, 6]

  /// What the coalition {2, 5} is left with: masked start values less the masks that it shares.
  static func stripped(
    _ masked: [[Double]], graph: CommunicationGraph, keys: TestKeys, magnitude: Double,
    coalition: Set<Int>
  ) throws -> [[Double]] {
    try masked.enumerated().map { i, values in
      let known = graph.neighbours(of: i).filter { coalition.contains($0) }
      if known.isEmpty || coalition.contains(i) { return values }
      // With its own keys a member computes what the other end has added.
      let theirs = try PairwiseMasks(
        participant: i, keys: Dictionary(uniqueKeysWithValues: known.map { ($0, keys[i, $0]) }),
        magnitude: magnitude, resolution: 0x1p-16)
      return zip(values, theirs.mask(count: values.count, round: 0)).map { $0 - $1 }
    }
  }

  @Test func aCoalitionFindsMaskedValuesAndTheSumOfTheHonest() throws {
    let plan = try ConsensusPlan(
      graph: .cycleWithInverseChords(participants: Self.participants, seed: 0), method: .metropolis)
    let graph = CommunicationGraph.complete(participants: Self.participants)
    let keys = TestKeys(seed: 11)
    let values = startValues(participants: Self.participants, count: 20, seed: 12)
    let masks = try keys.masks(graph, magnitude: 0x1p20, resolution: 0x1p-16)
    let masked = try zip(masks, values).map { try $0.masked($1, round: 0) }
    let attack = try ObservabilityAttack(plan: plan, coalition: Self.coalition, rounds: 60)
    let heard = try attack.attack(plan, values: masked, rounds: 60)
    // The attack is as strong as against plain values.
    #expect(ObservabilityAttackTests.worst(heard, masked) < 1e-5)
    let left = try Self.stripped(
      heard, graph: graph, keys: keys, magnitude: 0x1p20, coalition: Self.coalition)
    for k in 0..<20 {
      let sum = Self.honest.reduce(0) { $0 + left[$1][k] }
      #expect(abs(sum - Self.honest.reduce(0) { $0 + values[$1][k] }) < 1e-3)
    }
    // Each honest value is still under four masks: off by the size of these, not of the value.
    for i in Self.honest {
      let error = (0..<20).reduce(0) { $0 + abs(left[i][$1] - values[i][$1]) } / 20
      #expect(error > 0x1p18)
    }
  }

  /// Samples of what is left for the coalition, one for each trial with new keys: every honest
  /// participant, and sums of two and of three.
  private func samples(
    _ values: [Double], trials: Int, firstSeed: UInt64, magnitude: Double
  ) throws -> [[Double]] {
    let graph = CommunicationGraph.complete(participants: Self.participants)
    var samples = [[Double]](repeating: [], count: 9)
    for trial in 0..<trials {
      let keys = TestKeys(seed: firstSeed + UInt64(trial))
      let masks = try keys.masks(graph, magnitude: magnitude, resolution: 0x1p-16)
      let masked = try zip(masks, values).map { try $0.masked([$1], round: 0) }
      let left = try Self.stripped(
        masked, graph: graph, keys: keys, magnitude: magnitude, coalition: Self.coalition)
      let honest = Self.honest.map { left[$0][0] }
      for i in 0..<5 { samples[i].append(honest[i]) }
      samples[5].append(honest[0] + honest[1])
      samples[6].append(honest[2] + honest[4])
      samples[7].append(honest[0] + honest[1] + honest[2])
      samples[8].append(honest[1] + honest[3] + honest[4])
    }
    return samples
  }

  /// The largest distance of two empirical distribution functions (Kolmogorov and Smirnov).
  private func distance(_ a: [Double], _ b: [Double]) -> Double {
    let (a, b) = (a.sorted(), b.sorted())
    var (i, j, worst) = (0, 0, 0.0)
    while i < a.count && j < b.count {
      if a[i] <= b[j] { i += 1 } else { j += 1 }
      worst = max(worst, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
    }
    return worst
  }

  /// Two inputs with the same honest sum leave the same distribution. Of 2 × 2000 samples the
  /// distance exceeds 0.0616 once in a thousand if the distributions are equal; masks no larger
  /// than the values fail the same test, so it would see a difference.
  @Test func twoInputsLookTheSame() throws {
    let first: [Double] = [3, -1, 7, 2, 0.5, 7, -4.5]
    let second: [Double] = [-2, 2.5, 7, -3, 1.5, 7, 1]
    #expect(
      Self.honest.reduce(0) { $0 + first[$1] } == Self.honest.reduce(0) { $0 + second[$1] })
    func distances(_ magnitude: Double) throws -> [Double] {
      let a = try samples(first, trials: 2000, firstSeed: 100_000, magnitude: magnitude)
      let b = try samples(second, trials: 2000, firstSeed: 200_000, magnitude: magnitude)
      return zip(a, b).map { distance($0, $1) }
    }
    let hidden = try distances(0x1p13)
    #expect(hidden.allSatisfy { $0 < 0.0616 })
    let bare = try distances(8)
    #expect(bare.contains { $0 > 0.15 })
  }

  /// A coalition that cuts the graph of keys learns the sum of each part, and of nothing smaller.
  @Test func sumsOfComponentsAreLearnt() throws {
    // Keys along 0 – 1 – 2 – 3 – 4 – 5 – 6: without 2 and 5 there remain {0, 1}, {3, 4}, {6}.
    let graph = try CommunicationGraph(
      adjacency: [[1], [0, 2], [1, 3], [2, 4], [3, 5], [4, 6], [5]])
    #expect(graph.components(without: Self.coalition) == [[0, 1], [3, 4], [6]])
    let keys = TestKeys(seed: 31)
    let values = (0..<Self.participants).map { [Double($0 * $0) / 4 - 3] }
    let masks = try keys.masks(graph, magnitude: 0x1p20, resolution: 0x1p-16)
    let masked = try zip(masks, values).map { try $0.masked($1, round: 0) }
    let left = try Self.stripped(
      masked, graph: graph, keys: keys, magnitude: 0x1p20, coalition: Self.coalition)
    for component in graph.components(without: Self.coalition) {
      let sum = component.reduce(0) { $0 + left[$1][0] }
      #expect(sum == component.reduce(0) { $0 + values[$1][0] })
      if component.count > 1 {
        for i in component { #expect(abs(left[i][0] - values[i][0]) > 1000) }
      }
    }
  }
}
