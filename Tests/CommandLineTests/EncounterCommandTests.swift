import Foundation
import Storage
import Testing

/// `simulate idml`, and what looks into its chain.
@Suite struct EncounterCommandTests {
  private let workshop: Workshop

  /// Images of two classes: which half is bright.
  init() throws {
    workshop = try Workshop()
    try writeImages(to: "images.h5", size: 8)
    try Data("time,a,b\n0,1,2\n1,3,4\n2,5,6\n3,1,3\n4,2,5\n".utf8).write(
      to: URL(fileURLWithPath: workshop.directory("trace.csv")))
  }

  private func writeImages(to name: String, size: Int, count: Int = 96) throws {
    let writer = try HDF5Writer(replacing: workshop.directory(name))
    for (part, count) in [("train", count), ("test", 20)] {
      var pixels: [UInt8] = []
      for image in 0..<count {
        for place in 0..<size * size {
          let isBright = (place < size * size / 2) == (image % 2 == 0)
          pixels.append(isBright ? 220 : UInt8(10 + image % 8))
        }
      }
      try writer.write(pixels, shape: [count, size, size], to: "/\(part)_images")
      try writer.write((0..<count).map { UInt8($0 % 2) }, shape: [count], to: "/\(part)_labels")
    }
    try writer.commit()
  }

  private static let small =
    "simulate idml --data images.h5 --participants 6 --images-each 16 --batch-size 4 --rounds 2"
    // A refusal takes nobody out: with the default prepayment two do.
    + " --prepayment 10"

  @Test func aRunLeavesAChainThatTellsItAll() async throws {
    let run = try await workshop.object("\(Self.small) --attackers 1 -o run")
    #expect(run["participants"] as? Int == 6)
    let judged = ["honest", "attackers", "to_attackers"].flatMap {
      [run["\($0)_accepted"] as? Int ?? 0, run["\($0)_refused"] as? Int ?? 0]
    }.reduce(0, +)
    #expect(judged == 12)
    for name in ["settings.json", "result.json", "rounds.csv", "accuracy.svg", "stakes.png"] {
      #expect(FileManager.default.fileExists(atPath: workshop.directory("run/\(name)")))
    }
    let rounds = try workshop.directory.text(of: "run/rounds.csv").split(separator: "\n")
    #expect(rounds.count == 4)
    let first = rounds[1].split(separator: ",").compactMap { Double($0) }
    #expect(Array(first.dropFirst(3)) == [Double](repeating: 200, count: 6))
    let shown = try await workshop.object("contract show run/chain.db")
    #expect(shown["application"] as? String == "idml")
    let audit = try await workshop.require("contract audit run/chain.db --encounter 0")
    for word in ["opened", "agreed", "drawn", "committed", "revealed", "finalised", "closed"] {
      #expect(audit.contains(word), "\(audit)")
    }
    // The same settings give the same run.
    let again = try await workshop.object(
      "simulate idml --data images.h5 --config run/settings.json -o again")
    #expect(again["accuracy"] as? Double == run["accuracy"] as? Double)
    try await workshop.expectRefusal(
      "\(Self.small) -o run".split(separator: " ").map(String.init), status: 1, saying: ["--force"])
  }

  /// A participant that trains for seconds does not hear the first request to end.
  @Test func askedTwiceItEndsAtOnce() async throws {
    try writeImages(to: "large.h5", size: 64)
    let long = "\(Self.small) --layers 14 --epochs-alone 1000 -o long"
      .replacing("images.h5", with: "large.h5").replacing("size 4", with: "size 1")
    let running = try Program.start(
      long.split(separator: " ").map(String.init), in: workshop.directory.path)
    // A process on a busy machine hears the first one late; the second is the one a second after that.
    let sent = await running.send(
      SIGINT, afterChanges: 1, of: workshop.directory("long"), delay: 300, again: 1200)
    let outcome = try await running.outcome()
    #expect(sent >= 2 && outcome.wasKilled, "\(outcome.errors)")
  }

  /// Before anybody has met there is nothing to tell: the same command begins again.
  @Test func stoppedWhileAllTrainAloneItLeavesNothing() async throws {
    try writeImages(to: "many.h5", size: 28, count: 400)
    let words =
      "simulate idml --data many.h5 --participants 100 --images-each 4 --batch-size 1 --rounds 2"
      + " --epochs-alone 200 -o many"
    let running = try Program.start(
      words.split(separator: " ").map(String.init), in: workshop.directory.path)
    await running.send(SIGINT, afterChanges: 1, of: workshop.directory("many"))
    let outcome = try await running.outcome()
    #expect(outcome.status == 1 && !outcome.wasKilled, "\(outcome.errors)")
    let left = try FileManager.default.contentsOfDirectory(atPath: workshop.directory("many"))
    #expect(left == [], "\(outcome.errors)")
  }

  @Test func encountersComeFromATrace() async throws {
    let run = try await workshop.object("\(Self.small) --trace trace.csv -o traced")
    let accepted = try #require(run["honest_accepted"] as? Int)
    #expect(accepted + (run["honest_refused"] as? Int ?? 0) == 10, "five contacts, both ways")
  }

  @Test(arguments: [
    ("0,1,1", "line 1"), ("0,1,2\n1,3", "line 2"), ("0,1,2\nsoon,1,3", "line 2"),
    ("5,1,2\n1,1,3", "line 2"), ("0,1,9", "line 1"),
  ])
  func aDamagedTraceIsOneLine(text: String, place: String) async throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: workshop.directory("bad.csv")))
    try await workshop.expectRefusal(
      "\(Self.small) --trace bad.csv -o bad".split(separator: " ").map(String.init), status: 1,
      saying: ["bad.csv", place])
  }

  @Test(arguments: [
    ("--tolerance 1.5", 2, "tolerance cannot be 1.5"),
    ("--validators 5", 2, "lower validators"),
    ("--images-each 17", 1, "images.h5"),
    ("--algorithm push", 2, "gossip, oppcl"),
    ("--algorithm gossip --epochs-alone 0", 2, "raise epochs-alone"),
  ])
  func badInputIsOneLine(options: String, status: Int32, words: String) async throws {
    try await workshop.expectRefusal(
      "\(Self.small) \(options) -o bad".split(separator: " ").map(String.init), status: status,
      saying: [words])
  }

  @Test func figuresOfASmallRun() async throws {
    let base = "--data images.h5 --participants 20 --images-each 4 --batch-size 2 --rounds 1"
    let votes = try await workshop.object("reproduce idml-figure-7 \(base) -o figures")
    #expect(votes["runs"] != nil)
    let attacks = try await workshop.object("reproduce idml-figures-8-9 \(base) -o figures")
    #expect(attacks["runs"] != nil)
    let lazy = try await workshop.object(
      "reproduce idml-lazy-neighbours \(base) --encounters 20 -o figures"
        .replacing(" --rounds 1", with: ""))
    #expect((lazy["runs"] as? [Any])?.count == 7)
    for name in [
      "idml-figure-7.csv", "idml-lazy-neighbours.csv", "idml-figures-8-9-accuracy.svg",
      "idml-figures-8-9-stakes.png",
    ] {
      #expect(FileManager.default.fileExists(atPath: workshop.directory("figures/\(name)")))
    }
  }
}
