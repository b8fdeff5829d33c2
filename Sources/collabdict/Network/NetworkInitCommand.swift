import CollaborativeLearning
import Settings
import Storage

/// `collabdict network init`: the file that all members are to sign.
enum NetworkInitCommand: Command {
  static let name = "network init"
  static let summary = "write the file that all members check and sign"
  static let synopsis =
    "PLANT.pub PLANT.pub PLANT.pub … -o NETWORK.json [--name NAME] [--privacy PRIVACY] …"
  static let options =
    [
      SharedOptions.output,
      OptionSpecification("name", "NAME", "of the network [network]"),
      OptionSpecification(
        "address", "NAME=ADDRESS", "of a member whose public key file has none, or another"),
    ] + NetworkArguments.terms + [
      OptionSpecification("config", "FILE", "settings of the training as a JSON object"),
      SharedOptions.force,
    ] + SharedOptions.settings

  static func run(_ arguments: Arguments) throws {
    let output = try arguments.output()
    let paths = arguments.positional
    guard !paths.isEmpty else { throw UsageError("missing: the members' public key files") }
    try AtomicFile.refuseOverwriting(
      output: output, inputs: paths + (arguments["config"].map { [$0] } ?? []))
    let name = arguments["name"] ?? "network"
    guard NetworkName.isValid(name) else {
      throw UsageError("--name cannot be \(name); it is \(NetworkName.values)")
    }
    let terms = try NetworkArguments.terms(arguments, members: paths.count)
    var addresses = try NetworkArguments.addresses(arguments)
    var members: [Network.Member] = []
    for path in paths {
      let card = try MemberCard(reading: path)
      do {
        members.append(try card.member(at: addresses.removeValue(forKey: card.name)))
      } catch {
        throw FileError(path: path, cause: error)
      }
    }
    if let stranger = addresses.keys.sorted().first {
      let nearest = NearestName.of(stranger, among: members.map(\.name))
      throw UsageError(
        "--address is for \(stranger), who is no member"
          + (nearest.map { "; did you mean \($0)?" } ?? ""))
    }
    let network: Network
    do throws(NetworkError) {
      network = try Network(name: name, members: members, terms: terms)
    } catch {
      // What the members brought along is in their files; the rest was said here.
      if error.key.hasPrefix("members") { throw error }
      throw UsageError("--\(error.key): \(error.problem); \(error.remedy)")
    }
    try network.write(json: output, replacing: arguments.has("force"))
    NetworkReport.show(output, network)
    Console.print("every member must sign it: collabdict network sign \(output) --key PLANT.key")
  }
}
