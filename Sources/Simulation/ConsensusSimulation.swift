import Consensus

/// The consensus alone, for very many participants: what a sum over them costs.
public enum ConsensusSimulation {
  /// The cost of one sum.
  public struct Report: Sendable {
    /// Exchanges that follow one another.
    public var rounds: Int
    public var messages: Int
    /// Numbers that were sent.
    public var numbers: Int
    /// The largest distance of anybody's result from the sum.
    public var error: Double
  }

  /// The exact sum in ⌈log₂ S⌉ exchanges.
  ///
  /// - Parameters:
  ///   - participants: S.
  ///   - count: numbers of each participant.
  public static func exactSum(participants: Int, count: Int) throws -> Report {
    var nodes = (0..<participants).map { index in
      DisseminationSum<Int64>(
        participant: index, participants: participants,
        value: (0..<count).map { Int64(index) &* 7_919 &+ Int64($0) })
    }
    var report = Report(rounds: 0, messages: 0, numbers: 0, error: 0)
    while let first = nodes.first, !first.isFinished {
      let messages = nodes.map(\.message)
      for index in nodes.indices {
        guard let source = nodes[index].source else { continue }
        report.messages += 1
        report.numbers += messages[source].reduce(0) { $0 + $1.count }
        try nodes[index].receive(messages[source])
      }
      report.rounds += 1
    }
    for i in 0..<count {
      let expected = (0..<participants).reduce(Int64(0)) { $0 &+ Int64($1) &* 7_919 &+ Int64(i) }
      for node in nodes {
        let error = ((node.sum?[i] ?? 0) &- expected).magnitude
        report.error = max(report.error, Double(error))
      }
    }
    return report
  }

  /// A number between -1 and 1.
  private static func sample(_ index: Int, _ place: Int) -> Double {
    let hundredths = (index * 37 + place * 11) % 201 - 100
    return Double(hundredths) / 100
  }

  /// An iterative sum over a graph.
  ///
  /// - Parameter tolerance: relative to the largest value.
  public static func iterative(
    topology: Topology, method: ConsensusMethod, participants: Int, count: Int,
    tolerance: Double, seed: UInt64
  ) throws -> Report {
    let graph = try topology.graph(participants: participants, seed: seed)
    let plan = try ConsensusPlan(graph: graph, method: method)
    let rounds = try plan.rounds(toError: tolerance, amplitude: 1)
    var nodes = (0..<participants).map { index in
      DynamicalConsensus(
        plan: plan, participant: index,
        value: (0..<count).map { sample(index, $0) }, rounds: rounds)
    }
    let expected: [Double] = (0..<count).map { i in
      var sum = 0.0
      for index in 0..<participants { sum += sample(index, i) }
      return sum
    }
    var report = Report(rounds: rounds, messages: 0, numbers: 0, error: 0)
    for _ in 0..<rounds {
      let before = nodes.map(\.value)
      for index in nodes.indices {
        let sources = nodes[index].sources
        report.messages += sources.count
        report.numbers += sources.count * count
        try nodes[index].receive(sources.map { before[$0] })
      }
    }
    for node in nodes {
      for i in 0..<count { report.error = max(report.error, (node.sum[i] - expected[i]).magnitude) }
    }
    return report
  }
}
