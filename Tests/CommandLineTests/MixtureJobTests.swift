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
