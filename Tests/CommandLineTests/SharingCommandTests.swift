import Datasets
import Foundation
import Storage
import Testing

@Suite struct SharingCommandTests {
  let directory = try! TemporaryDirectory()

  /// Reviews whose first word tells the label.
  func reviews() throws -> String {
    let path = directory("reviews.h5")
    let writer = try HDF5Writer(replacing: path)
    for (part, count) in [("train", 240), ("test", 60)] {
      let ranks = (0..<count).flatMap { [UInt64($0 % 2), UInt64(2 + $0 % 30)] }
      try writer.write(ranks, shape: [ranks.count], to: "/\(part)/word_ranks")
      let offsets = (0...count).map { Int64(2 * $0) }
      try writer.write(offsets, shape: [offsets.count], to: "/\(part)/offsets")
      try writer.write((0..<count).map { UInt8($0 % 2) }, shape: [count], to: "/\(part)/labels")
    }
    try writer.commit()
    return path
  }

  @Test func aRunWritesWhatItCameTo() async throws {
    let data = try reviews()
    let config = directory("sharing.json")
    try Data(#"{"num_words": 32, "train_size": 0.25, "start_balance": 2000}"#.utf8).write(
      to: URL(fileURLWithPath: config))
    let words = [
      "simulate", "sharing", "--data", data, "--config", config, "-o", directory("run"),
    ]
    let outcome = try await Program.run(words + ["--json"], in: directory.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let written = try #require(
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: directory("run/result.json"))))
        as? [String: Any])
    #expect(NSDictionary(dictionary: object) == NSDictionary(dictionary: written))
    #expect(object["accuracy_after"] as? Double == 1)
    let submitted = try #require(object["good_submitted"] as? Int)
    #expect(submitted + (object["bad_submitted"] as? Int ?? 0) == 180)
    for name in ["settings.json", "curve.csv", "accuracy.svg", "balances.png"] {
      #expect(FileManager.default.fileExists(atPath: directory("run/\(name)")))
    }
    // Not over what is there, unless told to; and the same again from its own settings.
    let second = try await Program.run(words, in: directory.path)
    #expect(second.status == 1 && second.hasOneErrorLine && second.errors.contains("--force"))
    let third = try await Program.run(
      [
        "simulate", "sharing", "--data", data, "--config", directory("run/settings.json"), "-o",
        directory("again"), "--json",
      ], in: directory.path)
    #expect(third.output == outcome.output, "\(third.errors)")
    let over = try await Program.run(
      [
        "simulate", "sharing", "--data", data, "--config", directory("run/settings.json"), "-o",
        directory("run"), "--force",
      ], in: directory.path)
    #expect(over.status == 1 && over.hasOneErrorLine && over.errors.contains("same file"))
  }

  @Test(
    arguments: [
      ("--prob-mistake 1.5", 2, "prob-mistake cannot be 1.5"),
      ("--bad-mean-deposit=-5", 2, "bad-mean-deposit cannot be -5"),
      ("--num-wrods 5", 2, "--num-words"), ("--any-days 3", 2, "less than a week"),
      ("--num-words 0", 2, "num-words cannot be 0"),
    ] as [(String, Int32, String)])
  func badSettingsAreOneLineEach(line: String, status: Int32, words: String) async throws {
    let outcome = try await Program.run(
      ["simulate", "sharing", "--data", "no.h5", "-o", directory("run")]
        + line.split(separator: " ").map(String.init), in: directory.path)
    #expect(outcome.status == status && outcome.hasOneErrorLine, "\(outcome.errors)")
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: directory("run")))
  }

  @Test func anUnknownParameterIsNamedWithTheNearest() async throws {
    let config = directory("bad.json")
    try Data(#"{"train_szie": 0.25}"#.utf8).write(to: URL(fileURLWithPath: config))
    let outcome = try await Program.run(
      [
        "simulate", "sharing", "--data", try reviews(), "--config", config, "-o", directory("run"),
      ], in: directory.path)
    #expect(outcome.status == 1 && outcome.hasOneErrorLine)
    #expect(outcome.errors.contains("did you mean train-size?"), "\(outcome.errors)")
  }

  @Test func figuresAreReproducedForChosenParameters() async throws {
    let outcome = try await Program.run(
      [
        "reproduce", "sharing-figures", "--data", try reviews(), "--only", "prob-mistake",
        "--seeds",
        "1", "-o", directory("figures"),
      ], in: directory.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("it has no significant impact (Sec. IV-E); measured: "))
    #expect(
      FileManager.default.fileExists(atPath: directory("figures/sharing-prob-mistake-days.svg")))
    let wrong = try await Program.run(
      ["reproduce", "sharing-figures", "--only", "num-word"], in: directory.path)
    #expect(wrong.status == 2 && wrong.errors.contains("did you mean num-words?"))
  }
}
