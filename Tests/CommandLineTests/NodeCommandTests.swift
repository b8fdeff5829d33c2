import Foundation
import Storage
import Testing

/// Real processes on loopback.
@Suite(.serialized, .timeLimit(.minutes(30))) struct NodeCommandTests {
  /// How long members wait for one another where none is lost, however busy the machine.
  private static let patient = [
    "--deadline-contribution", "240", "--deadline-vote", "60", "--deadline-reconnect", "10",
  ]
  /// And where one is lost.
  private static let brisk = [
    "--deadline-contribution", "30", "--deadline-vote", "5", "--deadline-reconnect", "1",
  ]

  /// A workshop with four machines' rows, and a network that all of them signed.
  private func prepare(
    _ more: [String] = [], settings: [String] = Workshop.small, deadlines: [String] = Self.patient
  ) async throws -> Workshop {
    let workshop = try Workshop()
    let generated = try await workshop.run(
      "generate", "-o", "four.h5", "--participants", "4", "--variables", "4", "--train-rows",
      "120", "--test-rows", "60")
    try #require(generated.status == 0, "\(generated.errors)")
    let ports = try LoopbackPorts.free(4)
    for (index, port) in ports.enumerated() {
      let made = try await workshop.run(
        "keygen", "-o", "machine-\(index + 1).key", "--address", "tcp://127.0.0.1:\(port)")
      try #require(made.status == 0, "\(made.errors)")
    }
    let initialised = try await Program.run(
      ["network", "init"] + (1...4).map { "machine-\($0).pub" } + ["-o", "network.json"]
        + settings + [
          "--rounds", "20", "--deadline-assembly", "240", "--deadline-return", "120",
        ] + deadlines + more, in: workshop.directory.path)
    try #require(initialised.status == 0, "\(initialised.errors)")
    for machine in 1...4 {
      let signed = try await workshop.run(
        "network", "sign", "network.json", "--key", "machine-\(machine).key")
      try #require(signed.status == 0, "\(signed.errors)")
    }
    return workshop
  }

  private func start(_ machine: Int, _ workshop: Workshop) throws -> Program.Running {
    try Program.start(
      [
        "node", "network.json", "--key", "machine-\(machine).key", "--data", "four.h5", "-o",
        "machine-\(machine).h5",
      ], in: workshop.directory.path)
  }

  private func expectOneTheta(_ workshop: Workshop) async throws {
    let trained = try await Program.run(
      ["train", "four.h5", "-o", "together.h5", "--rounds", "20"] + Workshop.small,
      in: workshop.directory.path)
    try #require(trained.status == 0, "\(trained.errors)")
    let expected = try workshop.theta(of: "together.h5")
    for machine in 1...4 {
      #expect(try workshop.theta(of: "machine-\(machine).h5") == expected)
    }
  }

  @Test(arguments: [[], ["--privacy", "none"], ["--links", "ring"]] as [[String]])
  func fourProcessesEndWithTheThetaOfOne(settings: [String]) async throws {
    let workshop = try await prepare(settings)
    let nodes = try (1...4).map { try start($0, workshop) }
    for node in nodes {
      let outcome = try await node.outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("SHA-256"))
    }
    try await expectOneTheta(workshop)
    // Each model holds its own participant alone; the record of the run stays, the rest goes.
    let entries = try RunRecord.entries(of: workshop.directory("machine-1.h5.run"))
    #expect(entries.count > 20)
    let left = try workshop.directory.contents.keys
    #expect(!left.contains { $0.hasSuffix(".journal") || $0.hasSuffix(".checkpoint") })
  }

  /// The other model class: the same loop, messages and files.
  @Test func fourProcessesLearnTheMixtureOfOne() async throws {
    let settings = ["--model", "ggm", "--start-patterns", "2"]
    let workshop = try await prepare(settings: settings)
    for node in try (1...4).map({ try start($0, workshop) }) {
      let outcome = try await node.outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("patterns kept"))
    }
    let trained = try await Program.run(
      ["train", "four.h5", "-o", "together.h5", "--rounds", "20"] + settings,
      in: workshop.directory.path)
    try #require(trained.status == 0, "\(trained.errors)")
    func dictionary(_ name: String) throws -> [Double] {
      try HDF5File(reading: workshop.directory(name)).read("/global/precision", as: Double.self)
    }
    let expected = try dictionary("together.h5")
    for machine in 1...4 { #expect(try dictionary("machine-\(machine).h5") == expected) }
  }

  @Test func aKilledNodeGoesOn() async throws {
    let workshop = try await prepare(deadlines: Self.brisk)
    var nodes = try (1...4).map { try start($0, workshop) }
    // The journal is there from the start: some moment after it.
    await nodes[2].send(
      SIGKILL, afterChanges: 1, of: workshop.directory("machine-3.h5.journal"), delay: 150)
    let killed = try await nodes[2].outcome()
    nodes[2] = try start(3, workshop)
    for node in nodes {
      let outcome = try await node.outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let thetas = try (1...4).map { try workshop.theta(of: "machine-\($0).h5") }
    #expect(thetas.allSatisfy { $0 == thetas[0] })
    // It may have been over by then.
    #expect(killed.wasKilled || killed.status == 0)
  }

  @Test func aNodeTellsMembersWhereItIs() async throws {
    let workshop = try await prepare()
    let node = try start(1, workshop)
    var outcome = try await workshop.run("status", "machine-1", "--key", "machine-2.key", "--json")
    for _ in 0..<20 where outcome.status != 0 {
      outcome = try await workshop.run("status", "machine-1", "--key", "machine-2.key", "--json")
    }
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let status = try #require(object as? [String: Any])
    #expect(status["name"] as? String == "machine-1")
    #expect(status["waiting_for"] as? String == "members to come together")
    #expect((status["waiting_for_members"] as? [String])?.count == 3)
    kill(node.processIdentifier, SIGINT)
    #expect(try await node.outcome().status == 1)
  }

  @Test func whatCannotBeANetwork() async throws {
    let workshop = try await prepare()
    func refuse(_ words: [String], saying: String, status: Int32 = 1) async throws {
      try await workshop.expectRefusal(words, status: status, saying: [saying])
    }
    let rest = ["--data", "four.h5", "-o", "out.h5"]
    let stranger = try await workshop.run("keygen", "-o", "stranger.key")
    #expect(stranger.status == 0)
    try await refuse(
      ["node", "network.json", "--key", "stranger.key"] + rest, saying: "no present member")
    try await refuse(
      ["node", "network.json", "--key", "missing.key"] + rest, saying: "missing.key")
    try await refuse(["node", "network.json"] + rest, saying: "--key", status: 2)
    try await refuse(
      ["node", "network.json", "--key", "machine-1.key", "-o", "out.h5"], saying: "--data",
      status: 2)
    let changed = try await workshop.run(
      "network", "leave", "network.json", "--member", "machine-4", "-o", "change.json")
    #expect(changed.status == 0, "\(changed.errors)")
    try await refuse(
      ["node", "change.json", "--key", "machine-1.key"] + rest, saying: "not valid yet")
    try await refuse(["status", "nobody", "--key", "machine-1.key"], saying: "nobody")
  }
}
