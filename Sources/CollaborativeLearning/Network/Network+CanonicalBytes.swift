import Cryptography

extension Network {
  /// Everything that is signed, in ``CanonicalBytes`` under the domain `collabdict network 1`:
  ///
  /// 1. the name; the sequence number;
  /// 2. what may be absent: the digest of the version before;
  /// 3. what may be absent: the change, as `join` or `leave` and the member's name;
  /// 4. the list of members: name, address, signing, transport and agreement key, whether it left;
  /// 5. the list of settings of the training, ordered by name: name and value as texts;
  /// 6. what may be absent: the variables, as their number and a list of names (empty if they have
  ///    none);
  /// 7. the links: the rule as a text, or `pairs`; then the list of pairs (empty for a rule);
  /// 8. sum and privacy as texts, the tolerance, and the list of deadlines: name and seconds.
  static func canonicalBytes(
    _ name: String, _ sequence: Int, _ members: [Member], _ terms: NetworkTerms, _ change: Change?,
    _ predecessorDigest: Digest?
  ) -> [UInt8] {
    var bytes = CanonicalBytes(domain: "collabdict network 1")
    bytes.append(name)
    // A number below zero is refused right after; as bits it cannot hurt.
    bytes.append(UInt64(bitPattern: Int64(sequence)))
    bytes.append(optional: predecessorDigest) { $0.append($1.bytes) }
    bytes.append(optional: change) { bytes, change in
      switch change {
      case .join: bytes.append("join")
      case .leave: bytes.append("leave")
      }
      bytes.append(change.member)
    }
    bytes.append(list: members) { bytes, member in
      bytes.append(member.name)
      bytes.append(member.address.description)
      bytes.append(member.signingKey.bytes)
      bytes.append(member.transportKey.bytes)
      bytes.append(member.agreementKey.bytes)
      bytes.append(member.hasLeft)
    }
    bytes.append(terms)
    return bytes.bytes
  }

  /// What a member's Ed25519 key signs: the digest under a domain of its own.
  static func signedMessage(_ digest: Digest) -> [UInt8] {
    var bytes = CanonicalBytes(domain: "collabdict network signature 1")
    bytes.append(digest.bytes)
    return bytes.bytes
  }
}

extension CanonicalBytes {
  fileprivate mutating func append(_ terms: NetworkTerms) {
    append(list: terms.training.settings.sorted { $0.name < $1.name }) { bytes, setting in
      bytes.append(setting.name)
      bytes.append(setting.value)
    }
    append(optional: terms.variables) { bytes, variables in
      bytes.append(variables.count)
      if case .names(let names) = variables {
        bytes.append(list: names) { $0.append($1) }
      } else {
        bytes.append(list: [String]()) { $0.append($1) }
      }
    }
    if case .pairs(let pairs) = terms.links {
      append("pairs")
      append(list: pairs) { bytes, pair in
        bytes.append(pair.first)
        bytes.append(pair.second)
      }
    } else {
      append(terms.links.description)
      append(list: [String]()) { $0.append($1) }
    }
    append(terms.sum.rawValue)
    append(terms.privacy.description)
    append(terms.tolerance)
    append(list: NetworkDeadlines.all) { bytes, deadline in
      bytes.append(deadline.name)
      bytes.append(terms.deadlines[keyPath: deadline.path])
    }
  }
}
