import CollaborativeLearning
import Consensus

/// Where a node is, for people and programs: what `collabdict status` shows.
public struct NodeStatus: Sendable, Equatable {
  public var name: String
  public var epoch: Int
  public var round: Int
  public var attempt: Int
  /// Names of those who take part in the present round.
  public var participants: [String]
  /// Names of those to whom there is a connection.
  public var connected: [String]
  /// What is waited for; `nil` when it is the node's own turn.
  public var waitingFor: String?
  public var waitingForMembers: [String]
  /// Seconds until that wait ends, whoever is missing.
  public var secondsLeft: Double?
  public var sentBytes: Int
  public var receivedBytes: Int
  /// Frames that were refused, by reason, and messages that could not be read.
  public var refused: [String: Int]

  init(
    _ node: ConsensusNode, names: [String], statistics: TransportStatistics, malformed: Int,
    _ now: Double
  ) {
    func list(_ set: MemberSet) -> [String] {
      set.members.filter(names.indices.contains).map { names[$0] }
    }
    let waiting = node.waiting(now: now)
    name = names[node.configuration.own]
    epoch = Int(node.slot.epoch)
    round = Int(node.slot.round)
    attempt = Int(node.slot.attempt)
    participants = list(node.participants)
    connected = list(node.connectedMembers)
    waitingFor = waiting?.what
    waitingForMembers = waiting.map { list($0.members) } ?? []
    secondsLeft = waiting?.secondsLeft
    sentBytes = Int(statistics.sentBytes)
    receivedBytes = Int(statistics.receivedBytes)
    refused = [:]
    for refusal in Refusal.allCases where statistics[refusal] > 0 {
      refused[refusal.words] = Int(statistics[refusal])
    }
    if statistics.refusedConnections > 0 {
      refused["connections of strangers"] = Int(statistics.refusedConnections)
    }
    if malformed > 0 { refused["unreadable messages"] = malformed }
  }

  /// The status as named arrays of text, in a form that the transport carries: one `key=value` a line.
  public var encoded: [UInt8] {
    var lines = [
      "name=\(name)", "epoch=\(epoch)", "round=\(round)", "attempt=\(attempt)",
      "participants=\(participants.joined(separator: ","))",
      "connected=\(connected.joined(separator: ","))", "sent-bytes=\(sentBytes)",
      "received-bytes=\(receivedBytes)",
    ]
    if let waitingFor { lines.append("waiting-for=\(waitingFor)") }
    if !waitingForMembers.isEmpty {
      lines.append("waiting-for-members=\(waitingForMembers.joined(separator: ","))")
    }
    if let secondsLeft { lines.append("seconds-left=\(secondsLeft)") }
    for (reason, count) in refused.sorted(by: { $0.key < $1.key }) {
      lines.append("refused=\(count) \(reason)")
    }
    return Array(lines.joined(separator: "\n").utf8)
  }

  /// Reads ``encoded``; `nil` for anything else.
  public init?(decoding bytes: [UInt8]) {
    var values: [String: String] = [:]
    var refused: [String: Int] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      if parts[0] == "refused" {
        let words = parts[1].split(separator: " ", maxSplits: 1)
        guard words.count == 2, let count = Int(words[0]) else { return nil }
        refused[String(words[1])] = count
      } else {
        values[String(parts[0])] = String(parts[1])
      }
    }
    func number(_ key: String) -> Int? { values[key].flatMap { Int($0) } }
    func list(_ key: String) -> [String] {
      values[key]?.split(separator: ",").map(String.init) ?? []
    }
    guard let name = values["name"], let epoch = number("epoch"), let round = number("round"),
      let attempt = number("attempt"), let sent = number("sent-bytes"),
      let received = number("received-bytes")
    else { return nil }
    self.name = name
    self.epoch = epoch
    self.round = round
    self.attempt = attempt
    participants = list("participants")
    connected = list("connected")
    waitingFor = values["waiting-for"]
    waitingForMembers = list("waiting-for-members")
    secondsLeft = values["seconds-left"].flatMap { Double($0) }
    sentBytes = sent
    receivedBytes = received
    self.refused = refused
  }
}
