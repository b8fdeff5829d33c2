import CollaborativeLearning

/// The kinds of files that a network is made with. Each says in its key `format` what it is.
enum NetworkFormat: String, CaseIterable {
  case network = "collabdict-network 1"
  case secretKeys = "collabdict-key 1"
  case publicKeys = "collabdict-public-key 1"

  /// What such a file is called.
  var name: String {
    switch self {
    case .network: "a network file"
    case .secretKeys: "a private key file"
    case .publicKeys: "a public key file"
    }
  }

  /// The members of an object of this format.
  ///
  /// - Throws: ``StorageError`` that names the kind of file that it is instead, or a key that such
  ///   files do not have.
  func members(of node: JSONNode, _ keys: [String]) throws(StorageError) -> [String: JSONNode] {
    guard case .object(let members) = node.value,
      case .text(let text)? = members.first(where: { $0.key == "format" })?.value
    else {
      throw StorageError(
        .wrongFormat, "this is not \(name)", at: node.place, remedy: "name \(name)")
    }
    guard text == rawValue else {
      let other = Self(rawValue: text)?.name
      throw StorageError(
        .wrongFormat,
        other.map { "this is \($0), not \(name)" }
          ?? "this is of format \(shown(text)) instead of \(shown(rawValue))",
        at: node.place, remedy: "name \(name)" + (other == nil ? " of this version" : ""))
    }
    return try node.members(among: ["format"] + keys)
  }
}

extension StorageError {
  /// A mistake in a network or key, at its key in a file.
  init(_ error: NetworkError, in node: JSONNode) {
    let key = [node.path, error.key].filter { !$0.isEmpty }.joined(separator: ".")
    self.init(
      .malformed, error.problem, at: .init(file: node.file, object: "key \(key)"),
      remedy: error.remedy)
  }
}

extension JSONNode {
  /// An address of a member.
  func address() throws(StorageError) -> NetworkAddress {
    guard let address = NetworkAddress(try text()) else {
      throw error("this is no address", remedy: "write it as \(NetworkAddress.values)")
    }
    return address
  }
}
