import Foundation
import Storage
import Testing

/// The whole job with a mixture of graphical models.
@Suite struct MixtureJobTests {
  private static let mixture = ["--model", "ggm", "--rounds", "40", "--start-patterns", "3"]

  @Test func trainInspectScoreEvaluateExport() async throws {
    let workshop = try Workshop(trainRows: 300)
    func run(_ arguments: String...) async throws -> String {
      let outcome = try await Program.run(arguments, in: workshop.directory.path)
      #expect(outcome.status == 0 && !outcome.wasKilled, "\(arguments): \(outcome.errors)")
      return outcome.output
    }
    let trained = try await Program.run(
      ["train", "fleet.h5", "-o", "model.h5", "--json"] + Self.mixture,
      in: workshop.directory.path)
    try #require(trained.status == 0, "\(trained.errors)")
    let model = try #require(
      try JSONSerialization.jsonObject(with: Data(trained.output.utf8)) as? [String: Any])
    #expect(model["model"] as? String == "ggm" && model["started_with"] as? Int == 6)
    let patterns = try #require(model["patterns"] as? [[String: Any]])
    let rows = patterns.compactMap { $0["rows"] as? Double }
    #expect(abs(rows.reduce(0, +) - 600) < 1e-6)

    #expect(try await run("inspect", "model.h5").contains("patterns kept"))
    _ = try await run("score", "model.h5", "fleet.h5", "-o", "scores.h5")
    let scores = try HDF5File(reading: workshop.directory("scores.h5"))
    #expect(
      try scores.dataSet("/machine-1/responsibilities").shape == [120, patterns.count])
    let responsibilities = try scores.read("/machine-1/responsibilities", as: Double.self)
    for row in 0..<120 {
      let all = responsibilities[row * patterns.count..<(row + 1) * patterns.count]
      #expect(abs(all.reduce(0, +) - 1) < 1e-9 && all.allSatisfy { $0 >= 0 })
    }
    #expect(try scores.dataSet("/machine-1/conditional_scores").shape == [120, 4])
    let values = try scores.read("/machine-1/scores", as: Double.self)
    let parts = try scores.read("/machine-1/variable_scores", as: Double.self)
    for row in 0..<120 {
      let sum = parts[row * 4..<row * 4 + 4].reduce(0, +)
      #expect(abs(sum - values[row]) < 1e-9 * max(1, abs(values[row])))
    }
    let evaluation = try await run("evaluate", "model.h5", "fleet.h5", "--alone", "--pooled")
    for column in ["together", "mahalanobis", "alone", "pooled"] {
      #expect(evaluation.contains(column))
    }
    // There is no model before the training.
    #expect(!evaluation.contains("start  "))

    _ = try await run("export", "model.h5", "-o", "dictionary.json")
    _ = try await run("export", "model.h5", "-o", "dictionary.h5")
    let dictionary = try PretrainedDictionary(reading: workshop.directory("dictionary.h5"))
    #expect(dictionary.patterns.count == patterns.count && dictionary.window.length == 3)
    let names = try HDF5File(reading: workshop.directory("dictionary.h5")).objects().map(\.path)
    #expect(!names.contains { $0.contains("machine") || $0.contains("participants") })
    try await workshop.expectRefusal(
      ["export", "model.h5", "-o", "machine.onnx", "--participant", "machine-1"], status: 1,
      saying: ["autoencoder"])
  }

  /// The classes share commands, files and the loop.
  @Test func simulatedAndResumedRunsGiveTheSameModel() async throws {
    let workshop = try Workshop(trainRows: 300)
    func dictionary(_ name: String) throws -> [Double] {
      try HDF5File(reading: workshop.directory(name)).read("/global/precision", as: Double.self)
    }
    let small = Self.mixture
    let generated = try await workshop.run(
      "generate", "-o", "four.h5", "--participants", "4", "--variables", "4", "--train-rows",
      "200", "--test-rows", "20")
    try #require(generated.status == 0)
    for words in [
      ["train", "four.h5", "-o", "one.h5", "--threads", "1"],
      ["train", "four.h5", "-o", "two.h5", "--threads", "2"],
      ["simulate", "four.h5", "-o", "nodes.h5"],
      ["simulate", "four.h5", "-o", "averages.h5", "--sum", "chebyshev"],
    ] {
      let outcome = try await Program.run(words + small, in: workshop.directory.path)
      #expect(outcome.status == 0, "\(words): \(outcome.errors)")
    }
    let expected = try dictionary("one.h5")
    for name in ["two.h5", "nodes.h5", "averages.h5"] {
      #expect(try dictionary(name) == expected, "\(name)")
    }
  }

  @Test func whatCannotBeAMixtureIsRefused() async throws {
    let workshop = try Workshop()
    for (option, value, word) in [
      ("--model", "gmm", "vae or ggm"), ("--penalty", "-1", "auto"),
      ("--mixture-start", "random", "clusters or blocks"),
      ("--start-patterns", "0", "whole number"),
    ] {
      try await workshop.expectRefusal(
        ["train", "fleet.h5", "-o", "model.h5", option, value], status: 2, saying: [word])
    }
  }
}

extension MixtureJobTests {
  /// Releases add up in the ledger, and differ although nothing else does.
  @Test func privateReleases() async throws {
    let workshop = try Workshop()
    let generated = try await workshop.run(
      "generate", "-o", "many.h5", "--participants", "3", "--variables", "3", "--train-rows",
      "4000", "--test-rows", "20")
    try #require(generated.status == 0)
    let trained = try await Program.run(
      [
        "train", "many.h5", "-o", "model.h5", "--model", "ggm", "--window", "1", "--rounds", "40",
        "--start-patterns", "2", "--radius", "8",
      ], in: workshop.directory.path)
    try #require(trained.status == 0, "\(trained.errors)")
    for number in 1...2 {
      let outcome = try await workshop.run(
        "export", "model.h5", "-o", "private-\(number).h5", "--private", "--epsilon", "1", "--json")
      try #require(outcome.status == 0, "\(outcome.errors)")
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      let epsilon = try #require(report["epsilon"] as? Double)
      #expect(epsilon > 0.4 && epsilon <= 1)
      #expect(report["releases"] as? Int == number)
      let total = try #require(report["epsilon_of_all_releases"] as? Double)
      #expect(abs(total - Double(number) * epsilon) < 1e-9)
    }
    let first = try PretrainedDictionary(reading: workshop.directory("private-1.h5"))
    let second = try PretrainedDictionary(reading: workshop.directory("private-2.h5"))
    #expect(first.patterns != second.patterns)
    #expect(first.privacyNotes.contains { $0.contains("On condition") })
    let open = try await workshop.run(
      "export", "model.h5", "-o", "open.json", "--private", "--epsilon", "1",
      "--unprotected-precisions")
    #expect(open.output.contains("NOT covered"))
    #expect(
      try String(contentsOfFile: workshop.directory("open.json"), encoding: .utf8)
        .contains("NOT covered"))
  }

  @Test func whatCannotBeReleasedIsRefused() async throws {
    let workshop = try Workshop()
    try await workshop.train()
    let mixture = try await workshop.run(
      "train", "fleet.h5", "-o", "open.h5", "--model", "ggm", "--start-patterns", "2")
    try #require(mixture.status == 0, "\(mixture.errors)")
    for (words, status, saying) in [
      (["open.h5", "-o", "x.h5", "--private", "--epsilon", "1"], 1, "--radius"),
      (["open.h5", "-o", "x.h5", "--private"], 2, "--epsilon"),
      (["open.h5", "-o", "x.h5", "--epsilon", "1"], 2, "--private"),
      (["model.h5", "-o", "x.h5", "--private", "--epsilon", "1"], 1, "only a mixture"),
    ] as [([String], Int32, String)] {
      try await workshop.expectRefusal(["export"] + words, status: status, saying: [saying])
    }
    try Data("{\"format\": \"CollabDict privacy ledger\", \"releases\": [{}]}".utf8).write(
      to: URL(fileURLWithPath: workshop.directory("broken.json")))
    let clipped = try await workshop.run(
      "train", "fleet.h5", "-o", "clipped.h5", "--model", "ggm", "--start-patterns", "2",
      "--radius", "20")
    try #require(clipped.status == 0, "\(clipped.errors)")
    try await workshop.expectRefusal(
      [
        "export", "clipped.h5", "-o", "x.h5", "--private", "--epsilon", "1", "--ledger",
        "broken.json",
      ], status: 1, saying: ["broken.json", "name"])
  }
}

extension MixtureJobTests {
  @Test func comparedSideBySide() async throws {
    let workshop = try Workshop(trainRows: 300)
    let outcome = try await workshop.run(
      "compare", "fleet.h5", "--seeds", "2", "--rounds", "4", "--hidden", "4", "--draws", "4",
      "--start-patterns", "2", "--json")
    try #require(outcome.status == 0, "\(outcome.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(report.count == 6)
    for (name, seeds) in [("multi-task VAE", 2), ("GGM mixture", 2), ("Hotelling's T²", 1)] {
      let figures = try #require(report[name] as? [String: Any])
      let auroc = try #require(figures["auroc"] as? [Double])
      #expect(auroc.count == seeds && auroc.allSatisfy { (0...1).contains($0) })
      let table = try #require(figures["table_1"] as? [String: String])
      #expect(table.count == (seeds == 2 ? 6 : 0))
    }
    let shown = try await workshop.run(
      "compare", "fleet.h5", "--seeds", "1", "--rounds", "0", "--hidden", "none")
    #expect(shown.output.contains("pattern dictionary"))
  }

  @Test func howFewRowsStandBehindAPatternIsShown() async throws {
    let workshop = try Workshop(trainRows: 300)
    let trained = try await Program.run(
      ["train", "fleet.h5", "-o", "model.h5", "--least-diversity", "1e6", "--json"] + Self.mixture,
      in: workshop.directory.path)
    try #require(trained.status == 0, "\(trained.errors)")
    let model = try #require(
      try JSONSerialization.jsonObject(with: Data(trained.output.utf8)) as? [String: Any])
    let participants = try #require(model["participants"] as? [String: [String: Any]])
    for participant in participants.values {
      // No participant has a million rows: noise in every round.
      #expect(participant["rounds_with_noise"] as? Int ?? 0 > 1)
      let least = try #require(participant["least_effective_rows"] as? Double)
      #expect(least >= 1 && least < 300)
    }
  }

  @Test func patternsAreDrawn() async throws {
    let workshop = try Workshop(trainRows: 300)
    let trained = try await Program.run(
      ["train", "fleet.h5", "-o", "model.h5"] + Self.mixture, in: workshop.directory.path)
    try #require(trained.status == 0, "\(trained.errors)")
    for (name, start) in [("g.svg", "<?xml"), ("g.dot", "graph"), ("g.png", "\u{89}PNG")] {
      let outcome = try await workshop.run("inspect", "model.h5", "--graph", name)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let data = try Data(contentsOf: URL(fileURLWithPath: workshop.directory(name)))
      let first = String(decoding: data.prefix(16), as: Unicode.ASCII.self)
      #expect(first.contains(start.filter { $0.isASCII }), "\(name): \(first)")
    }
    for (words, status, saying) in [
      (["model.h5", "--graph", "g.pdf"], 2, ".svg"),
      (["model.h5", "--graph", "h.svg", "--pattern", "99"], 1, "no pattern 99"),
      (["fleet.h5", "--graph", "h.svg"], 1, "mixture"),
      (["model.h5", "--least", "0.5"], 2, "--graph"),
    ] as [([String], Int32, String)] {
      try await workshop.expectRefusal(["inspect"] + words, status: status, saying: [saying])
    }
  }
}
