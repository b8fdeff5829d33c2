import Datasets
import Randomness

/// What one repetition of an experiment is made on: participants with normal rows to learn from, and
/// further series to test with.
public struct ExperimentFleet: Sendable {
  /// A participant's rows.
  public struct Participant: Sendable {
    public var name: String
    /// Normal rows to learn from.
    public var train: MemoryRows
    /// Further series of normal rows.
    public var normal: [MemoryRows]
    /// Series in which somebody named the faulty variables.
    public var named: [FaultySeries]

    public init(
      name: String, train: MemoryRows, normal: [MemoryRows] = [], named: [FaultySeries] = []
    ) {
      self.name = name
      self.train = train
      self.normal = normal
      self.named = named
    }
  }

  public var name: String
  public var variables: [String]
  public var participants: [Participant]

  public init(name: String, variables: [String], participants: [Participant]) {
    self.name = name
    self.variables = variables
    self.participants = participants
  }

  /// Without the variables that never move in some participant's training rows: nothing can be
  /// learned of them there, by any method.
  public func withoutConstantVariables() throws -> ExperimentFleet {
    var moves = [Bool](repeating: true, count: variables.count)
    for participant in participants {
      for constant in try DataSummary(participant.train).constantColumns { moves[constant] = false }
    }
    let kept = variables.indices.filter { moves[$0] }
    if kept.count == variables.count { return self }
    func selected(_ rows: MemoryRows) -> MemoryRows {
      var values: [Float] = []
      values.reserveCapacity(rows.rowCount * kept.count)
      for r in 0..<rows.rowCount {
        for v in kept { values.append(rows.values[r * rows.columnCount + v]) }
      }
      return MemoryRows(columnCount: max(1, kept.count), values: values)
    }
    var fleet = self
    fleet.variables = kept.map { variables[$0] }
    fleet.participants = participants.map { participant in
      Participant(
        name: participant.name, train: selected(participant.train),
        normal: participant.normal.map(selected),
        named: participant.named.compactMap { series in
          let faulty = kept.indices.filter { series.faulty.contains(kept[$0]) }
          return faulty.isEmpty
            ? nil : FaultySeries(rows: selected(series.rows), faulty: Set(faulty))
        })
    }
    return fleet
  }
}

/// A series in which some variables are faulty.
public struct FaultySeries: Sendable, Equatable {
  public var rows: MemoryRows
  /// The variables at fault, counted from 0.
  public var faulty: Set<Int>

  public init(rows: MemoryRows, faulty: Set<Int>) {
    self.rows = rows
    self.faulty = faulty
  }
}

/// Reproducible choices, one after the other.
struct Choices {
  private var draws: ArraySlice<Float>

  /// - Parameters:
  ///   - subject: choices of different subjects and turns are independent.
  ///   - count: the most choices that are made.
  init(seed: UInt64, subject: UInt32, turn: Int = 0, count: Int = 256) {
    draws =
      RandomStream(
        seed: seed, participant: subject, round: UInt32(truncatingIfNeeded: turn),
        purpose: .resampling
      ).uniform(count)[...]
  }

  /// A number below `bound`.
  mutating func below(_ bound: Int) -> Int {
    guard let draw = draws.popFirst() else { preconditionFailure("more choices than announced") }
    return min(bound - 1, Int(Double(draw) * Double(bound)))
  }

  /// Two different numbers below `bound`.
  mutating func pair(below bound: Int) -> (Int, Int) {
    let first = below(bound)
    let second = below(bound - 1)
    return (first, second < first ? second : second + 1)
  }
}
