import Foundation
import Testing

/// A directory with the keys of some members of a mined chain, each with a port of its own.
struct ChainWorkshop: Sendable {
  let workshop: Workshop
  let count: Int

  /// Makes the keys `m0`, `m1`, ….
  init(_ count: Int) async throws {
    workshop = try Workshop()
    self.count = count
    for (member, port) in try LoopbackPorts.free(count).enumerated() {
      try await run("keygen -o m\(member).key --address tcp://127.0.0.1:\(port)")
    }
  }

  /// Runs a command that must work.
  @discardableResult func run(
    _ line: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    try await workshop.require(line, sourceLocation: sourceLocation)
  }

  func cards(_ members: Range<Int>) -> [String] { members.map { "m\($0).pub" } }

  /// Starts a member, with the cards of some.
  func start(
    _ member: Int, cards members: Range<Int>, _ more: [String] = []
  ) throws -> Program.Running {
    try Program.start(
      ["ledger", "node", "genesis"] + cards(members)
        + ["--key", "m\(member).key", "--store", "m\(member).db", "--json", "--hash-rate", "250"]
        + more, in: workshop.directory.path)
  }

  /// A line that a member told.
  struct Event {
    let line: String
    let name: String
    let values: [String: Any]

    func number(_ key: String) -> Int { values[key] as? Int ?? 0 }
    var height: Int { number("height") }
  }

  /// All lines of a member so far, the last one if it is whole.
  static func events(_ member: Program.Running) throws -> [Event] {
    try member.output.split(separator: "\n").compactMap { line in
      guard
        let values = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
        let name = values["event"] as? String
      else { return nil }
      return Event(line: String(line), name: name, values: values)
    }
  }

  static func last(_ member: Program.Running) throws -> Event? { try events(member).last }

  /// Waits until something holds of all members.
  static func hold(
    _ what: String, _ members: [Program.Running], seconds: Double = 240,
    sourceLocation: SourceLocation = #_sourceLocation, _ holds: (Event) -> Bool
  ) async throws {
    try await hold(what, members, seconds: seconds, sourceLocation: sourceLocation) {
      try members.allSatisfy { try last($0).map(holds) ?? false }
    }
  }

  /// Waits until something holds while members run.
  static func hold(
    _ what: String, _ members: [Program.Running], seconds: Double = 240,
    sourceLocation: SourceLocation = #_sourceLocation, _ holds: () throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !(try holds()) {
      let ended = members.firstIndex { !$0.isRunning }
      if ended != nil || ContinuousClock.now >= deadline {
        let places = try members.map { try last($0)?.line ?? "nothing" }.joined(separator: "\n")
        let errors = try ended.map { try members[$0].errors } ?? ""
        Issue.record(
          "\(what): \(ended.map { "member \($0) ended: \(errors)" } ?? "late")\n\(places)",
          sourceLocation: sourceLocation)
        throw CancellationError()
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Ends members as a user does, who may start them again.
  ///
  /// - Returns: where the chain of each was at the end.
  static func stop(
    _ members: [Program.Running], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [Event] {
    // Who has not said anything yet may not listen to signals yet. Nobody is waited for without end.
    try await hold("all have started", members) { !$0.name.isEmpty }
    for member in members { kill(member.processIdentifier, SIGTERM) }
    let deadline = ContinuousClock.now + .seconds(240)
    while members.contains(where: { $0.isRunning }) {
      if ContinuousClock.now >= deadline {
        for member in members where member.isRunning { kill(member.processIdentifier, SIGKILL) }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    var ends: [Event] = []
    for member in members {
      let outcome = try await member.outcome()
      #expect(
        outcome.status == 0 && !outcome.wasKilled, "\(outcome.errors)",
        sourceLocation: sourceLocation)
      let end = try #require(try last(member), sourceLocation: sourceLocation)
      #expect(end.name == "end", sourceLocation: sourceLocation)
      ends.append(end)
    }
    return ends
  }

  /// One member mines two blocks more, and all have them: of two heads of the same work, one is the
  /// heavier then.
  func settle(
    _ members: Range<Int>, above height: Int, _ more: [String] = []
  ) async throws {
    let end = height + 2
    let all = try members.map { member in
      try start(
        member, cards: 0..<count,
        more
          + (member == members.lowerBound
            ? ["--blocks", "\(end)", "--stay", "1000"] : ["--no-mining"]))
    }
    try await Self.hold("one head", all) { $0.height == end }
    _ = try await Self.stop(all)
  }

  /// What `ledger verify` says of a member's chain.
  func verify(_ member: Int) async throws -> [String: Any] {
    try await workshop.object("ledger verify m\(member).db")
  }
}
