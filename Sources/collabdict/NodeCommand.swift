import AnomalyDetection
import CollaborativeLearning
import Consensus
import Cryptography
import Datasets
import Foundation
import Storage
import Transport

/// `collabdict node`: one member of a network, one process.
enum NodeCommand: Command {
  static let name = "node"
  static let summary = "take part in a network: one participant, on its own machine"
  static let synopsis = "NETWORK.json --key MEMBER.key --data DATA.h5 -o MODEL.h5"
  static let options =
    [
      SharedOptions.output,
      OptionSpecification("key", "FILE", "this member's private key"),
      OptionSpecification("data", "FILE", "this member's sensor file; it never leaves"),
      OptionSpecification(
        "participant", "NAME", "whose rows of that file [the member's name, or the only one]"),
      OptionSpecification(
        "listen", "ADDRESS", "where to listen, as in tcp://*:7100 [the network file's address]"),
      OptionSpecification(
        "checkpoint-every", "SECONDS", "between two checkpoints of the run on its way [10]"),
      SharedOptions.json,
    ] + SharedOptions.layout.filter { $0.name != "participants" }

  static func run(_ arguments: Arguments) throws {
    let networkPath = try arguments.exactly(1, "one network file")[0]
    let output = try arguments.output()
    guard let keyPath = arguments["key"] else { throw UsageError("name this member's --key") }
    guard let dataPath = arguments["data"] else { throw UsageError("name this member's --data") }
    let files = NodeFiles(output: output)
    for file in files.all {
      try AtomicFile.refuseOverwriting(output: file, inputs: [networkPath, keyPath, dataPath])
    }
    let network = try Network(readingJSON: networkPath)
    let keys = try MemberKeys(reading: keyPath)
    let setup = try NodeSetup(network, keys, path: networkPath)
    if FileManager.default.fileExists(atPath: output) {
      guard case .finished(let model) = try Checkpoint(reading: output) else {
        throw UsageError("\(output) is something else than a finished model; name another output")
      }
      Console.note("\(output) is finished")
      return try show(output, model, arguments)
    }
    for file in [output, files.checkpoint] { _ = try AtomicFile(replacing: file) }
    let outcome = try setup.network.training.modelClass.withParticipantType {
      try join($0, setup, keys, files, dataPath: dataPath, arguments)
    }
    Console.endProgress()
    guard outcome == .finished else {
      Console.note("stopped; the same command goes on with the run")
      throw Interrupted()
    }
    files.removeTemporary()
    guard case .finished(let model) = try Checkpoint(reading: output) else { return }
    try show(output, model, arguments)
  }

  /// Takes part in the run until its end.
  private static func join<Participant: FleetParticipant>(
    _ type: Participant.Type, _ setup: NodeSetup, _ keys: MemberKeys, _ files: NodeFiles,
    dataPath: String, _ arguments: Arguments
  ) throws -> NodeOutcome {
    let participant = NodeParticipant<Participant>(
      setup: setup, files: files, dataPath: dataPath,
      participantName: arguments["participant"] ?? setup.name,
      isNamed: arguments["participant"] != nil, layout: try SharedOptions.layout(arguments),
      checkpointInterval: try arguments.number("checkpoint-every", 0...1e9) ?? 10)
    let mesh = try Mesh(
      listen: arguments["listen"] ?? setup.listenAddress, own: setup.own,
      transportKey: keys.transport, agreementKey: keys.agreement, members: setup.addresses,
      linked: setup.linked, nextHop: setup.nextHop, settings: setup.meshSettings)
    let interrupt = Interrupt()
    Console.note("\(setup.name) listens at \(mesh.endpoint)")
    var shown = NodeProgress()
    let runner = NodeRunner<Participant>(
      mesh: mesh, configuration: setup.configuration(keys), names: setup.names,
      alwaysReachable: setup.unlinked)
    return try runner.run(
      make: { try participant.make() }, observe: { try participant.observe($0, $1) },
      complete: { try participant.complete($0) },
      proceed: { status in
        shown.show(status)
        return !interrupt.happened
      })
  }

  private static func show(
    _ output: String, _ model: FinishedRun, _ arguments: Arguments
  ) throws {
    for warning in model.warnings { Console.note("warning: \(warning)") }
    if arguments.has("json") {
      try ModelInspection.json(model).print()
    } else {
      ModelInspection.show(output, model)
    }
  }
}

/// The files of a node's run.
struct NodeFiles: Sendable {
  let output: String
  var checkpoint: String { output + ".checkpoint" }
  /// Sums since the checkpoint.
  var journal: String { output + ".journal" }
  /// Certificates of the whole run; stays.
  var record: String { output + ".run" }
  var all: [String] { [output, checkpoint, journal, record] }

  func removeTemporary() {
    for file in [checkpoint, journal] { try? FileManager.default.removeItem(atPath: file) }
  }
}

/// What the network file says about this node.
struct NodeSetup: Sendable {
  let network: Network
  let own: Int
  let name: String
  private let graph: CommunicationGraph
  /// Indices of the present members, as the graph counts them.
  private let present: [Int]

  init(_ network: Network, _ keys: MemberKeys, path: String) throws {
    let check = network.check()
    guard check.isValid else {
      throw FileError(path: path, cause: ConfigurationError(Console.oneLine(check.description)))
    }
    guard let own = network.index(of: keys.signing.verificationKey),
      network.presentMembers.contains(own)
    else {
      throw FileError(
        path: path,
        cause: ConfigurationError(
          "the key of \(keys.name) is no present member's; name another key, or join first"))
    }
    guard network.sum == .exact else {
      throw FileError(
        path: path,
        cause: ConfigurationError(
          "nodes form exact sums; a network with sum \(network.sum.rawValue) can be simulated"))
    }
    self.network = network
    self.own = own
    name = network.members[own].name
    present = network.presentMembers
    graph = try network.graph()
  }

  var names: [String] { network.members.map(\.name) }

  var listenAddress: String { network.members[own].address.listening }

  var addresses: [MemberAddress] {
    present.map { index in
      let member = network.members[index]
      return MemberAddress(
        index: index, endpoint: member.address.description, transportKey: member.transportKey,
        agreementKey: member.agreementKey)
    }
  }

  var linked: Set<Int> {
    guard let place = present.firstIndex(of: own) else { return [] }
    return Set(graph.neighbours(of: place).map { present[$0] })
  }

  /// Members that are reached over others only.
  var unlinked: [Int] { present.filter { $0 != own && !linked.contains($0) } }

  /// The connected neighbour that is nearest to a destination.
  var nextHop: Mesh.NextHop {
    let graph = graph
    let places = Dictionary(uniqueKeysWithValues: present.enumerated().map { ($1, $0) })
    let distances = places.mapValues { graph.distances(from: $0) }
    return { destination, connected in
      guard let from = distances[destination] else { return nil }
      return connected.min { a, b in
        func key(_ member: Int) -> (Int, Int) {
          (places[member].flatMap { from[$0] } ?? .max, member)
        }
        return key(a) < key(b)
      }
    }
  }

  var meshSettings: MeshSettings {
    var settings = MeshSettings(
      network: network.digest.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    settings.maximumMessageBytes = 60 << 20
    let reconnect = network.deadlines.reconnect
    settings.heartbeatSeconds = max(0.1, reconnect / 3)
    settings.heartbeatTimeoutSeconds = max(0.3, reconnect)
    settings.longestReconnectSeconds = max(0.2, min(2, reconnect))
    return settings
  }

  func configuration(_ keys: MemberKeys) -> ConsensusNode.Configuration {
    network.consensusConfiguration(own: own, signingKey: keys.signing)
  }
}

/// The line that shows where a node is.
struct NodeProgress {
  private var shown = Date.distantPast

  mutating func show(_ status: NodeStatus) {
    guard Console.isWatched, Date().timeIntervalSince(shown) > 0.2 else { return }
    shown = Date()
    var line =
      "round \(status.round) of epoch \(status.epoch), \(status.participants.count) members"
    if let what = status.waitingFor {
      line += "; waiting for \(what)"
      if !status.waitingForMembers.isEmpty {
        line += " of \(status.waitingForMembers.prefix(4).joined(separator: ", "))"
      }
      if let left = status.secondsLeft { line += ", at most \(Console.duration(left))" }
    }
    Console.progress(line)
  }
}
