import Consensus
import Cryptography
import Randomness
import Testing

/// Reproducible keys for tests, by pair.
struct TestKeys {
  let seed: UInt64

  subscript(_ a: Int, _ b: Int) -> SymmetricKey {
    let stream = RandomStream(
      seed: seed, participant: UInt32(min(a, b)), round: UInt32(max(a, b)), purpose: .syntheticData)
    var words = [UInt32](repeating: 0, count: 8)
    var span = words.mutableSpan
    stream.fillBits(&span)
    return SymmetricKey(
      bytes: words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } })
  }

  /// Everybody's masks, with keys along the channels of a graph.
  func masks(
    _ graph: CommunicationGraph, magnitude: Double, resolution: Double
  ) throws -> [PairwiseMasks] {
    try (0..<graph.participants).map { i in
      let keys = graph.neighbours(of: i).map { ($0, self[i, $0]) }
      return try PairwiseMasks(
        participant: i, keys: Dictionary(uniqueKeysWithValues: keys), magnitude: magnitude,
        resolution: resolution)
    }
  }
}

@Suite struct PairwiseMasksTests {
  static let complete = CommunicationGraph.complete(participants: 7)

  @Test func masksAddUpToZeroExactly() throws {
    for graph in [Self.complete, .ring(participants: 12)] {
      let masks = try TestKeys(seed: 1).masks(graph, magnitude: 0x1p20, resolution: 0x1p-24)
      for round: UInt64 in 0..<3 {
        let drawn = masks.map { $0.mask(count: 9, round: round) }
        for i in 0..<9 { #expect(drawn.reduce(0) { $0 + $1[i] } == 0) }
        #expect(drawn.joined().allSatisfy { abs($0) <= masks[0].amplitude })
        // Of the size that was asked for: the standard deviation is A √(peers / 3).
        let square = drawn.joined().reduce(0) { $0 + $1 * $1 } / Double(drawn.count * 9)
        let expected = 0x1p40 * Double(graph.degree(of: 0)) / 3
        #expect(square > 0.5 * expected && square < 1.6 * expected)
      }
      #expect(masks[0].mask(count: 9, round: 0) == masks[0].mask(count: 9, round: 0))
      #expect(masks[0].mask(count: 9, round: 0) != masks[0].mask(count: 9, round: 1))
    }
  }

  /// Masked values lie on the grid whatever the last bits of a value, and their sum is that of the
  /// rounded values, exactly.
  @Test func valuesAreRoundedToTheGridOfTheMasks() throws {
    let masks = try TestKeys(seed: 2).masks(Self.complete, magnitude: 1e6, resolution: 1e-6)
    #expect(masks[0].magnitude == 0x1p20)
    #expect(masks[0].resolution == 0x1p-20)
    let values = startValues(participants: 7, count: 4, seed: 3)
    let masked = try zip(masks, values).map { try $0.masked($1, round: 5) }
    for number in masked.joined() {
      #expect((number * 0x1p20).rounded() == number * 0x1p20)
    }
    for i in 0..<4 {
      let rounded = values.reduce(0) { $0 + ($1[i] * 0x1p20).rounded() * 0x1p-20 }
      #expect(masked.reduce(0) { $0 + $1[i] } == rounded)
    }
  }

  /// A tolerance relative to the masks is an error of ε times their size; the rounds that are
  /// counted for the value give the value.
  @Test func theToleranceIsThatOfTheValue() throws {
    let plan = try ConsensusPlan(
      graph: .cycleWithInverseChords(participants: 31, seed: 0), method: .chebyshev)
    let masks = try TestKeys(seed: 3).masks(
      .complete(participants: 31), magnitude: 0x1p16, resolution: 0x1p-28)
    let values = startValues(participants: 31, count: 8, seed: 4)
    let mean = averages(values)
    let masked = try zip(masks, values).map { try $0.masked($1, round: 0) }
    func error(_ rounds: Int) throws -> Double {
      try run(plan, values: masked, rounds: rounds).reduce(0) { worst, node in
        zip(node.average, mean).reduce(worst) { max($0, abs($1.0 - $1.1)) }
      }
    }
    let counted = try plan.rounds(toError: 1e-6, amplitude: masks[0].amplitude)
    #expect(try error(counted) < 1e-6)
    #expect(try error(plan.rounds(toTolerance: 1e-6)) > 1e-4)
    let least = #expect(throws: ConsensusError.self) {
      try plan.rounds(toError: 1e-12, amplitude: masks[0].amplitude)
    }
    #expect(least?.description.contains("exact sum") == true)
  }

  @Test func whatCannotBeMasked() throws {
    let key = TestKeys(seed: 0)[0, 1]
    #expect(throws: MaskError.noKeys(participant: 0)) {
      try PairwiseMasks(participant: 0, keys: [:], magnitude: 1, resolution: 1)
    }
    #expect(throws: MaskError.ownKey(participant: 0)) {
      try PairwiseMasks(participant: 0, keys: [0: key], magnitude: 1, resolution: 1)
    }
    #expect(throws: MaskError.tooFine(magnitude: 0x1p30, resolution: 0x1p-30, peers: 1)) {
      try PairwiseMasks(participant: 0, keys: [1: key], magnitude: 0x1p30, resolution: 0x1p-30)
    }
    let masks = try PairwiseMasks(
      participant: 0, keys: [1: key], magnitude: 8, resolution: 0x1p-10)
    for value in [8.0, -9, .infinity, .nan] {
      #expect(throws: MaskError.self) { try masks.masked([0, value], round: 0) }
    }
  }
}
