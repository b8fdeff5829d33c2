import CollaborativeLearning
import Consensus
import Cryptography
import Synchronization

/// The paper's way to a sum: averages that neighbours form with one another until all agree, by
/// Eq. (3) of CollabDict 2024 or faster methods, over a graph whose labels are drawn anew for each
/// sum.
///
/// What is summed are whole numbers (steps of the fixed-point encoding), so an average that is close
/// enough gives the exact sum by rounding; how far the averages were from whole numbers, and from one
/// another, is told.
public final class IterativeAggregation: Aggregation {
  /// How contributions are hidden from neighbours.
  public enum Privacy: Sendable, Hashable {
    case none
    /// Random chunks, each over another graph (Sec. 4.2). Leaks: averages over a known graph can be
    /// observed and solved for.
    case chunks(Int)
    /// Zero-sum masks that pairs agree on.
    case masks
  }

  private let topology: Topology
  private let method: ConsensusMethod
  private let privacy: Privacy
  private let tolerance: Double
  private let seed: UInt64
  private let keys: [[Int: SymmetricKey]]
  private let state: Mutex<(session: UInt32, rounds: Int, worstError: Double)>

  /// - Parameters:
  ///   - tolerance: of an average, in steps of the encoding; below 0.5 / S for exact sums.
  public init(
    topology: Topology, method: ConsensusMethod, privacy: Privacy, tolerance: Double,
    participants: Int, seed: UInt64
  ) throws {
    self.topology = topology
    self.method = method
    self.privacy = privacy
    self.tolerance = tolerance
    self.seed = seed
    var keys = [[Int: SymmetricKey]](repeating: [:], count: participants)
    if privacy == .masks {
      for a in 0..<participants {
        for b in a + 1..<participants {
          let key = SymmetricKey.random()
          keys[a][b] = key
          keys[b][a] = key
        }
      }
    }
    self.keys = keys
    state = Mutex((0, 0, 0))
    _ = try topology.graph(participants: participants, seed: seed)
  }

  /// Exchanges between neighbours so far, in rounds of the method.
  public var rounds: Int { state.withLock { $0.rounds } }
  /// The largest distance of a computed sum from a whole number, in steps.
  public var worstError: Double { state.withLock { $0.worstError } }

  public func sum(_ contributions: [[UInt32]]) throws -> [UInt32] {
    let count = contributions.count
    let prime = 2_147_483_647.0
    // As signed numbers: the field's upper half stands for negative ones.
    let values = contributions.map {
      $0.map { $0 > 1_073_741_823 ? Double($0) - prime : Double($0) }
    }
    let session = state.withLock { state in
      state.session += 1
      return state.session
    }
    let largest = values.reduce(1.0) { max($0, $1.reduce(0) { max($0, $1.magnitude) }) }
    let parts: [[[Double]]]
    var amplitude = largest
    switch privacy {
    case .none: parts = [values]
    case .chunks(let chunks):
      let chunking = RandomChunking(chunks: chunks, magnitude: largest)
      let split = values.map { chunking.split($0) }
      parts = (0..<chunks).map { chunk in split.map { $0[chunk] } }
      amplitude *= Double(2 * chunks)
    case .masks:
      var masked: [[Double]] = []
      for (index, value) in values.enumerated() {
        let masks = try PairwiseMasks(
          participant: index, keys: keys[index], magnitude: 8 * largest, resolution: 1)
        masked.append(try masks.masked(value, round: UInt64(session)))
        amplitude = max(amplitude, masks.amplitude + largest)
      }
      parts = [masked]
    }
    var totals = [Double](repeating: 0, count: values[0].count)
    for (chunk, part) in parts.enumerated() {
      let averages = try average(
        part, session: session &* 64 &+ UInt32(chunk), amplitude: amplitude)
      for i in totals.indices { totals[i] += averages[i] * Double(count) }
    }
    let error = totals.reduce(0.0) { max($0, ($1 - $1.rounded()).magnitude) }
    state.withLock { $0.worstError = max($0.worstError, error) }
    return totals.map { total in
      let whole = total.rounded()
      return UInt32(whole < 0 ? whole + prime : whole)
    }
  }

  /// The average that the first participant comes to.
  private func average(
    _ values: [[Double]], session: UInt32, amplitude: Double
  ) throws -> [Double] {
    let graph = try topology.graph(participants: values.count, seed: seed)
      .relabelled(seed: seed, session: session)
    let plan = try ConsensusPlan(graph: graph, method: method)
    let rounds = try plan.rounds(toError: tolerance, amplitude: amplitude)
    var nodes = values.indices.map {
      DynamicalConsensus(plan: plan, participant: $0, value: values[$0], rounds: rounds)
    }
    for _ in 0..<rounds {
      let before = nodes.map(\.value)
      for index in nodes.indices {
        try nodes[index].receive(nodes[index].sources.map { before[$0] })
      }
    }
    state.withLock { $0.rounds += rounds }
    return nodes[0].average
  }
}
