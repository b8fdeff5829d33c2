import CollaborativeLearning
import Storage

/// Options that make up the terms of a network.
enum NetworkArguments {
  static let key = OptionSpecification("key", "FILE", "the private key of the member that signs")
  static let links = OptionSpecification(
    "links", "PAIRS", "with listed links: those that are new, as in d:a,d:b")

  static let terms =
    [
      OptionSpecification("links", "LINKS", "who talks to whom: \(NetworkLinks.values) [complete]"),
      OptionSpecification("sum", "SUM", "how sums are formed: \(NetworkSum.values) [exact]"),
      OptionSpecification(
        "privacy", "PRIVACY", "\(NetworkPrivacy.values) [shamir(3,5), or fewer for few members]"),
      OptionSpecification("tolerance", "SHARE", "largest relative error of iterative sums [1e-9]"),
      OptionSpecification(
        "variables", "LIST", "columns of everybody's data: their number or names [unsaid]"),
    ]
    + NetworkDeadlines.all.map { name, help, path in
      OptionSpecification(
        "deadline-\(name)", "SECONDS", "\(help) [\(plain(NetworkDeadlines()[keyPath: path]))]")
    }

  /// The terms that options and settings say, for a number of members.
  static func terms(_ arguments: Arguments, members: Int) throws -> NetworkTerms {
    var terms = NetworkTerms(members: members)
    terms.training = try SharedOptions.configuration(arguments)
    terms.links =
      try value("links", arguments, NetworkLinks.values) { NetworkLinks($0) } ?? terms.links
    terms.sum =
      try value("sum", arguments, NetworkSum.values) { NetworkSum(rawValue: $0) } ?? terms.sum
    terms.privacy =
      try value("privacy", arguments, NetworkPrivacy.values) { NetworkPrivacy($0) }
      ?? terms.privacy
    terms.variables = try value("variables", arguments, NetworkVariables.values) {
      NetworkVariables($0)
    }
    terms.tolerance =
      try arguments.number("tolerance", NetworkTerms.tolerances) ?? terms.tolerance
    for (name, _, path) in NetworkDeadlines.all {
      if let seconds = try arguments.number("deadline-\(name)", NetworkDeadlines.range) {
        terms.deadlines[keyPath: path] = seconds
      }
    }
    return terms
  }

  /// New links of a change.
  static func pairs(_ arguments: Arguments) throws(UsageError) -> [NetworkLinks.Pair] {
    guard let text = arguments["links"] else { return [] }
    guard case .pairs(let pairs)? = NetworkLinks(text) else {
      throw UsageError("--links cannot be \(text); for a change it is pairs, as in d:a,d:b")
    }
    return pairs
  }

  static func address(_ text: String) throws(UsageError) -> NetworkAddress {
    guard let address = NetworkAddress(text) else {
      throw UsageError("--address cannot be \(text); it is \(NetworkAddress.values)")
    }
    return address
  }

  /// The addresses of `--address NAME=ADDRESS`, by name.
  static func addresses(_ arguments: Arguments) throws(UsageError) -> [String: NetworkAddress] {
    var addresses: [String: NetworkAddress] = [:]
    for text in arguments.list("address") ?? [] {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw UsageError("--address cannot be \(text); it is NAME=tcp://host:port")
      }
      addresses[parts[0]] = try address(parts[1])
    }
    return addresses
  }

  private static func value<T>(
    _ name: String, _ arguments: Arguments, _ values: String, _ body: (String) -> T?
  ) throws(UsageError) -> T? {
    guard let text = arguments[name] else { return nil }
    guard let value = body(text) else {
      throw UsageError("--\(name) cannot be \(text); it is \(values)")
    }
    return value
  }

  /// A number without needless decimals.
  static func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}
