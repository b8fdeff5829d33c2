import Foundation
import Testing

/// Members of a mined chain as processes on loopback.
@Suite(.serialized, .timeLimit(.minutes(15))) struct MinedChainTests {
  /// Two groups that know nothing of one another mine chains of their own; when all know all, one
  /// group gives its blocks up, but not its notes. One who comes late has everything, verified.
  @Test func eightProcessesArePartedAndAgreeAgain() async throws {
    let chain = try await ChainWorkshop(9)
    let cards = chain.cards(0..<9).joined(separator: " ")
    try await chain.run("ledger init \(cards) -o genesis --interval 0.5 --difficulty 500")
    func note(_ member: Int) -> [String] { ["--note", "note of \(member)"] }

    let groups = [0..<5, 5..<8]
    let parted = try groups.map { group in
      try group.map { try chain.start($0, cards: group, note($0)) }
    }
    for (group, members) in zip(groups, parted) {
      try await ChainWorkshop.hold("each group has a chain", members) {
        $0.height >= 5 && $0.number("notes") == group.count
      }
    }
    var before: [Int] = []
    for members in parted {
      before.append(try await ChainWorkshop.stop(members).map(\.height).max() ?? 0)
    }

    let together = try (0..<8).map { try chain.start($0, cards: 0..<9, note($0)) }
    let longest = before.max() ?? 0
    try await ChainWorkshop.hold("all notes are on the chain of each", together) {
      $0.height > longest && $0.number("notes") == 8
    }
    let late = try chain.start(8, cards: 0..<9, note(8))
    try await ChainWorkshop.hold("one who comes late has all", [late]) {
      $0.height > longest && $0.number("notes") == 9
    }
    // In a block of the newcomer's own the note could still give way to the others' branch.
    try await ChainWorkshop.hold("the newcomer's note is on the chain of each", together) {
      $0.number("notes") == 9
    }
    let ends = try await ChainWorkshop.stop(together + [late])
    let height = ends.map(\.height).max() ?? 0
    let undone = try together.map { member in
      try ChainWorkshop.events(member).reduce(0) { max($0, $1.number("undone")) }
    }
    // Both groups started at the same block, so that whoever gave way gave up all its blocks.
    #expect(
      undone[0..<5].allSatisfy { $0 >= 5 } || undone[5..<8].allSatisfy { $0 >= 5 },
      "one group reorganised: \(undone)")

    try await chain.settle(0..<9, above: height)
    var heads: Set<String> = []
    for member in 0..<9 {
      let report = try await chain.verify(member)
      #expect(report["sound"] as? Bool == true)
      #expect(report["blocks"] as? Int == height + 3)
      #expect(report["notes"] as? Int == 9, "each note once")
      heads.insert(try #require(report["last_block"] as? String))
    }
    #expect(heads.count == 1)
  }

  /// Killed at any moment, a member goes on from what it told.
  @Test func oneThatWasKilledGoesOn() async throws {
    let chain = try await ChainWorkshop(1)
    try await chain.run("ledger init m0.pub -o genesis --interval 0.2 --difficulty 50")
    var told = 0
    for _ in 0..<3 {
      let member = try chain.start(0, cards: 0..<1, ["--note", "once"])
      try await ChainWorkshop.hold("it mines", [member]) { $0.height >= told + 3 }
      kill(member.processIdentifier, SIGKILL)
      #expect(try await member.outcome().wasKilled)
      let events = try ChainWorkshop.events(member)
      #expect(try #require(events.first).height >= told, "nothing that was told is lost")
      told = try #require(events.last).height
    }
    let end = try chain.start(0, cards: 0..<1, ["--note", "once", "--seconds", "0"])
    let outcome = try await end.outcome()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try await chain.verify(0)
    #expect(report["notes"] as? Int == 1)
    #expect(try #require(report["blocks"] as? Int) > told)
  }
}
