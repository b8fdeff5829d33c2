import Datasets
import Randomness

/// Physical problems of a sensor, which experiments plant into real normal rows: public data seldom
/// say which variables are at fault, and CollabDict 2018 used data of its own.
public enum SensorFault: String, Sendable, Hashable, CaseIterable {
  /// Reads two standard deviations too high or too low.
  case bias
  /// Noise of two standard deviations on top.
  case noise
  /// Stays at the reading of the first row.
  case freeze
  /// Goes away from the truth evenly, up to four standard deviations at the last row.
  case drift

  /// Changes a variable's readings.
  ///
  /// - Parameters:
  ///   - readings: in the variable's own unit.
  ///   - deviation: its standard deviation in the training rows.
  ///   - isNegative: the direction of bias and drift.
  ///   - noise: standard normal draws, as many as readings.
  func apply(
    to readings: inout [Float], deviation: Double, isNegative: Bool, noise: [Float]
  ) {
    let size = isNegative ? -deviation : deviation
    for r in readings.indices {
      switch self {
      case .bias: readings[r] += Float(2 * size)
      case .noise: readings[r] += Float(2 * size) * noise[r]
      case .freeze: readings[r] = readings[0]
      case .drift:
        readings[r] += Float(4 * size * Double(r) / Double(max(1, readings.count - 1)))
      }
    }
  }

  /// Plants faults into two different variables of a series.
  ///
  /// - Parameters:
  ///   - deviations: the variables' standard deviations in the training rows.
  ///   - turn: series of different turns get independent faults.
  static func plant(
    into rows: MemoryRows, deviations: [Double], seed: UInt64, turn: Int
  ) -> FaultySeries {
    let (width, count) = (rows.columnCount, rows.rowCount)
    precondition(width >= 2, "two faulty variables among \(width)")
    var choices = Choices(seed: seed, subject: 100, turn: turn)
    let pair = choices.pair(below: width)
    var values = rows.values
    for (place, variable) in [pair.0, pair.1].enumerated() {
      let fault = allCases[choices.below(allCases.count)]
      let noise = RandomStream(
        seed: seed, participant: UInt32(101 + place), round: UInt32(turn), purpose: .resampling
      ).normal(count)
      var readings = (0..<count).map { values[$0 * width + variable] }
      fault.apply(
        to: &readings, deviation: deviations[variable], isNegative: choices.below(2) == 1,
        noise: noise)
      for r in 0..<count { values[r * width + variable] = readings[r] }
    }
    return FaultySeries(
      rows: MemoryRows(columnCount: width, values: values), faulty: [pair.0, pair.1])
  }
}
