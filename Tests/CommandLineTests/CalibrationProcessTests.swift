import Cryptography
import Foundation
import Ledger
import MultipartyLearning
import Storage
import Testing

/// Parties of a chain of calibrations as processes on loopback.
@Suite(.serialized, .timeLimit(.minutes(15))) struct CalibrationProcessTests {
  /// Images of ten classes: a bright square at a place of the class, and noise.
  private static func writeImages(_ workshop: Workshop, each: Int = 40) throws {
    let writer = try HDF5Writer(replacing: workshop.directory("images.h5"))
    var state: UInt32 = 7
    for (name, count) in [("train", each), ("test", 2)] {
      var pixels: [UInt8] = []
      var labels: [UInt8] = []
      for _ in 0..<count {
        for label in 0..<10 {
          labels.append(UInt8(label))
          for place in 0..<784 {
            state = state &* 1_664_525 &+ 1_013_904_223
            let (row, column) = (place / 28 / 7, place % 28 / 7)
            let isBright = row == label / 4 && column == label % 4
            // Dim enough that models are not sure of it.
            pixels.append(UInt8(state >> 25) + (isBright ? 60 : 0))
          }
        }
      }
      try writer.write(pixels, shape: [labels.count, 28, 28], to: "/\(name)_images")
      try writer.write(labels, shape: [labels.count], to: "/\(name)_labels")
    }
    try writer.commit()
  }

  private static let kinds = ["softmax-regression", "linear-svm", "softmax-regression"]

  private func prepare(_ count: Int) async throws -> ChainWorkshop {
    let chain = try await ChainWorkshop(count)
    try Self.writeImages(chain.workshop)
    for (member, kind) in Self.kinds.enumerated() {
      try await chain.run(
        "bema train \(data(member).joined(separator: " ")) --kind \(kind) --epochs 2 "
          + "--key m\(member).key -o m\(member).model")
    }
    let cards = chain.cards(0..<count).joined(separator: " ")
    // What is valid is left open, so that there are enough samples.
    try await chain.run(
      "ledger init \(cards) -o genesis --models m0.model,m1.model --interval 0.5 --difficulty 400 "
        + "--delta 0 --sigma 1")
    return chain
  }

  private func data(_ member: Int) -> [String] {
    ["--data", "images.h5", "--case", "b", "--party", "\(member + 1)"]
  }

  /// Two original parties calibrate, a third joins with its approved model and takes part, a fourth
  /// member only mines. One is killed on the way and goes on.
  @Test func aPartyJoinsInTheMiddle() async throws {
    let chain = try await prepare(4)
    let all = 0..<4
    // First the member that keeps few blocks, so that it has each before it is old.
    var members = [try chain.start(0, cards: all, data(0) + ["--keep", "2"])]
    try await ChainWorkshop.hold("the first is there", members) { !$0.name.isEmpty }
    members += [try chain.start(1, cards: all, data(1)), try chain.start(3, cards: all)]
    try await ChainWorkshop.hold("originals send samples", members) {
      $0.number("messages") >= 6 && $0.number("parties") == 2
    }
    try await chain.run(
      "bema approve m2.model genesis --key m1.key \(data(1).joined(separator: " ")) "
        + "--greatest-difference 1")
    members.append(
      try chain.start(2, cards: all, data(2) + ["--register", "m2.model"]))
    try await ChainWorkshop.hold("the newcomer is there for all", members) {
      $0.number("parties") == 3
    }
    kill(members[1].processIdentifier, SIGKILL)
    _ = try await members[1].outcome()
    members[1] = try chain.start(1, cards: all, data(1))
    try await ChainWorkshop.hold("the newcomer sends, too", [members[3]]) {
      $0.number("sent") >= 2 && $0.number("reward") >= 1
    }
    let ends = try await ChainWorkshop.stop(members)
    try await chain.settle(all, above: ends.map(\.height).max() ?? 0, ["--keep", "2"])

    var heads: Set<String> = []
    for member in all {
      let report = try await chain.verify(member)
      #expect(report["sound"] as? Bool == true && report["application"] as? String == "bema")
      #expect(report["parties"] as? Int == 3)
      heads.insert(try #require(report["last_block"] as? String))
    }
    #expect(heads.count == 1)
    try expectParameters(chain)
  }

  /// The parameters of the newest update, which is not in the last blocks, are kept under their digest;
  /// those of the oldest, of a member that keeps few blocks, are pruned with a note.
  private func expectParameters(_ chain: ChainWorkshop) throws {
    let store = try SQLiteBlockStore<MinedBlock>(reading: chain.workshop.directory("m0.db"))
    var updates: [(height: Int, digest: Digest)] = []
    for height in 1..<store.count {
      for record in try #require(try store.block(at: height)).records {
        if case .update(let update) = try CalibrationRecord(decoding: record) {
          updates.append((height, update.after))
        }
      }
    }
    let newest = try #require(updates.last).digest
    guard case .present(let bytes) = try store.content(newest) else {
      Issue.record("the newest parameters are missing")
      return
    }
    #expect(SHA256.hash(bytes) == newest)
    let wasPruned = try updates.prefix(8).contains { update in
      guard case .pruned(_, let reason) = try store.content(update.digest) else { return false }
      return reason.contains("last")
    }
    #expect(wasPruned)
  }

  @Test func whatIsWrongIsOneLine() async throws {
    let chain = try await prepare(3)
    let (first, second, newcomer) = (
      data(0).joined(separator: " "), data(1).joined(separator: " "),
      data(2).joined(separator: " ")
    )
    func refuse(
      _ line: String, status: Int32 = 1, _ words: String...,
      sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      try await chain.workshop.expectRefusal(
        line.split(separator: " ").map(String.init), status: status, saying: words,
        sourceLocation: sourceLocation)
    }
    let approve = "bema approve m2.model genesis"
    try await refuse(
      "\(approve) --key m1.key \(second) --greatest-difference 0", "m2.model", "not approved",
      "ω")
    // The two have no class in common.
    try await refuse("\(approve) --key m0.key \(first)", "m2.model", "no class")
    try await refuse("\(approve) --key m2.key \(newcomer)", "m2", "no original party's")
    try await refuse(
      "bema approve m1.model genesis --key m0.key \(first)", "m1.model", "original party")
    try await refuse("\(approve) --key m0.key", status: 2, "--data")
    try await refuse(
      "\(approve) --key m0.key --data images.h5 --case b --party 4", status: 2, "--party")

    let node = "ledger node genesis m0.pub m1.pub m2.pub --key m2.key --store a.db"
    try await refuse("\(node) --register m2.model", "m2.model", "0 of 1 approvals")
    try await refuse("\(node) --register m1.model", "m1.model", "another party")
    try await refuse("\(node) --register images.h5", "images.h5", "not a party's model")
    try await refuse("\(node) --party 1", status: 2, "--data")
    try await refuse("\(node) --data fleet.h5 --case b --party 3", "fleet.h5", "train_images")
    try await refuse("\(node) --note hello", status: 2, "--note")
    try await refuse(
      "ledger init m0.pub -o new --models m0.model,m1.model", "m1.model", "nobody")
    try await refuse(
      "ledger init m0.pub -o new --models m0.model,m0.model", "m0.model", "same party")
    try await refuse(
      "ledger init m0.pub -o new --models m0.model --classes 3", "m0.model", "classes")
    try await refuse(
      "bema train \(first) --key m0.key -o m0.model", "m0.model", "already")
    try await refuse(
      "bema train \(first) --key m0.key -o new --kind resnet", status: 2, "lenet-5")

    try await refuse(
      "bema train \(first) --key m0.key -o nowhere/new.model --epochs 10000", "nowhere/new.model")
    try await refuse("bema train \(first) --key m0.pub -o new", "m0.pub", "a public key file")
    // A damaged model is nobody's, wherever the damage is.
    let sound = try Data(contentsOf: URL(filePath: chain.workshop.directory("m0.model")))
    for place in [30, 60, 1000, sound.count - 5] {
      var damaged = sound
      damaged[place] ^= 4
      try damaged.write(to: URL(filePath: chain.workshop.directory("damaged.model")))
      try await refuse("ledger init m0.pub -o new --models damaged.model", "damaged")
      try await refuse(
        "bema approve damaged.model genesis --key m1.key \(second)", "damaged.model", "damaged")
    }

    // An approval for one chain is none for another, and the next approval mends that.
    try await chain.run("\(approve) --key m1.key \(second) --greatest-difference 1")
    try await chain.run(
      "ledger init m0.pub m1.pub m2.pub -o genesis --models m1.model,m0.model --force")
    try await refuse("\(node) --register m2.model", "m2.model", "not that of an original party")
    try await chain.run("\(approve) --key m1.key \(second) --greatest-difference 1")
    let made = try await chain.workshop.run(
      "ledger", "node", "genesis", "m0.pub", "m1.pub", "m2.pub", "--key", "m2.key", "--store",
      "a.db", "--register", "m2.model", "--seconds", "0")
    #expect(made.status == 0, "\(made.errors)")
  }
}
