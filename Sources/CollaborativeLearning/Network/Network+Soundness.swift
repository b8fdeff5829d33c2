import Cryptography

extension Network {
  /// Checks everything that one version says by itself.
  func checkSoundness() throws(NetworkError) {
    try NetworkName.check(name, at: "name")
    try checkSequence()
    try checkMembers()
    try checkKeys()
    let present = presentMembers.count
    guard present >= 3 else {
      throw NetworkError(
        "\(present) member\(present == 1 ? "" : "s") cannot keep anything private: the sum of two "
          + "tells each what the other has", at: "members", remedy: "take three members or more")
    }
    try terms.check()
    try terms.privacy.check(present: present, isFirst: sequence == 0)
    try terms.links.check(members, isFirst: sequence == 0)
    for name in signatures.keys.sorted() where index(named: name) == nil {
      throw NetworkError(
        NetworkName.isValid(name)
          ? "there is no member \(name) to have signed" : "this is no member's name",
        at: "signatures", remedy: "remove the signature")
    }
  }

  private func checkSequence() throws(NetworkError) {
    guard (0...Self.mostChanges).contains(sequence) else {
      throw NetworkError(
        "a network has 0 to \(Self.mostChanges) changes, not \(sequence)", at: "sequence",
        remedy: "make a new network of the present members")
    }
    let parts: [(String, Bool)] = [
      ("change", change != nil), ("predecessor-digest", predecessorDigest != nil),
      ("predecessor", predecessor != nil),
    ]
    for (key, isThere) in parts where isThere != (sequence > 0) {
      throw NetworkError(
        sequence == 0 ? "the first version of a network cannot have this" : "this is missing",
        at: key, remedy: "take the file as `collabdict network` wrote it")
    }
    if sequence == 0, let gone = members.firstIndex(where: \.hasLeft) {
      throw NetworkError(
        "nobody can have left the first version of a network", at: "members[\(gone)].state",
        remedy: "take the file as `collabdict network` wrote it")
    }
  }

  private func checkMembers() throws(NetworkError) {
    guard members.count <= Self.mostMembers else {
      throw NetworkError(
        "\(members.count) members are more than \(Self.mostMembers)", at: "members",
        remedy: "make a network of fewer")
    }
    var names: [String: String] = [:]
    var addresses: [NetworkAddress: String] = [:]
    for (index, member) in members.enumerated() {
      let key = "members[\(index)]"
      try NetworkName.check(member.name, at: "\(key).name")
      // Names that differ in case only would be mistaken for one another.
      if let other = names.updateValue(member.name, forKey: member.name.lowercased()) {
        throw NetworkError(
          "the name \(member.name) is taken" + (other == member.name ? "" : " by \(other)"),
          at: "\(key).name",
          remedy: "give each member its own name; the names of those who left stay theirs")
      }
      if member.hasLeft { continue }
      if let other = addresses.updateValue(member.name, forKey: member.address) {
        throw NetworkError(
          "\(member.name) has the address of \(other), \(member.address)", at: "\(key).address",
          remedy: "give each member its own host or port")
      }
    }
  }

  private func checkKeys() throws(NetworkError) {
    var owners: [[UInt8]: String] = [:]
    for (index, member) in members.enumerated() {
      let keys = [
        ("signing-key", member.signingKey.bytes), ("transport-key", member.transportKey.bytes),
        ("agreement-key", member.agreementKey.bytes),
      ]
      for (name, bytes) in keys {
        if let owner = owners.updateValue(member.name, forKey: bytes) {
          throw NetworkError(
            owner == member.name
              ? "\(owner) uses one key for two purposes"
              : "\(member.name) has a key of \(owner)", at: "members[\(index)].\(name)",
            remedy: "make new keys with `collabdict keygen`")
        }
      }
      for (name, key) in [
        ("transport-key", member.transportKey), ("agreement-key", member.agreementKey),
      ] where Self.probe.sharedKey(with: key) == nil {
        throw NetworkError(
          "this is no key: whoever agrees on a secret with it tells the secret to everybody",
          at: "members[\(index)].\(name)", remedy: "make new keys with `collabdict keygen`")
      }
    }
  }

  /// No secret: agreeing with it shows whether a public key is a point of small order.
  private static let probe = AgreementKey(secret: [UInt8](repeating: 1, count: 32))
}

extension NetworkTerms {
  /// Checks what does not depend on the members.
  func check() throws(NetworkError) {
    do throws(ConfigurationError) {
      try training.validate()
      // What no setting can say would be agreed on by nobody.
      var copy = TrainingConfiguration()
      for (name, value) in training.settings { try copy.set(name, to: value) }
      guard copy == training else {
        throw ConfigurationError("something differs from the defaults that has no setting")
      }
    } catch {
      throw NetworkError(
        error.description, at: "training", remedy: "see `collabdict train --help`")
    }
    if let problem = variables?.problem {
      throw NetworkError(
        problem, at: "variables", remedy: "name the columns as the data file does")
    }
    guard Self.tolerances.contains(tolerance) else {
      throw NetworkError(
        "the tolerance cannot be \(tolerance)", at: "tolerance",
        remedy: "choose a number from \(Self.tolerances.lowerBound) to "
          + "\(Self.tolerances.upperBound)")
    }
    for (name, _, path) in NetworkDeadlines.all
    where !NetworkDeadlines.range.contains(deadlines[keyPath: path]) {
      throw NetworkError(
        "a deadline cannot be \(deadlines[keyPath: path]) seconds", at: "deadlines.\(name)",
        remedy: "choose a number from \(NetworkDeadlines.range.lowerBound) to "
          + "\(NetworkDeadlines.range.upperBound)")
    }
  }
}
