import CollaborativeLearning
import Foundation
import Storage
import Transport

/// `collabdict status`: where a node is, and for whom it waits.
enum StatusCommand: Command {
  static let name = "status"
  static let summary = "ask a node of a network where it is, and for whom it waits"
  static let synopsis = "tcp://HOST:PORT | MEMBER  --key MEMBER.key [--network NETWORK.json]"
  static let options = [
    OptionSpecification("network", "FILE", "the network file [network.json]"),
    OptionSpecification("key", "FILE", "a member's private key: nodes answer members only"),
    OptionSpecification("timeout", "SECONDS", "how long to wait for the answer [5]"),
    SharedOptions.json,
  ]

  static func run(_ arguments: Arguments) throws {
    let target = try arguments.exactly(1, "the address or the name of one node")[0]
    guard let keyPath = arguments["key"] else {
      throw UsageError("nodes answer members only; name a member's --key")
    }
    let path = arguments["network"] ?? "network.json"
    let network = try Network(readingJSON: path)
    let keys = try MemberKeys(reading: keyPath)
    guard
      let member = network.members.first(where: {
        $0.name == target || $0.address.description == target
      })
    else {
      throw FileError(
        path: path,
        cause: ConfigurationError(
          "no member has the name or address \(target); see collabdict network show"))
    }
    let timeout = try arguments.number("timeout", 0.01...3600) ?? 5
    let bytes = try StatusClient.request(
      endpoint: member.address.description, serverKey: member.transportKey,
      ownKey: keys.transport, timeoutMilliseconds: Int(1000 * timeout))
    guard let status = NodeStatus(decoding: bytes) else {
      throw ConfigurationError(
        "\(target): the answer cannot be read; the node runs another version")
    }
    if arguments.has("json") {
      try json(status).print()
    } else {
      show(status)
    }
  }

  private static func json(_ status: NodeStatus) -> JSON {
    .object([
      ("name", .text(status.name)), ("epoch", .integer(status.epoch)),
      ("round", .integer(status.round)), ("attempt", .integer(status.attempt)),
      ("participants", .list(status.participants.map { .text($0) })),
      ("connected", .list(status.connected.map { .text($0) })),
      ("waiting_for", status.waitingFor.map { .text($0) } ?? .null),
      ("waiting_for_members", .list(status.waitingForMembers.map { .text($0) })),
      ("seconds_left", .number(status.secondsLeft)), ("sent_bytes", .integer(status.sentBytes)),
      ("received_bytes", .integer(status.receivedBytes)),
      ("refused", .object(status.refused.map { ($0.key, .integer($0.value)) })),
    ])
  }

  private static func show(_ status: NodeStatus) {
    Console.print("\(status.name): round \(status.round) of epoch \(status.epoch)")
    Console.print("taking part   \(list(status.participants))")
    Console.print("connected     \(list(status.connected))")
    if let what = status.waitingFor {
      var line = "waiting for   \(what)"
      if !status.waitingForMembers.isEmpty { line += " of \(list(status.waitingForMembers))" }
      if let left = status.secondsLeft { line += ", for at most \(Console.duration(left))" }
      Console.print(line)
    }
    Console.print("sent          \(status.sentBytes) bytes")
    Console.print("received      \(status.receivedBytes) bytes")
    for (reason, count) in status.refused.sorted(by: { $0.key < $1.key }) {
      Console.print("refused       \(count) \(reason)")
    }
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "nobody" : names.joined(separator: ", ")
  }
}
