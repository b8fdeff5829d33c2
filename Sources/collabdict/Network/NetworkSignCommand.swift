import CollaborativeLearning
import Storage

/// `collabdict network sign`: a member's word for a network file, in its place.
enum NetworkSignCommand: Command {
  static let name = "network sign"
  static let summary = "show what a network file says, and sign it in its place"
  static let synopsis = "NETWORK.json --key PLANT.key"
  static let options = [NetworkArguments.key]

  static func run(_ arguments: Arguments) throws {
    try sign(try arguments.exactly(1, "one network file")[0], arguments)
  }

  /// Shows the network at `path`, and adds the signature of the given key.
  static func sign(_ path: String, _ arguments: Arguments) throws {
    guard let keyPath = arguments["key"] else {
      throw UsageError("say who signs with --key FILE")
    }
    let network = try Network(readingJSON: path)
    let keys = try MemberKeys(reading: keyPath)
    let signed: Network
    do throws(NetworkError) {
      signed = try network.signed(by: keys)
    } catch {
      throw FileError(path: path, cause: error)
    }
    NetworkReport.show(path, network, withCheck: false)
    let index = signed.index(of: keys.signing.verificationKey)
    let name = index.map { signed.members[$0].name } ?? keys.name
    if signed == network {
      Console.print("\(name) has signed this before")
    } else {
      try signed.write(json: path, replacing: true)
      Console.print("signed by \(name)")
    }
    Console.print("\(path): \(signed.check())")
  }
}

/// `collabdict network approve`: a member's word for a change.
enum NetworkApproveCommand: Command {
  static let name = "network approve"
  static let summary = "sign a joining or leaving in its place"
  static let synopsis = "CHANGE.json --key PLANT.key"
  static let options = [NetworkArguments.key]

  static func run(_ arguments: Arguments) throws {
    let path = try arguments.exactly(1, "one file of a change")[0]
    guard try Network(readingJSON: path).change != nil else {
      throw FileError(
        path: path,
        cause: ConfigurationError(
          "this is a network's first version and no change; sign it with collabdict network sign"))
    }
    try NetworkSignCommand.sign(path, arguments)
  }
}
