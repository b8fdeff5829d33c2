import Foundation
import Testing

@Suite(.timeLimit(.minutes(30))) struct MinedChainRefusalTests {
  private func refuse(
    _ chain: ChainWorkshop, _ line: String, status: Int32 = 1, _ words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    try await chain.workshop.expectRefusal(
      line.split(separator: " ").map(String.init), status: status, saying: words,
      sourceLocation: sourceLocation)
  }

  @Test func whatIsWrongIsOneLine() async throws {
    let chain = try await ChainWorkshop(3)
    try await chain.run("ledger init m0.pub m1.pub -o genesis --interval 0.2 --difficulty 50")
    try await chain.run("ledger init m0.pub m1.pub -o other --interval 0.2 --difficulty 50")
    let node = "ledger node genesis m0.pub m1.pub"
    try await refuse(chain, "\(node) --store m0.db", status: 2, "--key")
    try await refuse(chain, "\(node) --key m0.key", status: 2, "--store")
    try await refuse(chain, "ledger node", status: 2, "first block")
    try await refuse(
      chain, "ledger node genesis --key m0.key --store a.db", status: 2, "public key")
    try await refuse(chain, "\(node) --key m2.key --store a.db", "m2", "no member's")
    try await refuse(chain, "\(node) m1.pub --key m0.key --store a.db", "m1.pub", "twice")
    try await refuse(
      chain, "ledger node fleet.h5 m0.pub --key m0.key --store a.db", "fleet.h5", "first block")
    try await refuse(
      chain, "ledger node missing m0.pub --key m0.key --store a.db", "missing", "no such file")
    try await refuse(chain, "\(node) --key m0.key --store genesis", "genesis", "same file")
    try await refuse(chain, "\(node) --key m0.key --store fleet.h5", "fleet.h5", "chain")
    try await refuse(
      chain, "\(node) --key m0.key --store a.db --register m0.pub", status: 2, "calibrations")

    // A chain of another network is left as it is.
    try await chain.run(
      "ledger init m0.pub m1.pub -o genesis --interval 0.2 --difficulty 51 --force")
    let made = try chain.start(0, cards: 0..<2, ["--seconds", "0"])
    #expect(try await made.outcome().status == 0)
    try await refuse(
      chain, "ledger node other m0.pub m1.pub --key m0.key --store m0.db", "m0.db",
      "another network")

    try await refuse(chain, "ledger init -o new", status: 2, "public key")
    try await refuse(chain, "ledger init m0.pub -o genesis", "genesis", "already")
    try await refuse(chain, "ledger init m0.pub -o new --models fleet.h5", "fleet.h5", "model")
    try await refuse(
      chain, "ledger init m0.pub -o new --delta 0.5", status: 2, "--models")
    try await refuse(chain, "ledger init m0.pub -o new --interval 0", status: 2, "--interval")

    let path = URL(filePath: chain.workshop.directory("genesis"))
    var bytes = try Data(contentsOf: path)
    bytes[bytes.count - 3] ^= 4
    try bytes.write(to: path)
    try await refuse(chain, "\(node) --key m0.key --store b.db", "genesis", "Merkle root")
  }

  @Test func aPortInUseAndAnotherChain() async throws {
    let chain = try await ChainWorkshop(2)
    try await chain.run("ledger init m0.pub m1.pub -o genesis --interval 0.2 --difficulty 50")
    let first = try chain.start(0, cards: 0..<2, ["--no-mining"])
    try await ChainWorkshop.hold("it is there", [first]) { $0.name == "start" }
    // The chain of the running member changes beside, so that files are not compared.
    let second = try await chain.workshop.run(
      "ledger", "node", "genesis", "m0.pub", "m1.pub", "--key", "m0.key", "--store", "second.db")
    #expect(second.status == 1 && second.hasOneErrorLine && second.output.isEmpty)
    #expect(second.errors.contains("in use"), "\(second.errors)")
    #expect(try chain.workshop.directory.contents["second.db"] == nil)
    let sameStore = try await chain.workshop.run(
      "ledger", "node", "genesis", "m0.pub", "m1.pub", "--key", "m1.key", "--store", "m0.db")
    #expect(sameStore.status == 1 && sameStore.hasOneErrorLine && sameStore.output.isEmpty)
    #expect(sameStore.errors.contains("another process"), "\(sameStore.errors)")

    // One that was started with another first block is told so, and so are the others.
    try await chain.run("ledger init m0.pub m1.pub -o genesis --difficulty 51 --force")
    let stranger = try chain.start(1, cards: 0..<2)
    try await ChainWorkshop.hold("the other chain is told of", [first, stranger]) {
      try first.errors.contains("m1 is on another chain")
        && stranger.errors.contains("m0 is on another chain")
    }
    _ = try await ChainWorkshop.stop([first, stranger])
  }
}
