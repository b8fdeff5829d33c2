/// How many rounds each method takes on each topology: a pure function, to be printed.
public enum ConvergenceTable {
  /// The topologies that are compared.
  public static let topologies: [Topology] = [
    .complete, .ring, .cycleWithInverseChords, .randomRegular(degree: 4), .hypercube,
    .onePeerExponential,
  ]
  /// The numbers of participants: primes, and powers of two beside them.
  public static let participants = [7, 8, 31, 32, 127, 128, 1021, 1024]

  /// One topology and method over all numbers of participants.
  public struct Row: Sendable, Equatable {
    /// As in ``Topology/description``.
    public let topology: String
    /// As in ``ConsensusMethod/description``, or `exact-sum`.
    public let method: String
    /// Rounds; `nil` where the topology is not defined.
    public let rounds: [Int?]
    /// Messages that one participant sends in a round, at most; `nil` as above.
    public let messages: [Int?]
  }

  /// Rounds until the distance from the average is `tolerance` times that at the start, in the
  /// worst case: see ``ConsensusPlan/rounds(toTolerance:)``. The last row, the exact sum of
  /// ``DisseminationSum``, has no tolerance.
  public static func rows(
    tolerance: Double = 1e-6, participants: [Int] = participants,
    topologies: [Topology] = topologies, seed: UInt64 = 1
  ) -> [Row] {
    var rows: [Row] = []
    for topology in topologies {
      let graphs = participants.map { try? topology.graph(participants: $0, seed: seed) }
      for method in ConsensusMethod.allCases {
        if method == .onePeerExponential && topology != .onePeerExponential { continue }
        let plans = graphs.map { graph in
          graph.flatMap { try? ConsensusPlan(graph: $0, method: method) }
        }
        rows.append(
          Row(
            topology: topology.description, method: method.description,
            rounds: plans.map { $0?.rounds(toTolerance: tolerance) },
            messages: plans.map { plan in
              plan.flatMap { plan in
                (0..<plan.participants).map { plan.recipients(of: $0, round: 0).count }.max()
              }
            }))
      }
    }
    rows.append(
      Row(
        topology: Topology.onePeerExponential.description, method: "exact-sum",
        rounds: participants.map { binaryLogarithm(roundedUp: $0) },
        messages: participants.map { $0 > 1 ? 1 : 0 }))
    return rows
  }

  /// The rows as a table in Markdown, one column for each number of participants.
  public static func markdown(_ rows: [Row], participants: [Int] = participants) -> String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    var text = line(["topology", "method"] + participants.map { "S = \($0)" })
    text += "|---|---|" + String(repeating: "---:|", count: participants.count) + "\n"
    for row in rows {
      text += line([row.topology, row.method] + row.rounds.map { $0.map { "\($0)" } ?? "–" })
    }
    return text
  }
}
