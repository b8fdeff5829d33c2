import Datasets
import Storage

/// Public data in the form of CollabDict 2018, Sec. V: about ten participants with a few hundred rows
/// each.
public enum PublicFleet: String, Sendable, Hashable, CaseIterable {
  /// The Tennessee Eastman process: its 1460 normal rows in 14 series of 100, of which ten are
  /// participants; the other four are there for tests with any of them.
  case tep
  /// Ten of the sixteen experiments of SKAB's valve 1: 400 rows to learn from, and two halves of the
  /// rows from there to the anomaly.
  case skab
  /// All eight servers of ASD: three days (864 rows) to learn from, the same for all; normal stretches of
  /// 100 rows of the test half, and its named faults.
  case asd

  /// What the seed chooses: which series, experiments or days.
  ///
  /// - Parameter folder: where the data sets are; see `datasets/README.md`.
  /// - Throws: `StorageError`, and ``ExperimentError`` for a file with other contents.
  public func load(from folder: String, seed: UInt64) throws -> ExperimentFleet {
    switch self {
    case .tep: try Self.tennesseeEastman("\(folder)/tep.h5", seed)
    case .skab: try Self.skoltech("\(folder)/skab/valve1", seed)
    case .asd: try Self.applicationServers("\(folder)/asd.h5", seed)
    }
  }

  private static func tennesseeEastman(_ path: String, _ seed: UInt64) throws -> ExperimentFleet {
    let fleet = try SensorFleet(readingHDF5: path)
    guard let normal = fleet["normal"], let train = normal.train, let test = normal.test else {
      throw ExperimentError(path, "no group “normal” with train and test")
    }
    let width = train.columnCount
    var series: [MemoryRows] = []
    for run in [train, test] {
      for start in stride(from: 0, through: run.rowCount - 100, by: 100) {
        series.append(try rows(of: run, start..<start + 100))
      }
    }
    guard series.count >= 12 else {
      throw ExperimentError(path, "\(series.count) series of 100 normal rows instead of 14")
    }
    let order = order(series.count, seed)
    let rest = order[10...].map { series[$0] }
    return ExperimentFleet(
      name: PublicFleet.tep.rawValue, variables: (0..<width).map(fleet.variableName),
      participants: order[..<10].map {
        ExperimentFleet.Participant(
          name: "series-\($0 + 1)", train: series[$0], normal: Array(rest))
      })
  }

  private static func skoltech(_ folder: String, _ seed: UInt64) throws -> ExperimentFleet {
    var names: [String] = []
    let participants = try order(16, seed).prefix(10).map { number in
      let path = "\(folder)/\(number).csv"
      let table = try CSVTable(path: path, options: CSVOptions(textColumns: ["datetime"]))
      let sensors = table.columns.indices.filter {
        !["anomaly", "changepoint"].contains(table.columns[$0])
      }
      guard let label = table.columns.firstIndex(of: "anomaly"), sensors.count >= 2 else {
        throw ExperimentError(path, "no column named anomaly beside the sensors")
      }
      names = sensors.map { table.columns[$0] }
      let first = (0..<table.rowCount).first { Array(table[row: $0])[label] == 1 }
      let end = first ?? table.rowCount
      guard end >= 440 else { throw ExperimentError(path, "only \(end) rows before the anomaly") }
      func rows(_ range: Range<Int>) -> MemoryRows {
        var values: [Float] = []
        for r in range {
          let row = Array(table[row: r])
          values += sensors.map { Float(row[$0]) }
        }
        return MemoryRows(columnCount: sensors.count, values: values)
      }
      let middle = (400 + end) / 2
      return ExperimentFleet.Participant(
        name: "experiment-\(number)", train: rows(0..<400),
        normal: [rows(400..<middle), rows(middle..<end)])
    }
    return ExperimentFleet(
      name: PublicFleet.skab.rawValue, variables: names, participants: Array(participants))
  }

  private static func applicationServers(
    _ path: String, _ seed: UInt64
  ) throws -> ExperimentFleet {
    let fleet = try SensorFleet(readingHDF5: path)
    let file = try HDF5File(reading: path)
    let days = 864
    let shortest = fleet.participants.map { $0.train?.rowCount ?? 0 }.min() ?? 0
    guard shortest >= days else {
      throw ExperimentError(path, "a server with \(shortest) training rows; \(days) are needed")
    }
    var choices = Choices(seed: seed, subject: 2)
    let start = choices.below(shortest - days + 1)
    var width = 0
    let participants = try fleet.participants.map { data in
      guard let train = data.train, let test = data.test, let labels = data.testLabels else {
        throw ExperimentError(path, "\(data.name) lacks train, test or test_labels")
      }
      width = train.columnCount
      var normal: [MemoryRows] = []
      for first in stride(from: 0, through: test.rowCount - 100, by: 100)
      where !labels[first..<first + 100].contains(true) {
        normal.append(try rows(of: test, first..<first + 100))
      }
      let named = try namedFaults(of: data.name, in: file, variables: width)
        .filter { $0.rows.upperBound <= test.rowCount }
        .map { FaultySeries(rows: try rows(of: test, $0.rows), faulty: $0.variables) }
      return ExperimentFleet.Participant(
        name: data.name, train: try rows(of: train, start..<start + days), normal: normal,
        named: named)
    }
    return try ExperimentFleet(
      name: PublicFleet.asd.rawValue, variables: (0..<width).map(fleet.variableName),
      participants: participants
    ).withoutConstantVariables()
  }

  /// The attribute `interpretation`: lines `first-last:variables`, rows counted from 0, variables
  /// from 1.
  static func namedFaults(
    of name: String, in file: HDF5File, variables: Int
  ) throws -> [(rows: Range<Int>, variables: Set<Int>)] {
    guard case .string(let text)? = try file.attribute("interpretation", of: "/\(name)") else {
      return []
    }
    return try text.split(whereSeparator: \.isNewline).map { line in
      let parts = line.split(separator: ":")
      let rows = parts.first?.split(separator: "-").compactMap { Int($0) } ?? []
      let numbers = parts.last?.split(separator: ",").compactMap { Int($0) } ?? []
      guard parts.count == 2, rows.count == 2, rows[0] >= 0, rows[0] <= rows[1], rows[1] < Int.max,
        !numbers.isEmpty, numbers.allSatisfy({ $0 >= 1 && $0 <= variables })
      else {
        throw ExperimentError(
          file.path, "the interpretation of \(name) has a line that names no rows and variables")
      }
      return (rows[0]..<rows[1] + 1, Set(numbers.map { $0 - 1 }))
    }
  }

  private static func rows(of source: any RowSource, _ range: Range<Int>) throws -> MemoryRows {
    MemoryRows(
      columnCount: source.columnCount, values: try SelectedRows(source, parts: [range]).readAll())
  }

  /// The numbers below `count` in an order of the seed's.
  private static func order(_ count: Int, _ seed: UInt64) -> [Int] {
    var choices = Choices(seed: seed, subject: 1)
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, choices.below(i + 1)) }
    return order
  }
}

/// Why an experiment cannot be made, in one line.
public struct ExperimentError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ file: String, _ problem: String) {
    description = "\(file): \(problem); see datasets/README.md"
  }

  init(_ description: String) { self.description = description }
}
