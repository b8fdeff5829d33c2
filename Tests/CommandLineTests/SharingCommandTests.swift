import Datasets
import Foundation
import Storage
import Testing

@Suite struct SharingCommandTests {
  let directory = try! TemporaryDirectory()

  /// Reviews whose first word tells the label, and of which no two are alike.
  func reviews() throws -> String {
    let path = directory("reviews.h5")
    let writer = try HDF5Writer(replacing: path)
    for (part, count) in [("train", 240), ("test", 60)] {
      var ranks: [UInt64] = []
      for review in 0..<UInt64(count) { ranks += [review % 2, 2 + review % 30, 32 + review / 30] }
      try writer.write(ranks, shape: [ranks.count], to: "/\(part)/word_ranks")
      let offsets = (0...count).map { Int64(3 * $0) }
      try writer.write(offsets, shape: [offsets.count], to: "/\(part)/offsets")
      try writer.write((0..<count).map { UInt8($0 % 2) }, shape: [count], to: "/\(part)/labels")
    }
    try writer.commit()
    return path
  }

  @Test func aRunWritesWhatItCameTo() async throws {
    let data = try reviews()
    let config = directory("sharing.json")
    try Data(#"{"num_words": 48, "train_size": 0.25, "start_balance": 2000}"#.utf8).write(
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

  @Test func aRunOnAChainComesToTheSameAndLeavesItAll() async throws {
    let workshop = Workshop(directory)
    let words =
      "simulate sharing --data \(try reviews()) --num-words 48 --train-size 0.25 "
      + "--good-start-balance 2000 --bad-start-balance 2000"
    let plain = try await workshop.object("\(words) -o plain")
    let run = try await workshop.object("\(words) -o run --chain")
    for (name, value) in plain {
      #expect((run[name] as? NSObject) == (value as? NSObject), "\(name)")
    }
    #expect(!FileManager.default.fileExists(atPath: directory("plain/chain.db")))

    let shown = try await workshop.object("contract show run/chain.db")
    #expect(shown["application"] as? String == "sharing" && shown["conserved"] as? Bool == true)
    #expect(shown["blocks"] as? Int == run["blocks"] as? Int && shown["samples"] as? Int == 180)
    #expect(shown["supply"] as? Int == 4_000_000)
    let terms = try #require(shown["terms"] as? [String: Any])
    #expect(terms["refund_days"] as? Double == 1 && terms["locked"] as? String == "deposit")
    let accounts = try #require(shown["accounts"] as? [[String: Any]])
    // Two agents, and all that the run says of them.
    let balances = accounts.compactMap { $0["balance"] as? Int }.sorted()
    let expected = try ["good_balance", "bad_balance"].map {
      Int((1000 * (try #require(run[$0] as? Double))).rounded())
    }
    #expect(balances == expected.sorted())
    let good = accounts.compactMap { $0["samples_good"] as? Int }.reduce(0, +)
    #expect(good == shown["good_samples"] as? Int && good > 50)
    let locked = accounts.compactMap { $0["locked"] as? Int }.reduce(0, +)
    #expect(locked == shown["escrows"] as? Int)
    let people = try await workshop.require("contract show run/chain.db")
    #expect(people.contains("entropy") && people.contains("any days"))

    let audit = try await workshop.object("contract audit run/chain.db --sample 0")
    let trail = try #require(audit["trail"] as? [[String: Any]])
    // From the balance into the escrow, and out of it again.
    #expect(
      trail.compactMap { $0["event"] as? String } == ["added", "tokens", "refunded", "tokens"])
    let amounts = trail.compactMap { $0["amount"] as? Int }
    #expect(Set(amounts).count == 1 && trail[0]["locked"] as? Int == amounts[0])
    // The first word, the review's own two, and the label that it was given.
    #expect(trail[0]["features"] as? Int == 3 && trail[0]["label"] as? Bool != nil)
    #expect(trail[2]["label"] == nil)
    let whole = try await workshop.object("contract audit run/chain.db")
    let events = try #require(whole["events"] as? [String: Int])
    #expect(events["added"] == 180 && events["reported"] ?? 0 > 0)
    let verified = try await workshop.object("ledger verify run/chain.db")
    #expect(verified["samples"] as? Int == 180)

    func refused(_ words: String, _ status: Int32, _ saying: [String]) async throws {
      try await workshop.expectRefusal(
        words.split(separator: " ").map(String.init), status: status, saying: saying)
    }
    try await refused("contract audit run/chain.db --sample 180", 1, ["no sample 180"])
    try await refused("contract audit run/chain.db --encounter 0", 2, ["sharing", "--sample N"])
    try await refused("\(words) -o run --chain", 1, ["--force"])
    try await refused("\(words) --model logistic -o other --chain", 2, ["logistic", "e^x"])
    // What is replaced is replaced as a whole: no chain of another run stays.
    _ = try await workshop.object("\(words) -o run --chain --force")
    _ = try await workshop.object("\(words) -o run --force")
    #expect(!FileManager.default.fileExists(atPath: directory("run/chain.db")))
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
