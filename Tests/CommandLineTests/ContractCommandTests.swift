import Cryptography
import Foundation
import Incentives
import Ledger
import Simulation
import Storage
import Testing

/// The commands that look into a contract's chain.
@Suite struct ContractCommandTests {
  private typealias Chain = ContractChain<EncounterContract>

  private let workshop: Workshop
  private static let parties = 5

  /// A chain with one encounter that was accepted and one that is open.
  init() throws {
    workshop = try Workshop()
    for location in [
      ChainLocation.file(workshop.directory("chain")), .sqlite(workshop.directory("chain.db")),
    ] {
      var store = try OpenChain<MinedBlock>(opening: location)
      try Self.write(&store)
    }
  }

  private static func write(_ store: inout OpenChain<MinedBlock>) throws {
    let accounts = Chain.keys(parties, seed: 3).map { AccountAddress($0.verificationKey) }
    var chain = try Chain(
      EncounterContract.self,
      records: EncounterContract.records(
        EncounterTerms(), currency: Dictionary(uniqueKeysWithValues: accounts.map { ($0, 1000) })),
      parties: parties, seed: 3)
    let (before, after, salt) = (SHA256.hash([0]), SHA256.hash([1]), SHA256.hash([2]))
    let offer = EncounterCall.open(
      EncounterOffer(neighbour: accounts[1], prepayment: 10, modelBefore: before))
    _ = try chain.mine((0..<parties).map { (.exchange(units: 1000), $0) }, into: &store)
    _ = try chain.mine(
      (0..<parties).map { (.stake(200), $0) } + [(offer, 0)], into: &store)
    // Party 3 is no party to it.
    _ = try chain.mine(
      [(.accept(0, claimsRareData: false), 1), (.report(0, result: after), 3)], into: &store)
    _ = try chain.mine(
      [(.report(0, result: after), 0), (.report(0, result: after), 1)], into: &store)
    _ = try chain.mine([], into: &store)
    _ = try chain.mine([], into: &store)
    let vote = ValidatorVote(contributes: true)
    _ = try chain.mine(
      (2..<5).map { place in
        let commitment = vote.commitment(encounter: 0, validator: accounts[place], salt: salt)
        return (.commit(0, result: after, commitment: commitment), place)
      }, into: &store)
    _ = try chain.mine((2..<5).map { (.reveal(0, vote, salt: salt), $0) }, into: &store)
    _ = try chain.mine([(.settle(0), 4), (offer, 0)], into: &store)
  }

  private func object(_ words: String...) async throws -> [String: Any] {
    let outcome = try await Program.run(words + ["--json"], in: workshop.directory.path)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let value = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(value as? [String: Any])
  }

  @Test(arguments: ["chain", "chain.db"])
  func accountsAreShown(chain: String) async throws {
    let shown = try await object("contract", "show", chain)
    #expect(shown["application"] as? String == "idml")
    #expect(shown["conserved"] as? Bool == true)
    #expect(shown["encounters"] as? Int == 2 && shown["open_encounters"] as? Int == 1)
    #expect(shown["accepted_encounters"] as? Int == 1 && shown["refused_calls"] as? Int == 1)
    // 200 of each, 7 for the neighbour and 1 for each validator.
    #expect(shown["stakes"] as? Int == 1010 && shown["escrows"] as? Int == 10)
    let terms = try #require(shown["terms"] as? [String: Any])
    #expect(terms["stake_threshold"] as? Int == 100)
    let accounts = try #require(shown["accounts"] as? [[String: Any]])
    #expect(accounts.count == 6)
    let neighbour = "\(AccountAddress(Chain.keys(5, seed: 3)[1].verificationKey))"
    let account = try #require(accounts.first { $0["account"] as? String == neighbour })
    #expect(account["stake"] as? Int == 207 && account["balance"] as? Int == 999_800)
    #expect(account["contributions_accepted"] as? Int == 1)
    let people = try await workshop.run("contract", "show", chain)
    #expect(people.status == 0 && people.output.contains("treasury"))
  }

  @Test func anEncounterIsFollowed() async throws {
    let audit = try await object("contract", "audit", "chain.db", "--encounter", "0")
    #expect(audit["sound"] as? Bool == true)
    let trail = try #require(audit["trail"] as? [[String: Any]])
    let events = trail.compactMap { $0["event"] as? String }.filter { $0 != "tokens" }
    #expect(
      events == [
        "opened", "agreed", "refused", "reported", "reported", "drawn", "committed", "committed",
        "committed", "revealed", "revealed", "revealed", "finalised", "closed",
      ])
    let heights = trail.compactMap { $0["height"] as? Int }
    #expect(heights == heights.sorted() && heights.first == 2 && heights.last == 9)
    // In and out of the escrow: 10, then 7 and three times 1.
    let amounts = trail.filter { $0["event"] as? String == "tokens" }.compactMap {
      $0["amount"] as? Int
    }
    #expect(amounts == [10, 7, 1, 1, 1])
    #expect(trail.last { $0["event"] as? String == "closed" }?["outcome"] as? String == "accepted")
    let people = try await workshop.run("contract", "audit", "chain", "--encounter", "0")
    #expect(people.status == 0 && people.output.contains("finalised"))
  }

  @Test func aWholeChainIsAudited() async throws {
    let audit = try await object("contract", "audit", "chain")
    #expect(audit["sound"] as? Bool == true && audit["blocks"] as? Int == 10)
    let events = try #require(audit["events"] as? [String: Int])
    #expect(events["staked"] == 5 && events["opened"] == 2 && events["closed"] == 1)
    #expect(audit["refused"] as? [String: Int] == ["report": 1])
    let verified = try await object("ledger", "verify", "chain")
    #expect(verified["application"] as? String == "idml" && verified["calls"] as? Int == 23)
    #expect(try await workshop.run("contract", "audit", "chain").status == 0)
  }

  @Test func whatIsWrongIsOneLine() async throws {
    try await workshop.expectRefusal(
      ["contract", "audit", "chain", "--encounter", "7"], status: 1, saying: ["chain", "7"])
    try await workshop.expectRefusal(
      ["contract", "audit", "chain", "--encounter", "x"], status: 2, saying: ["encounter"])
    try await workshop.expectRefusal(
      ["contract", "show", "missing"], status: 1, saying: ["missing"])
    try await workshop.expectRefusal(["contract", "show"], status: 2)
    try await workshop.expectRefusal(["contract", "shw", "chain"], status: 2, saying: ["show"])
    let notes = try FileBlockStore<MinedBlock>(opening: workshop.directory("notes"))
    for block in try ChainStoreCommandTests.chain(2) { try notes.append(block) }
    try await workshop.expectRefusal(
      ["contract", "show", "notes"], status: 1, saying: ["notes", "no contract"])
    try await workshop.expectRefusal(
      ["contract", "audit", "chain", "--sample", "0"], status: 2, saying: ["idml", "--encounter N"])
    let miner = MinerInformation(
      key: Chain.keys(1, seed: 1)[0].verificationKey, type: .miner)
    var name = LedgerWriter()
    name.text("lottery")
    let lottery = try FileBlockStore<MinedBlock>(opening: workshop.directory("lottery"))
    try lottery.append(
      ChainRules(interval: 1000, firstDifficulty: 1).genesis(
        founder: miner, time: 1, records: [name.bytes]))
    for command in ["show", "audit"] {
      try await workshop.expectRefusal(
        ["contract", command, "lottery"], status: 1, saying: ["application lottery", "no contract"])
    }
    // One record of a block says something else, and the block has valid work.
    let chain = try OpenChain<MinedBlock>(reading: .file(workshop.directory("chain")))
    var forged = try OpenChain<MinedBlock>(opening: .file(workshop.directory("forged")))
    try Self.copy(chain, into: &forged)
    try await workshop.expectRefusal(
      ["contract", "audit", "forged"], status: 1, saying: ["forged", "block 9", "record"])
  }

  /// Copies a chain with another end of its last record.
  private static func copy(
    _ chain: OpenChain<MinedBlock>, into forged: inout OpenChain<MinedBlock>
  ) throws {
    for height in 0..<chain.count {
      var block = try #require(try chain.block(at: height))
      if height == chain.count - 1 {
        var records = block.records
        records[0][records[0].count - 1] ^= 1
        block = ProofOfWork.mine(
          MinedBlock(
            height: block.height, previous: block.previous, time: block.time,
            difficulty: block.difficulty, miner: block.miner, transactions: block.transactions,
            records: records))
      }
      try forged.append(block)
    }
  }
}
