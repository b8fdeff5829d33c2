import Cryptography
import Foundation
import Ledger
import Storage
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The ledger commands over chains of both kinds, in files, databases and a cluster.
@Suite struct ChainStoreCommandTests {
  private let workshop: Workshop
  private let blocks: [MinedBlock]

  /// A chain that keeps notes, with a block of each number of transactions from 0 to 4.
  init() throws {
    workshop = try Workshop()
    blocks = try Self.chain(5)
    let store = try FileBlockStore<MinedBlock>(opening: workshop.directory("mined"))
    for block in blocks { try store.append(block) }
  }

  static func chain(_ count: Int) throws -> [MinedBlock] {
    let key = SigningKey(seed: [UInt8](repeating: 7, count: 32))
    let miner = MinerInformation(key: key.verificationKey, type: .miner)
    let genesis = ChainRules(interval: 1000, firstDifficulty: 4).genesis(
      founder: miner, time: 1_700_000_000_000)
    var verifier = try ChainVerifier(NotesApplication(), genesis: genesis)
    var blocks = [genesis]
    for number in 1..<count {
      let transactions = (0..<number).map { place in
        SignedTransaction(
          network: genesis.hash,
          sequence: verifier.state.nextSequence(of: key.verificationKey) + UInt64(place),
          kind: TransactionKind(rawValue: 3), payload: [UInt8(place)], key: key)
      }
      let open = verifier.template(
        miner: miner, transactions: transactions, now: 1_700_000_000_000 + 1000 * UInt64(number))
      let nonce = try #require(ProofOfWork.nonce(for: open.header, in: 0..<1_000_000))
      blocks.append(open.with(nonce: nonce))
      try verifier.append(blocks[number])
    }
    return blocks
  }

  private func object(
    _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [String: Any] {
    try await object(words, sourceLocation: sourceLocation)
  }

  private func object(
    _ words: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [String: Any] {
    let outcome = try await Program.run(words + ["--json"], in: workshop.directory.path)
    #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    let value = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(value as? [String: Any], sourceLocation: sourceLocation)
  }

  @Test func aMinedChainIsVerifiedAndShown() async throws {
    let verified = try await object("ledger", "verify", "mined", "--first", "\(blocks[0].hash)")
    #expect(verified["sound"] as? Bool == true)
    #expect(verified["application"] as? String == "notes")
    #expect(verified["blocks"] as? Int == 5)
    #expect(verified["transactions"] as? Int == 10)
    #expect(verified["notes"] as? Int == 10)
    #expect(verified["last_block"] as? String == "\(blocks[4].hash)")
    #expect(try await object("ledger", "verify", "mined", "--links")["linked"] as? Bool == true)

    let shown = try await object("ledger", "show", "mined")
    let heads = try #require(shown["blocks"] as? [[String: Any]])
    #expect(heads.compactMap { $0["transaction_count"] as? Int } == [0, 1, 2, 3, 4])
    #expect(heads.compactMap { $0["hash"] as? String } == blocks.map { "\($0.hash)" })
    let block = try await object("ledger", "show", "mined", "--block", "3")
    #expect((block["transactions"] as? [Any])?.count == 3)
    for words in [["mined"], ["mined", "--block", "3"], ["mined", "--links"]] {
      let outcome = try await Program.run(["ledger", "show"] + words, in: workshop.directory.path)
      #expect(outcome.status == 0 && outcome.output.contains("transactions"), "\(words)")
    }

    // What is printed shows to anybody that the transaction is there.
    let id = blocks[4].transactions[2].id
    let told = try await object("ledger", "show", "mined", "--proof", "\(id)")
    #expect(told["block"] as? Int == 4)
    let text = try #require(told["proof"] as? String)
    let bytes = try #require(Hexadecimal.bytes(text, count: text.utf8.count / 2))
    let proof = try MerkleProof(decoding: bytes)
    #expect(
      proof.shows(
        MerkleTree.Leaf.transaction.digest(id.bytes), under: blocks[4].header.merkleRoot))
  }

  @Test func chainsAreCopiedBetweenStores() async throws {
    let copied = try await object("ledger", "export", "mined", "-o", "copy.sqlite", "--to", "2")
    #expect(copied["copied"] as? Int == 3)
    #expect(try await object("ledger", "verify", "copy.sqlite")["blocks"] as? Int == 3)
    // It goes on where it stopped, and a copy of a copy is the file again.
    let rest = try await object("ledger", "export", "mined", "-o", "copy.sqlite", "--from", "2")
    #expect(rest["copied"] as? Int == 2)
    #expect(
      try await object("ledger", "export", "mined", "-o", "copy.sqlite")["copied"] as? Int == 0)
    _ = try await object("ledger", "export", "copy.sqlite", "-o", "again", "--format", "file")
    let files = try workshop.directory.contents
    #expect(files["again"] == files["mined"])

    // Nothing is made, or changed, where something is wrong.
    let parent = blocks[1]
    let other = MinedBlock(
      height: 2, previous: parent.hash, time: parent.time + 9, difficulty: 1, miner: parent.miner)
    try write([blocks[0], parent, other], to: "other")
    try write(Array(blocks.prefix(3)), to: "shorter")
    try await workshop.expectRefusal(
      ["ledger", "export", "other", "-o", "shorter", "--links"], status: 1,
      saying: ["shorter", "another chain", "block 2"])
    try await workshop.expectRefusal(
      ["ledger", "export", "other", "-o", "new.sqlite"], status: 1, saying: ["other", "block 2"])
    for (words, status, saying) in [
      (["mined", "-o", "new", "--from", "2"], 1, "new"),
      (["mined", "-o", "new", "--to", "5"], 1, "block 5"),
      (["mined", "-o", "mined"], 1, "mined"),
      (["mined", "-o", "new", "--format", "h5"], 2, "format"),
      (["mined"], 2, "-o"),
      (["fleet.h5", "-o", "new"], 1, "fleet.h5"),
      (["mined", "-o", "fleet.h5"], 1, "fleet.h5"),
    ] as [([String], Int32, String)] {
      try await workshop.expectRefusal(
        ["ledger", "export"] + words, status: status, saying: [saying])
    }
  }

  private func write(_ blocks: [MinedBlock], to name: String) throws {
    let store = try FileBlockStore<MinedBlock>(opening: workshop.directory(name))
    for block in blocks { try store.append(block) }
  }

  @Test func whatIsWrongIsOneLine() async throws {
    // Linked, and not what the rules ask for.
    let last = blocks[4]
    let forged = MinedBlock(
      height: 5, previous: last.hash, time: last.time + 1000, difficulty: 1, miner: last.miner,
      transactions: [last.transactions[0]])
    try write(blocks + [forged], to: "forged")
    #expect(try await object("ledger", "verify", "forged", "--links")["blocks"] as? Int == 6)
    try await workshop.expectRefusal(
      ["ledger", "verify", "forged"], status: 1, saying: ["forged", "block 5"])
    try await workshop.expectRefusal(
      ["ledger", "export", "forged", "-o", "fleet.h5"], status: 1, saying: ["fleet.h5"])
    try write(
      [
        ChainRules(interval: 1000, firstDifficulty: 4).genesis(
          founder: last.miner, time: 1, records: [[4, 0, 0, 0] + Array("else".utf8)])
      ], to: "else")
    try await workshop.expectRefusal(
      ["ledger", "verify", "else"], status: 1, saying: ["application else", "--links"])
    try await workshop.expectRefusal(
      ["ledger", "verify", "mined", "--first", "\(last.hash)"], status: 1, saying: ["first block"])
    try await workshop.expectRefusal(
      ["ledger", "verify", "mined", "--first", "0"], status: 2, saying: ["--first"])
    try await workshop.expectRefusal(
      ["ledger", "show", "mined", "--block", "9"], status: 1, saying: ["block 9", "block 4"])
    try await workshop.expectRefusal(
      ["ledger", "show", "mined", "--proof", "\(last.hash)"], status: 1, saying: ["transaction"])
    try await workshop.expectRefusal(
      ["ledger", "show", "mined", "--ca", "x"], status: 2, saying: ["etcd"])
    for address in ["etcd://host/x", "etcd://host:1"] {
      try await workshop.expectRefusal(
        ["ledger", "verify", address], status: 1, saying: [address, "host:port"])
    }
    try await workshop.expectRefusal(
      ["ledger", "verify", "etcd://a:1/x", "--ca", "missing.pem"], status: 1,
      saying: ["missing.pem"])
    try await workshop.expectRefusal(
      ["ledger", "verify", "etcd://a:1/x", "--cert", "fleet.h5"], status: 2, saying: ["--key"])
  }

  /// Blocks are printed as another process adds them.
  @Test(arguments: ["mined", "chain.sqlite"]) func blocksAreFollowed(_ name: String) async throws {
    if name != "mined" {
      _ = try await object("ledger", "export", "mined", "-o", name)
    }
    let running = try Program.start(
      ["ledger", "follow", name, "--from", "2", "--count", "4", "--json"],
      in: workshop.directory.path)
    while try running.output.split(separator: "\n").count < 3, running.isRunning { usleep(10_000) }
    let next = MinedBlock(
      height: 5, previous: blocks[4].hash, time: 5, difficulty: 1, miner: blocks[4].miner)
    if name == "mined" {
      try FileBlockStore<MinedBlock>(opening: workshop.directory(name)).append(next)
    } else {
      var store = try SQLiteBlockStore<MinedBlock>(opening: workshop.directory(name))
      try store.append(next)
    }
    let outcome = try await running.outcome()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let hashes = try outcome.output.split(separator: "\n").map { line in
      try (JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["hash"]
        as? String
    }
    #expect(hashes == (blocks[2...] + [next]).map { "\($0.hash)" })
  }

  @Test func aBranchThatBecameTheChainIsTold() async throws {
    _ = try await object("ledger", "export", "mined", "-o", "c.db", "--to", "3")
    let running = try Program.start(
      ["ledger", "follow", "c.db", "--count", "6", "--json"], in: workshop.directory.path)
    while try running.output.split(separator: "\n").count < 4, running.isRunning { usleep(10_000) }
    let other = MinedBlock(
      height: 3, previous: blocks[2].hash, time: 5, difficulty: 1, miner: blocks[4].miner)
    do {
      var store = try SQLiteBlockStore<MinedBlock>(opening: workshop.directory("c.db"))
      try store.keep(other)
      try store.reorganise(to: other.hash)
      try store.append(
        MinedBlock(height: 4, previous: other.hash, time: 6, difficulty: 1, miner: other.miner))
    }
    let outcome = try await running.outcome()
    let lines = try outcome.output.split(separator: "\n").compactMap { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    }
    #expect(
      lines.map { $0["event"] as? String }
        == ["block", "block", "block", "block", "reorganised", "block", "block"])
    #expect(lines.dropFirst(4).first?["from"] as? Int == 3)
    #expect(lines.last?["previous"] as? String == "\(other.hash)")
  }

  @Test(.enabled(if: EtcdMember.isInstalled, "etcd is not installed (etcd-server)"))
  func aClusterIsAChainLikeAnother() async throws {
    let member = try await EtcdMember()
    let address = "etcd://127.0.0.1:\(member.port)/test/notes"
    let patient = ["--patience", "120"]
    try await workshop.expectRefusal(
      ["ledger", "verify", address] + patient, status: 1, saying: ["no chain yet"])
    let following = try Program.start(
      ["ledger", "follow", address, "--count", "5", "--json"] + patient,
      in: workshop.directory.path)
    #expect(
      try await object(["ledger", "export", "mined", "-o", address] + patient)["copied"] as? Int
        == 5)
    #expect(try await following.outcome().output.split(separator: "\n").count == 5)
    #expect(try await object(["ledger", "verify", address] + patient)["notes"] as? Int == 10)
    _ = try await object(["ledger", "export", address, "-o", "back"] + patient)
    let files = try workshop.directory.contents
    #expect(files["back"] == files["mined"])
    member.stop()
    try await workshop.expectRefusal(
      ["ledger", "show", address, "--patience", "1"], status: 1, saying: [address, "no member"])
    try await workshop.expectRefusal(
      ["ledger", "show", address, "--patience", "0"], status: 2, saying: ["--patience"])
    try await workshop.expectRefusal(
      ["ledger", "show", "mined", "--patience", "1"], status: 2, saying: ["etcd://"])
  }
}

/// A cluster of one on loopback.
private final class EtcdMember {
  static let program = ["/usr/bin/etcd", "/usr/local/bin/etcd", "/opt/homebrew/bin/etcd"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }
  static var isInstalled: Bool { program != nil }

  let port: Int
  private let process = Process()
  private let directory: TemporaryDirectory

  init() async throws {
    directory = try TemporaryDirectory()
    let ports = try LoopbackPorts.free(2)
    port = ports[0]
    let urls = ports.map { "http://127.0.0.1:\($0)" }
    process.executableURL = URL(filePath: Self.program ?? "etcd")
    process.arguments = [
      "--name", "one", "--data-dir", directory("data"), "--listen-client-urls", urls[0],
      "--advertise-client-urls", urls[0], "--listen-peer-urls", urls[1],
      "--initial-advertise-peer-urls", urls[1], "--initial-cluster", "one=\(urls[1])",
      "--log-level", "error",
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    // Requests are tried for so long, which is enough for it to start.
    var cluster = try EtcdCluster("etcd://127.0.0.1:\(port)/start")
    cluster.patienceSeconds = 120
    _ = try EtcdBlockStore<Block>(cluster)
  }

  deinit { stop() }

  func stop() {
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
