import Foundation
import Testing

/// A job over a simulated chain, and the commands that look into the chain.
@Suite struct LedgerCommandTests {
  private func job(_ workshop: Workshop) async throws {
    let outcome = try await workshop.run(
      "simulate", "ordered", "fleet.h5", "-o", "patterns.json", "--chain", "chain",
      "--window", "1", "--start-patterns", "2", "--participants", "3", "--orderers", "2")
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func aChainIsWrittenCheckedAndShown() async throws {
    let workshop = try Workshop()
    try await job(workshop)
    let data = try Data(contentsOf: URL(filePath: workshop.directory("patterns.json")))
    let written = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let patterns = try #require(written["patterns"] as? [[String: Any]])
    let clients = try #require(written["clients"] as? [String: [String: Any]])
    #expect(clients.count == 3)
    for client in clients.values {
      #expect((client["weights"] as? [Double])?.count == patterns.count)
      #expect((client["mean"] as? [Double])?.count == 4)
    }

    let verified = try await workshop.run("ledger", "verify", "chain", "--json")
    try #require(verified.status == 0, "\(verified.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(verified.output.utf8)) as? [String: Any])
    #expect(report["sound"] as? Bool == true)
    #expect(report["state"] as? String == "converged")
    #expect(report["last_block"] as? String == written["head"] as? String)
    #expect(report["patterns"] as? Int == patterns.count)

    let shown = try await workshop.run("ledger", "show", "chain", "--json")
    let blocks = try #require(
      (try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any])?[
        "blocks"] as? [[String: Any]])
    #expect(blocks.count + 1 == report["blocks"] as? Int)
    #expect(blocks.first?["reported"] as? [Int] == [0, 1, 2])
    let first = try #require(report["first_block"] as? String)
    #expect(try await workshop.run("ledger", "verify", "chain", "--first", first).status == 0)
    #expect(try await workshop.run("ledger", "show", "chain").status == 0)
  }

  @Test func whatIsWrongIsOneLine() async throws {
    let workshop = try Workshop()
    try await job(workshop)
    let other = String(repeating: "0", count: 64)
    try await workshop.expectRefusal(
      ["ledger", "verify", "chain", "--first", other], status: 1, saying: ["chain", "first block"])
    try await workshop.expectRefusal(
      ["ledger", "verify", "fleet.h5"], status: 1, saying: ["fleet.h5", "chain"])
    try await workshop.expectRefusal(
      ["ledger", "show", "missing"], status: 1, saying: ["missing"])
    try await workshop.expectRefusal(["ledger", "verify"], status: 2, saying: ["missing"])
    try await workshop.expectRefusal(["ledger", "verifi", "chain"], status: 2, saying: ["verify"])
    // A chain is never replaced or gone on with.
    try await workshop.expectRefusal(
      ["simulate", "ordered", "fleet.h5", "-o", "p.json", "--chain", "chain"], status: 1,
      saying: ["chain"])
    try await workshop.expectRefusal(
      ["simulate", "ordered", "fleet.h5", "-o", "p.json", "--orderers", "0"], status: 2,
      saying: ["orderers"])
    let path = URL(filePath: workshop.directory("chain"))
    var bytes = try Data(contentsOf: path)
    bytes[bytes.count / 2] ^= 4
    try bytes.write(to: path)
    try await workshop.expectRefusal(
      ["ledger", "verify", "chain"], status: 1, saying: ["chain", "damaged"])
  }
}
