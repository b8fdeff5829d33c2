import CollaborativeLearning
import Cryptography

/// A network in words and tables.
enum NetworkReport {
  /// Everything that somebody should know who is to sign.
  static func show(_ path: String, _ network: Network, withCheck: Bool = true) {
    let check = network.check()
    Console.print(
      "\(path): network \(network.name), version \(network.sequence), digest \(network.digest)")
    switch network.change {
    case .join(let name)?: Console.print("change: \(name) joins")
    case .leave(let name)?: Console.print("change: \(name) leaves")
    case nil: break
    }
    Console.table(
      ["member", "address", "signing key", "state", "signed"],
      network.members.map { member in
        [
          member.name, member.address.description,
          String(member.signingKey.description.prefix(16)) + "…",
          member.hasLeft ? "left" : "member", check.signed.contains(member.name) ? "yes" : "-",
        ]
      })
    for line in terms(network) { Console.print(line) }
    if withCheck { Console.print("\(path): \(check)") }
  }

  private static func terms(_ network: Network) -> [String] {
    let unusual = network.terms.unusualSettings.map { "\($0.name) \($0.value)" }
    let deadlines = NetworkDeadlines.all.map { name, _, path in
      "\(name) \(NetworkArguments.plain(network.deadlines[keyPath: path])) s"
    }
    var lines = [
      "settings of the training that are not the defaults: "
        + (unusual.isEmpty ? "none" : unusual.joined(separator: ", ")),
      "links \(network.links); sum \(network.sum.rawValue), tolerance \(network.tolerance)",
      "privacy \(network.privacy)" + privacy(network),
      "deadlines: " + deadlines.joined(separator: ", "),
    ]
    if let variables = network.variables {
      lines.append("variables: \(variables)")
    }
    return lines
  }

  /// What the privacy means now, in words.
  private static func privacy(_ network: Network) -> String {
    if let shares = network.shares {
      return ": any \(shares.threshold) of \(shares.count) members can complete a sum; fewer learn "
        + "nothing of a single update"
    }
    return switch network.privacy {
    case .none: ": members see one another's updates"
    case .shamir, .masks, .chunks: ""
    }
  }

  static func json(_ network: Network) -> JSON {
    let check = network.check()
    func names(_ names: [String]) -> JSON { .list(names.map { .text($0) }) }
    let change: JSON =
      switch network.change {
      case .join(let name)?: .object([("join", .text(name))])
      case .leave(let name)?: .object([("leave", .text(name))])
      case nil: .null
      }
    return .object([
      ("name", .text(network.name)), ("sequence", .integer(network.sequence)),
      ("digest", .text(network.digest.description)), ("change", change),
      (
        "members",
        .list(
          network.members.map { member in
            .object([
              ("name", .text(member.name)), ("address", .text(member.address.description)),
              ("signing-key", .text(member.signingKey.description)),
              ("transport-key", .text(member.transportKey.description)),
              ("agreement-key", .text(member.agreementKey.description)),
              ("state", .text(member.hasLeft ? "left" : "member")),
              ("signed", .bool(check.signed.contains(member.name))),
            ])
          })
      ),
      ("links", .text(network.links.description)), ("sum", .text(network.sum.rawValue)),
      ("privacy", .text(network.privacy.description)), ("tolerance", .number(network.tolerance)),
      ("variables", network.variables.map { .text($0.description) } ?? .null),
      (
        "deadlines",
        .object(
          NetworkDeadlines.all.map { ($0.name, .number(network.deadlines[keyPath: $0.path])) })
      ),
      ("training", .object(network.training.settings.map { ($0.name, .text($0.value)) })),
      ("valid", .bool(check.isValid)), ("missing", names(check.missing)),
      ("approvals-missing", .integer(check.approvalsMissing)),
      ("undecided", names(check.undecided)), ("problems", names(check.problems)),
    ])
  }
}
