import CollaborativeLearning
import Storage

/// `collabdict network join`: a change by which somebody new becomes a member.
enum NetworkJoinCommand: Command {
  static let name = "network join"
  static let summary = "propose a new member, for the others to approve"
  static let synopsis = "NETWORK.json PLANT.pub -o CHANGE.json [--key PLANT.key]"
  static let options = [
    SharedOptions.output,
    OptionSpecification(
      "address", "ADDRESS", "of the new member, if its public key file has none, or another"),
    NetworkArguments.links, NetworkArguments.key, SharedOptions.force,
  ]

  static func run(_ arguments: Arguments) throws {
    let paths = try arguments.exactly(2, "a network file and a public key file")
    let pairs = try NetworkArguments.pairs(arguments)
    let address = try arguments["address"].map { text throws(UsageError) in
      try NetworkArguments.address(text)
    }
    let card = try MemberCard(reading: paths[1])
    let member: Network.Member
    do {
      member = try card.member(at: address)
    } catch {
      throw FileError(
        path: paths[1],
        cause: NetworkError(
          error.problem, at: error.key, remedy: "give it with --address tcp://host:port"))
    }
    try propose(paths, arguments) { network throws(NetworkError) in
      try network.joining(member, links: pairs)
    }
  }

  /// Writes the change that `body` makes of the network at the first path, signed if there is a key.
  static func propose(
    _ paths: [String], _ arguments: Arguments,
    _ body: (Network) throws(NetworkError) -> Network
  ) throws {
    let output = try arguments.output()
    try AtomicFile.refuseOverwriting(
      output: output, inputs: paths + (arguments["key"].map { [$0] } ?? []))
    let network = try Network(readingJSON: paths[0])
    let keys = try arguments["key"].map { path throws(StorageError) in
      try MemberKeys(reading: path)
    }
    var change: Network
    do throws(NetworkError) {
      change = try body(network)
      if let keys { change = try change.signed(by: keys) }
    } catch {
      throw FileError(path: paths[0], cause: error)
    }
    try change.write(json: output, replacing: arguments.has("force"))
    NetworkReport.show(output, change)
    Console.print(
      "members approve it with: collabdict network approve \(output) --key PLANT.key")
  }
}

/// `collabdict network leave`: a change by which a member is one no more.
enum NetworkLeaveCommand: Command {
  static let name = "network leave"
  static let summary = "propose that a member leaves, for the others to approve"
  static let synopsis = "NETWORK.json --member NAME -o CHANGE.json [--key PLANT.key]"
  static let options = [
    SharedOptions.output,
    OptionSpecification("member", "NAME", "who leaves, by its own will or that of the others"),
    NetworkArguments.links, NetworkArguments.key, SharedOptions.force,
  ]

  static func run(_ arguments: Arguments) throws {
    let paths = try arguments.exactly(1, "one network file")
    guard let name = arguments["member"] else { throw UsageError("say who leaves with --member") }
    let pairs = try NetworkArguments.pairs(arguments)
    try NetworkJoinCommand.propose(paths, arguments) { network throws(NetworkError) in
      try network.leaving(name, links: pairs)
    }
  }
}
