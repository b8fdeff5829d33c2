import LinearAlgebra
import Randomness

/// A fault that was planted in a synthetic test series.
public struct PlantedFault: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// A constant is added.
    case bias
    /// A slope is added.
    case drift
    /// The reading stays at its value of the fault's first row.
    case stuck
    /// The reading becomes another machine state's: right in its range, wrong beside the others.
    case decoupled
    /// The noise becomes several times as large.
    case noise
  }

  public let kind: Kind
  /// Rows of the test series, counted from 0.
  public let rows: Range<Int>
  /// Variables at fault, counted from 0.
  public let variables: [Int]

  /// `first-last:variables kind`, rows from 0 with the last one included, variables from 1.
  public var line: String {
    let names = variables.map { String($0 + 1) }.joined(separator: ",")
    return "\(rows.lowerBound)-\(rows.upperBound - 1):\(names) \(kind.rawValue)"
  }
}

/// A fleet of simulated machines of one kind, with known faults; a function of its seed.
///
/// A few slow, autocorrelated states (load, ambient temperature, …) drive all sensors of a machine
/// through a map that the whole fleet shares: linear with a saturating part. Machines differ in
/// gains, offsets, noise and in the mixture of loads that they see.
public struct SyntheticFleet: Sendable {
  public var participants = 4
  public var variables = 12
  public var states = 4
  public var trainRows = 2000
  public var testRows = 2000
  public var faultsEach = 8
  public var seed: UInt64 = 0

  public init() {}

  /// One machine's series and the faults in its test half.
  public struct Machine: Sendable {
    public let name: String
    public let train: MemoryRows
    public let test: MemoryRows
    public let labels: [Bool]
    public let faults: [PlantedFault]
  }

  /// Generates all machines.
  public func machines() -> [Machine] {
    let shared = SharedMap(self)
    return (0..<participants).map { machine($0, shared) }
  }

  /// The names that the generated variables carry.
  public var variableNames: [String] {
    let kinds = ["temperature", "pressure", "flow", "vibration", "current", "speed"]
    return (0..<variables).map { "\(kinds[$0 % kinds.count]) \($0 / kinds.count + 1)" }
  }

  /// Their units.
  public var units: [String] {
    let units = ["°C", "bar", "m³/h", "mm/s", "A", "1/min"]
    return (0..<variables).map { units[$0 % units.count] }
  }

  /// How the states of a machine become readings, the same for the whole fleet.
  private struct SharedMap {
    let linear: [Float]
    let saturating: [Float]
    let offset: [Float]
    let unit: [Float]

    init(_ fleet: SyntheticFleet) {
      let count = fleet.variables * fleet.states
      func stream(_ number: UInt32) -> RandomStream {
        RandomStream(
          seed: fleet.seed, participant: .max, round: number, purpose: .syntheticData)
      }
      linear = stream(0).normal(count)
      saturating = stream(1).normal(count).map { 0.7 * $0 }
      offset = stream(2).uniform(fleet.variables).map { 20 + 60 * $0 }
      unit = stream(3).uniform(fleet.variables).map { 0.5 + 4 * $0 }
    }
  }

  private func machine(_ index: Int, _ shared: SharedMap) -> Machine {
    func stream(_ number: UInt32) -> RandomStream {
      RandomStream(
        seed: seed, participant: UInt32(index), round: number, purpose: .syntheticData)
    }
    let rows = trainRows + testRows
    let gains = stream(10).normal(variables).map { 1 + 0.1 * $0 }
    let shifts = stream(11).normal(variables).map { 0.3 * $0 }
    let level = stream(12).normal(states).map { 0.4 * $0 }
    let noise = stream(13).normal(rows * variables)
    let drive = stream(14).normal(rows * states)
    let clean = readings(rows, drive, level, gains, shifts, shared)

    var values = clean
    for i in values.indices { values[i] += 0.25 * shared.unit[i % variables] * noise[i] }
    var labels = [Bool](repeating: false, count: testRows)
    let faults = plan(stream(15).uniform(4 * faultsEach))
    for fault in faults { plant(fault, in: &values, clean, noise, shared, &labels) }
    let name = "machine-" + (index < 9 && participants > 9 ? "0" : "") + "\(index + 1)"
    return Machine(
      name: name,
      train: MemoryRows(columnCount: variables, values: Array(values[0..<trainRows * variables])),
      test: MemoryRows(columnCount: variables, values: Array(values[(trainRows * variables)...])),
      labels: labels, faults: faults)
  }

  /// The readings without sensor noise, `[rows, variables]`.
  private func readings(
    _ rows: Int, _ drive: [Float], _ level: [Float], _ gains: [Float], _ shifts: [Float],
    _ shared: SharedMap
  ) -> [Float] {
    var values = [Float](repeating: 0, count: rows * variables)
    var state = [Float](repeating: 0, count: states)
    for r in 0..<rows {
      for k in 0..<states {
        // Autoregressive with unit variance; each state has a memory of its own.
        let memory: Float = 1 - 0.3 / Float(k + 1)
        let innovation = (1 - memory * memory).squareRoot()
        state[k] =
          (r == 0 ? 1 : memory) * state[k] + (r == 0 ? 1 : innovation) * drive[r * states + k]
      }
      for v in 0..<variables {
        var sum: Float = shifts[v]
        for k in 0..<states {
          let s = state[k] + level[k]
          sum += shared.linear[v * states + k] * s
          // A rational stand-in for a sigmoid, exact to compute on every machine.
          sum += shared.saturating[v * states + k] * s / (1 + s.magnitude)
        }
        values[r * variables + v] = shared.offset[v] + shared.unit[v] * gains[v] * sum
      }
    }
    return values
  }

  /// Faults at regular distances, so that none touches another.
  private func plan(_ random: [Float]) -> [PlantedFault] {
    guard faultsEach > 0, testRows >= 20 * faultsEach else { return [] }
    let slot = testRows / faultsEach
    return (0..<faultsEach).map { i in
      let kinds = PlantedFault.Kind.allCases
      let start = i * slot + slot / 3 + Int(random[4 * i] * Float(slot) / 6)
      let length = slot / 8 + Int(random[4 * i + 1] * Float(slot) / 6)
      let first = min(variables - 1, Int(random[4 * i + 2] * Float(variables)))
      let second = min(variables - 1, Int(random[4 * i + 3] * Float(variables)))
      return PlantedFault(
        kind: kinds[i % kinds.count], rows: start..<start + length,
        variables: first == second || i % 3 != 0 ? [first] : [first, second].sorted())
    }
  }

  private func plant(
    _ fault: PlantedFault, in values: inout [Float], _ clean: [Float], _ noise: [Float],
    _ shared: SharedMap, _ labels: inout [Bool]
  ) {
    for row in fault.rows {
      labels[row] = true
      let progress = Float(row - fault.rows.lowerBound) / Float(fault.rows.count)
      for v in fault.variables {
        let place = (trainRows + row) * variables + v
        let first = (trainRows + fault.rows.lowerBound) * variables + v
        let unit = shared.unit[v]
        switch fault.kind {
        case .bias: values[place] += 2.5 * unit
        case .drift: values[place] += 5 * progress * unit
        case .stuck: values[place] = values[first]
        case .decoupled:
          // The reading of another time: half the training series earlier.
          values[place] = clean[place - trainRows / 2 * variables]
        case .noise: values[place] += 1.5 * unit * noise[place]
        }
      }
    }
  }
}
