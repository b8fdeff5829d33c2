import CollaborativeLearning
import Cryptography

extension Network {
  /// The most bytes of a network file.
  static let largestFile = 16 << 20

  /// Reads a network file. That it is signed is for `check()` to say.
  ///
  /// - Throws: ``StorageError`` with the key that is wrong, if the network is not sound in itself.
  public init(readingJSON path: String) throws(StorageError) {
    try self.init(
      json: SmallFile.bytes(
        of: path, limit: Self.largestFile, what: NetworkFormat.network.name),
      name: path)
  }

  /// Reads a network file's bytes, as they come from another member.
  ///
  /// - Parameter file: what to call them in messages.
  /// - Throws: ``StorageError`` with the key that is wrong, if the network is not sound in itself.
  public init(json bytes: [UInt8], name file: String = "network") throws(StorageError) {
    guard bytes.count <= Self.largestFile else {
      throw StorageError(
        .tooLarge, "this is larger than a network can be", at: .init(file: file),
        remedy: "ask for the network file again")
    }
    // Each change holds its predecessor one level deeper; a version itself takes three.
    let node = try JSONNode(
      bytes: bytes, file: file, what: NetworkFormat.network.name,
      deepest: Network.mostChanges + 4)
    try self.init(node)
  }

  private init(_ node: JSONNode) throws(StorageError) {
    let parts = try NetworkFormat.network.members(
      of: node,
      [
        "name", "sequence", "change", "predecessor-digest", "members", "variables", "links", "sum",
        "privacy", "tolerance", "deadlines", "training", "signatures", "predecessor",
      ])
    let predecessor: Network? =
      if let node = parts["predecessor"] { try Network(node) } else { nil }
    var members: [Member] = []
    for element in try parts.required("members", in: node).elements() {
      members.append(try Member(element))
    }
    var signatures: [String: Signature] = [:]
    for (name, node) in try parts.required("signatures", in: node).members() {
      signatures[name] = Signature(bytes: try node.bytes(Signature.byteCount))
    }
    let change: Change? = if let node = parts["change"] { try Change(node) } else { nil }
    let digest: Digest? =
      if let node = parts["predecessor-digest"] {
        Digest(bytes: try node.bytes(Digest.byteCount))
      } else {
        nil
      }
    let name = try parts.required("name", in: node).text()
    let sequence = try parts.required("sequence", in: node).integer()
    let terms = try NetworkTerms(node, parts, members: members.count)
    do throws(NetworkError) {
      try self.init(
        name: name, sequence: sequence, members: members, terms: terms, change: change,
        predecessorDigest: digest, predecessor: predecessor, signatures: signatures)
    } catch {
      throw StorageError(error, in: node)
    }
  }
}

extension Network.Member {
  fileprivate init(_ node: JSONNode) throws(StorageError) {
    let parts = try node.members(among: ["name", "address"] + KeyNames.all + ["state"])
    let state = try parts.required("state", in: node)
    let text = try state.text()
    guard text == "member" || text == "left" else {
      throw state.error("a state cannot be \(shown(text))", remedy: "write member or left")
    }
    self.init(
      name: try parts.required("name", in: node).text(),
      address: try parts.required("address", in: node).address(),
      signingKey: VerificationKey(
        bytes: try parts.required(KeyNames.signing, in: node).bytes(32)),
      transportKey: AgreementPublicKey(
        bytes: try parts.required(KeyNames.transport, in: node).bytes(32)),
      agreementKey: AgreementPublicKey(
        bytes: try parts.required(KeyNames.agreement, in: node).bytes(32)),
      hasLeft: text == "left")
  }
}

extension Network.Change {
  fileprivate init(_ node: JSONNode) throws(StorageError) {
    let parts = try node.members(among: ["join", "leave"])
    if let name = parts["join"], parts.count == 1 {
      self = .join(try name.text())
    } else if let name = parts["leave"], parts.count == 1 {
      self = .leave(try name.text())
    } else {
      throw node.error(
        "a change is one joining or one leaving", remedy: "write { \"join\": \"NAME\" }")
    }
    guard NetworkName.isValid(member) else {
      throw node.error("this names no member", remedy: "a name is \(NetworkName.values)")
    }
  }
}
