import Datasets
import Foundation
import Storage
import Testing

@testable import Experiments

@Suite struct ExperimentTests {
  private func value(
    _ outcome: FleetOutcome, _ method: ComparedMethod, _ measure: Measure
  ) throws -> Double {
    try #require(outcome.methods.first { $0.method == method }?.values[measure.key])
  }

  /// Where a relation turns round from state to state, a single Gaussian has none to break.
  @Test func aMixturePinpointsWhatASingleGaussianCannot() throws {
    let fleet = GeneratedFleet.make(seed: 1, fault: .mirrored)
    var experiment = DetectionExperiment()
    experiment.pairs = 60
    experiment.thresholdPairs = 30
    let outcomes = try experiment.run(fleet, seed: 5)
    #expect(outcomes.map(\.fleet) == ["generated", "generated, named faults"])
    let named = outcomes[1]
    let best = try value(named, .collabDict, DetectionExperiment.difference)
    #expect(best > 0.95)
    for method in [ComparedMethod.group, .fused] {
      let single = try value(named, method, DetectionExperiment.difference)
      #expect(single < best - 0.2, "\(method): \(named.choices)")
      #expect(
        try value(outcomes[0], method, DetectionExperiment.averaged)
          < value(outcomes[0], .collabDict, DetectionExperiment.averaged))
    }
    #expect(try value(named, .collabDict, DetectionExperiment.harmonic) > 0.9)
    for outcome in outcomes {
      #expect(outcome.methods.map(\.method) == ComparedMethod.allCases)
      for method in outcome.methods {
        // True positives can only fall as more of the others are left in peace.
        #expect(zip(method.curve, method.curve.dropFirst()).allSatisfy { $0 >= $1 - 1e-12 })
        #expect(method.curve[0] == 1)
        let area = try #require(method.values[DetectionExperiment.averaged.key])
        let sum = zip(method.curve, method.curve.dropFirst()).reduce(0) { $0 + ($1.0 + $1.1) / 2 }
        #expect(abs(sum / 100 - area) < 0.02)
      }
    }
  }

  /// The figures follow the faults and not the labels: named wrongly, they are worse than chance; where
  /// there are none, nothing stands out.
  @Test func labelsAloneDoNotHelp() throws {
    var experiment = DetectionExperiment()
    experiment.pairs = 60
    experiment.thresholdPairs = 10
    let wrong = try experiment.run(
      GeneratedFleet.make(seed: 2, fault: .mirrored, named: [2, 3]), seed: 5)
    #expect(try value(wrong[1], .collabDict, DetectionExperiment.difference) < 0.5)
    let none = try experiment.run(GeneratedFleet.make(seed: 2), seed: 5)
    for method in ComparedMethod.allCases {
      let area = try value(none[1], method, DetectionExperiment.difference)
      #expect(abs(area - 0.5) < 0.3)
    }
  }

  @Test func cleansing() throws {
    let fleet = GeneratedFleet.make(seed: 3)
    let outcome = try CleansingExperiment.run(fleet, seed: 1)
    for method in outcome.methods {
      let area = try #require(method.values[CleansingExperiment.variableWise.key])
      #expect(area > 0.5 && area < 1)
      #expect(zip(method.curve, method.curve.dropFirst()).allSatisfy { $0 <= $1 })
      #expect(abs(method.curve[100] - 1) < 1e-12)
      let sum = zip(method.curve, method.curve.dropFirst()).reduce(0) { $0 + ($1.0 + $1.1) / 2 }
      #expect(abs(sum / 100 - area) < 0.02)
      #expect(method.values[CleansingExperiment.total.key] != nil)
    }
    // Two states, in which flow follows pressure upwards and downwards.
    #expect(outcome.graphs.count == 2)
    let signs = outcome.graphs.compactMap { pattern in
      pattern.graph.edges.first { $0.i == 0 && $0.j == 1 }?.partialCorrelation
    }
    #expect(signs.count == 2)
    #expect(signs.contains { $0 > 0.8 } && signs.contains { $0 < -0.8 })
    #expect(outcome.signals.map(\.method) == [.collabDict, .group, .fused])
    #expect(outcome.signals.allSatisfy { $0.scores.count == 150 })
    #expect(outcome.signalName == "power of machine-4")
  }

  /// Seeds change what is drawn, and nothing else does.
  @Test func theSameSeedGivesTheSameFigures() throws {
    let fleet = GeneratedFleet.make(seed: 4, participants: 3, rows: 90)
    var experiment = DetectionExperiment()
    experiment.pairs = 20
    experiment.thresholdPairs = 10
    let first = try experiment.run(fleet, seed: 1)
    let second = try experiment.run(fleet, seed: 1)
    let other = try experiment.run(fleet, seed: 2)
    #expect(first[0].methods == second[0].methods)
    #expect(first[0].methods != other[0].methods)
  }

  @Test func reportAndFiles() throws {
    let fleet = GeneratedFleet.make(seed: 6, participants: 3, rows: 90)
    let report = Experiment.cleansing.report(
      of: try [1, 2].flatMap { try Experiment.cleansing.run(fleet, seed: $0) })
    let table = report.table
    #expect(table.rows.count == ComparedMethod.allCases.count + 3)
    #expect(table.rows.allSatisfy { $0.count == table.header.count })
    #expect(table.rows.suffix(3).map { $0[2] } == ["0.933", "0.863", "0.856"])
    #expect(table.rows.suffix(3).allSatisfy { $0[0] == "Idé 2018, private data" })
    let folder = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = try report.write(into: folder.path)
    let found = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(found == files.map { String($0.dropFirst(folder.path.count + 1)) }.sorted())
    for name in [
      "cleansing.csv", "cleansing.json", "cleansing.svg", "cleansing-generated-curves.png",
      "cleansing-generated-signals.svg", "cleansing-generated-pattern-1.dot",
    ] {
      #expect(found.contains(name))
    }
    let csv = try CSVTable(
      path: folder.path + "/cleansing.csv", options: CSVOptions(textColumns: ["data", "method"]))
    #expect(csv.rowCount == 2 * ComparedMethod.allCases.count + 3)
    let areas = csv.columns.firstIndex(of: "variables")
    #expect(
      areas.map { csv[row: csv.rowCount - 1][$0 + csv[row: csv.rowCount - 1].startIndex] } == 0.856)
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: folder.path + "/cleansing.json")))
    let object = try #require(json as? [String: Any])
    #expect((object["results"] as? [Any])?.count == ComparedMethod.allCases.count)
    #expect((object["published"] as? [String: Double])?["CollabDict"] == 0.933)
    #expect(FleetReport.fileName("asd, named faults") == "asd-named-faults")
  }
}
