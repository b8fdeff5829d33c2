import Foundation
import Testing

/// With `--json` standard output is one JSON object and nothing else.
@Suite struct JSONOutputTests {
  private func object(
    _ workshop: Workshop, _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [String: Any] {
    let outcome = try await Program.run(arguments + ["--json"], in: workshop.directory.path)
    #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errors.isEmpty, "\(outcome.errors)", sourceLocation: sourceLocation)
    let value = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(value as? [String: Any], sourceLocation: sourceLocation)
  }

  @Test func everyCommandThatReports() async throws {
    let workshop = try Workshop()
    let generated = try await object(
      workshop, "generate", "-o", "new.h5", "--participants", "3", "--train-rows", "40",
      "--test-rows", "100")
    #expect(generated["participants"] as? Int == 3)

    try Data("a,b\n1,2\n3,4\n".utf8).write(
      to: URL(fileURLWithPath: workshop.directory("t.csv")))
    let imported = try await object(workshop, "import", "t.csv", "-o", "t.h5")
    #expect(imported["variables"] as? [String] == ["a", "b"])
    #expect(imported["rows"] as? Int == 2)

    let inspected = try await object(workshop, "inspect", "fleet.h5")
    #expect((inspected["parts"] as? [Any])?.count == 4)

    let trained = try await object(
      workshop, "train", "fleet.h5", "-o", "model.h5", "--rounds", "6", "--hidden", "3")
    #expect(trained["state"] as? String == "finished")
    #expect(trained["collapse"] is [String: Any])
    #expect((trained["participants"] as? [String: Any])?.count == 2)
    let seen = try await object(workshop, "inspect", "model.h5")
    #expect(NSDictionary(dictionary: seen) == NSDictionary(dictionary: trained))

    let scored = try await object(workshop, "score", "model.h5", "fleet.h5", "-o", "s.h5")
    let machines = try #require(scored["participants"] as? [String: [String: Any]])
    #expect(machines["machine-2"]?["rows"] as? Int == 120)
    _ = try await object(workshop, "score", "model.h5", "fleet.h5", "-o", "s.csv", "--csv")
  }

  @Test func evaluation() async throws {
    let workshop = try Workshop()
    try await workshop.train()
    let report = try await object(
      workshop, "evaluate", "model.h5", "fleet.h5", "--alone", "--pooled")
    #expect(Set(report.keys) == ["participants", "mean"])
    let machines = try #require(report["participants"] as? [String: [String: Any]])
    #expect(Set(machines.keys) == ["machine-1", "machine-2"])
    let figures = [
      "auroc", "auprc", "vus_pr", "event_recall", "f1", "false_alarm_rate", "missed_alarm_rate",
      "threshold", "rows",
    ]
    for part in Array(machines.values) + [try #require(report["mean"] as? [String: Any])] {
      for key in figures { #expect(part[key] != nil, "\(key)") }
      for reference in ["all_ones", "random", "mahalanobis", "alone", "pooled", "start"] {
        let beside = try #require(part[reference] as? [String: Any], "\(reference)")
        for key in figures { #expect(beside[key] != nil, "\(reference) \(key)") }
      }
    }
    #expect(machines["machine-1"]?["rows"] as? Int == 120)
    let ones = try #require(machines["machine-1"]?["all_ones"] as? [String: Any])
    #expect(ones["auroc"] as? Double == 0.5)
    #expect(ones["missed_alarm_rate"] as? Double == 0)
    #expect(ones["false_alarm_rate"] as? Double == 1)
  }

  /// Warnings about the data go to standard error and leave the object alone.
  @Test func notesStayOffStandardOutput() async throws {
    let workshop = try Workshop()
    var text = "a,b,c\n"
    for row in 0..<60 { text += "\(sin(Double(row))),3,\(sin(Double(row)))\n" }
    try Data(text.utf8).write(to: URL(fileURLWithPath: workshop.directory("odd.csv")))
    _ = try await workshop.run("import", "odd.csv", "-o", "odd.h5")
    let outcome = try await workshop.run(
      "train", "odd.h5", "-o", "model.h5", "--rounds", "0", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("constant in training: b"))
    #expect(outcome.errors.contains("duplicates: c = a"))
    #expect(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) is [String: Any])
  }
}
