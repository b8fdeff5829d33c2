import Foundation
import Storage

/// What an experiment on fleets came to, over several seeds.
public struct FleetReport: Sendable {
  public let name: String
  public let title: String
  /// The first is that of ``published``.
  public let measures: [Measure]
  /// What the curves are over, and what they show.
  let axes: (x: String, y: String)
  /// The area that the paper reports, on its own private data.
  public let published: [ComparedMethod: Double]
  public let outcomes: [FleetOutcome]

  /// A row of the table: a fleet and a method, over all seeds.
  public struct Row: Sendable {
    public let fleet: String
    public let method: ComparedMethod
    /// By the key of the measure: one value a seed.
    public let values: [String: [Double]]
    /// Mean and standard deviation of the curve at 101 abscissae from 0 to 1.
    public let curve: [(mean: Double, deviation: Double)]
  }

  /// The fleets in the order in which they were given.
  public var fleets: [String] {
    outcomes.reduce(into: []) { if !$0.contains($1.fleet) { $0.append($1.fleet) } }
  }

  /// The rows of the table, fleet by fleet.
  public var rows: [Row] {
    fleets.flatMap { fleet in
      ComparedMethod.allCases.map { method in
        let found = outcomes.filter { $0.fleet == fleet }.flatMap(\.methods)
          .filter { $0.method == method }
        var values: [String: [Double]] = [:]
        for measure in measures {
          values[measure.key] = found.compactMap { $0.values[measure.key] }
        }
        return Row(
          fleet: fleet, method: method, values: values,
          curve: CleansingExperiment.grid.indices.map { i in
            let heights = found.map { $0.curve[i] }
            return (heights.mean, heights.deviation)
          })
      }
    }
  }

  /// Whose area stands beside, with its name.
  public static let source = "Idé 2018, private data"

  // MARK: Tables

  /// The table for people: mean ± standard deviation over the seeds.
  public var table: (header: [String], rows: [[String]]) {
    var lines = rows.map { row in
      [row.fleet, row.method.rawValue]
        + measures.map { measure in
          let values = row.values[measure.key] ?? []
          if values.isEmpty { return "-" }
          return String(format: "%.3f ± %.3f", values.mean, values.deviation)
        }
    }
    for method in ComparedMethod.allCases {
      guard let area = published[method] else { continue }
      lines.append(
        [Self.source, method.rawValue, String(format: "%.3f", area)]
          + measures.dropFirst().map { _ in "-" })
    }
    return (["data", "method"] + measures.map(\.title), lines)
  }

  /// Writes one line for each fleet, seed and method.
  public func writeCSV(to path: String) throws {
    var writer = try CSVWriter(
      replacing: path, textColumns: ["data", "method"], columns: ["seed"] + measures.map(\.key))
    for outcome in outcomes {
      for method in outcome.methods {
        try writer.append(
          texts: [outcome.fleet, method.method.rawValue],
          [Double(outcome.seed)] + measures.map { method.values[$0.key] ?? .nan })
      }
    }
    for method in ComparedMethod.allCases {
      guard let area = published[method] else { continue }
      try writer.append(
        texts: [Self.source, method.rawValue],
        [.nan, area] + measures.dropFirst().map { _ in .nan })
    }
    try writer.commit()
  }

  // MARK: JSON

  private struct Summary: Encodable {
    let mean: Double
    let deviation: Double
    let values: [Double]
  }

  private struct Line: Encodable {
    let data: String
    let method: String
    let measures: [String: Summary]
    let curve: [Double]
  }

  private struct Document: Encodable {
    let experiment: String
    let measures: [String: String]
    let seeds: [UInt64]
    let choices: [String: [String]]
    let results: [Line]
    let published: [String: Double]
    let publishedIn: String
  }

  /// Everything as one JSON object.
  public func json() throws -> [UInt8] {
    var choices: [String: [String]] = [:]
    for outcome in outcomes { choices[outcome.fleet, default: []].append(outcome.choices) }
    let lines = rows.map { row in
      Line(
        data: row.fleet, method: row.method.rawValue,
        measures: row.values.filter { !$0.value.isEmpty }.mapValues {
          Summary(mean: $0.mean, deviation: $0.deviation, values: $0)
        }, curve: row.curve.map(\.mean))
    }
    let document = Document(
      experiment: name,
      measures: Dictionary(uniqueKeysWithValues: measures.map { ($0.key, $0.explanation) }),
      seeds: Set(outcomes.map(\.seed)).sorted(), choices: choices, results: lines,
      published: Dictionary(uniqueKeysWithValues: published.map { ($0.key.rawValue, $0.value) }),
      publishedIn: Self.source)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return Array(try encoder.encode(document))
  }
}
