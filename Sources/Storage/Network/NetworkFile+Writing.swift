import CollaborativeLearning
import Cryptography

extension Network {
  /// The network as JSON text: always the same for equal networks.
  public var jsonBytes: [UInt8] { Array(json.pretty.utf8) }

  /// Writes the network file, whole or not at all.
  ///
  /// - Parameter replacing: whether a file that is there is replaced.
  /// - Throws: ``StorageError``; what was at `path` is then as it was.
  public func write(json path: String, replacing: Bool) throws(StorageError) {
    if !replacing { try AtomicFile.refuseExisting(path) }
    var file = try AtomicFile(replacing: path)
    let bytes = jsonBytes
    try file.write(bytes.span)
    if replacing { try file.commit() } else { try file.commitNew() }
  }

  private var json: JSONValue {
    var parts: [JSONValue.Member] = [
      .init(key: "format", value: .text(NetworkFormat.network.rawValue)),
      .init(key: "name", value: .text(name)),
      .init(key: "sequence", value: .integer(sequence)),
    ]
    if let change {
      let kind =
        switch change {
        case .join: "join"
        case .leave: "leave"
        }
      let value = JSONValue.Member(key: kind, value: .text(change.member))
      parts.append(.init(key: "change", value: .object([value])))
    }
    if let predecessorDigest {
      parts.append(.init(key: "predecessor-digest", value: .text(predecessorDigest.description)))
    }
    parts.append(.init(key: "members", value: .list(members.map(\.json))))
    parts += terms.json
    parts.append(.init(key: "signatures", value: .object(signatureMembers)))
    if let predecessor { parts.append(.init(key: "predecessor", value: predecessor.json)) }
    return .object(parts)
  }

  /// In the order of members.
  private var signatureMembers: [JSONValue.Member] {
    members.compactMap { member in
      signatures[member.name].map {
        .init(key: member.name, value: .text(Hexadecimal.text($0.bytes)))
      }
    }
  }
}

extension Network.Member {
  fileprivate var json: JSONValue {
    .object([
      .init(key: "name", value: .text(name)),
      .init(key: "address", value: .text(address.description)),
      .init(key: KeyNames.signing, value: .text(signingKey.description)),
      .init(key: KeyNames.transport, value: .text(transportKey.description)),
      .init(key: KeyNames.agreement, value: .text(agreementKey.description)),
      .init(key: "state", value: .text(hasLeft ? "left" : "member")),
    ])
  }
}

extension NetworkTerms {
  fileprivate var json: [JSONValue.Member] {
    var parts: [JSONValue.Member] = []
    switch variables {
    case nil: break
    case .count(let count): parts.append(.init(key: "variables", value: .integer(count)))
    case .names(let names):
      parts.append(.init(key: "variables", value: .list(names.map { .text($0) })))
    }
    let links: JSONValue =
      if case .pairs(let pairs) = self.links {
        .list(pairs.map { .list([.text($0.first), .text($0.second)]) })
      } else {
        .text(self.links.description)
      }
    parts += [
      .init(key: "links", value: links),
      .init(key: "sum", value: .text(sum.rawValue)),
      .init(key: "privacy", value: .text(privacy.description)),
      .init(key: "tolerance", value: .double(tolerance)),
      .init(
        key: "deadlines",
        value: .object(
          NetworkDeadlines.all.map {
            .init(key: $0.name, value: .double(deadlines[keyPath: $0.path]))
          })),
      .init(
        key: "training",
        value: .object(
          training.settings.map { .init(key: $0.name, value: .setting($0.value)) })),
    ]
    return parts
  }
}

extension JSONValue {
  /// A setting's text: numbers and truth values as such.
  fileprivate static func setting(_ text: String) -> JSONValue {
    let bytes = Array(text.utf8)
    if let value = try? JSONParser.value(of: bytes, deepest: 0) {
      switch value {
      case .bool, .number: return value
      case .null, .text, .list, .object: break
      }
    }
    return .text(text)
  }
}
