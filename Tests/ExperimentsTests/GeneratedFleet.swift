import Datasets
import Randomness

@testable import Experiments

/// A fleet whose machines are in two states one after the other, in which two pairs of variables hang
/// together in opposite ways: of both states together there is no correlation.
struct GeneratedFleet {
  static let variables = ["pressure", "flow", "speed", "torque", "power"]

  /// What is the matter with the second variable of the named series.
  enum Fault {
    case none
    /// Mirrored about its mean: it reads as it may, but not together with the first one.
    case mirrored
  }

  /// - Parameter named: the variables that are said to be at fault.
  static func make(
    seed: UInt64, participants: Int = 4, rows: Int = 150, fault: Fault = .none,
    named: Set<Int> = [0, 1]
  ) -> ExperimentFleet {
    func normal(_ participant: Int, _ number: Int, _ count: Int) -> MemoryRows {
      let noise = RandomStream(
        seed: seed, participant: UInt32(participant), round: UInt32(number),
        purpose: .syntheticData
      ).normal(5 * count)
      var values: [Float] = []
      for r in 0..<count {
        let e = noise[5 * r..<5 * r + 5].map { $0 }
        let sign: Float = r < count / 2 ? 1 : -1
        values += [
          100 + 10 * e[0], 7 + sign * e[0] + 0.15 * e[1], 3 * sign + 0.5 * e[2],
          e[3], -2 + 4 * (sign * e[3] + 0.15 * e[4]),
        ]
      }
      return MemoryRows(columnCount: 5, values: values)
    }
    return ExperimentFleet(
      name: "generated", variables: variables,
      participants: (0..<participants).map { s in
        let series = (10..<18).map { number -> FaultySeries in
          let rows = normal(s, number, 60)
          var values = rows.values
          if fault == .mirrored {
            for r in 0..<60 { values[5 * r + 1] = 14 - values[5 * r + 1] }
          }
          return FaultySeries(
            rows: MemoryRows(columnCount: 5, values: values), faulty: named)
        }
        return ExperimentFleet.Participant(
          name: "machine-\(s + 1)", train: normal(s, 0, rows),
          normal: (1..<9).map { normal(s, $0, 60) }, named: series)
      })
  }
}
