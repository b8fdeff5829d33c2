import CollaborativeLearning
import Storage

/// `collabdict keygen`: a member's secret keys, and what it hands to the others.
enum KeygenCommand: Command {
  static let name = "keygen"
  static let summary = "make a member's keys: one file to keep, one to hand out"
  static let synopsis = "-o PLANT.key [--name NAME] [--address tcp://HOST:PORT] [--force]"
  static let options = [
    SharedOptions.output,
    OptionSpecification("name", "NAME", "the member's name [that of the file]"),
    OptionSpecification(
      "address", "ADDRESS", "where the others reach the member: tcp://host:port"),
    SharedOptions.force,
  ]

  static func run(_ arguments: Arguments) throws {
    _ = try arguments.exactly(0, "options")
    let output = try arguments.output()
    guard !output.hasSuffix(".pub") else {
      throw UsageError("\(output) is the place of a public key; name the private one, as in a.key")
    }
    let stem = output.hasSuffix(".key") ? String(output.dropLast(4)) : output
    let name = arguments["name"] ?? stem.split(separator: "/").last.map(String.init) ?? ""
    guard NetworkName.isValid(name) else {
      throw UsageError("a member cannot be called \(name); --name is \(NetworkName.values)")
    }
    let address = try arguments["address"].map { text throws(UsageError) in
      try NetworkArguments.address(text)
    }
    let keys = try MemberKeys.random(name: name, address: address)
    try keys.write(to: output, card: stem + ".pub", replacing: arguments.has("force"))
    Console.print("\(output): the secret keys of \(name); keep the file on this machine")
    Console.print("\(stem).pub: the public keys of \(name); hand it to the others")
    Console.print("signing key \(keys.card.signingKey)")
  }
}
