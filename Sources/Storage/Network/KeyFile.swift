import CollaborativeLearning
import Cryptography

extension MemberKeys {
  /// The most bytes of a key file.
  static let largestFile = 16 << 10

  /// Reads a private key file.
  ///
  /// - Throws: ``StorageError``: `notPermitted` if others than its owner may read or change it,
  ///   `wrongFormat` if it is a public key file, `malformed` if secret and public halves do not belong together.
  public init(reading path: String) throws(StorageError) {
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try SmallFile.bytes(
        of: path, limit: Self.largestFile, what: NetworkFormat.secretKeys.name, isSecret: true)
    } catch {
      // A public key may be read by others; there is nothing to protect.
      if error.code == .notPermitted, (try? MemberCard(reading: path)) != nil {
        throw StorageError(
          .wrongFormat, "this is \(NetworkFormat.publicKeys.name)", at: .init(file: path),
          remedy: "name the private key file that belongs to it")
      }
      throw error
    }
    let node = try JSONNode(bytes: bytes, file: path, what: NetworkFormat.secretKeys.name)
    let names = KeyNames.all
    let members = try NetworkFormat.secretKeys.members(
      of: node, ["name", "address"] + names.flatMap { ["secret-\($0)", $0] })
    var halves: [(secret: [UInt8], open: [UInt8])] = []
    for name in names {
      halves.append(
        (
          try members.required("secret-\(name)", in: node).bytes(32),
          try members.required(name, in: node).bytes(32)
        ))
    }
    let name = try members.required("name", in: node).text()
    let address = try members["address"]?.address()
    let keys: MemberKeys
    do throws(NetworkError) {
      keys = try MemberKeys(
        name: name, address: address,
        signing: SigningKey(seed: halves[0].secret),
        transport: AgreementKey(secret: halves[1].secret),
        agreement: AgreementKey(secret: halves[2].secret))
    } catch {
      throw StorageError(error, in: node)
    }
    let open = [
      keys.signing.verificationKey.bytes, keys.transport.publicKey.bytes,
      keys.agreement.publicKey.bytes,
    ]
    for index in names.indices where open[index] != halves[index].open {
      throw StorageError(
        .malformed, "secret and public half do not belong together",
        at: .init(file: path, object: "key \(names[index])"),
        remedy: "restore the file from a copy, or make new keys with `collabdict keygen`")
    }
    self = keys
  }

  /// Writes the private key file and the public one, both or none.
  ///
  /// Nobody but the owner may read the private one from its creation on (mode 0600).
  ///
  /// - Parameter replacing: whether files that are there are replaced.
  /// - Throws: ``StorageError``: `alreadyExists` if there is a file at one of the places.
  public func write(
    to path: String, card publicPath: String, replacing: Bool = false
  ) throws(StorageError) {
    if !replacing {
      for path in [path, publicPath] { try AtomicFile.refuseExisting(path) }
    }
    var secret = try AtomicFile(replacing: path, isSecret: true)
    var open = try AtomicFile(replacing: publicPath)
    let secretBytes = Array(json.pretty.utf8)
    try secret.write(secretBytes.span)
    let openBytes = card.jsonBytes
    try open.write(openBytes.span)
    if replacing {
      try secret.commit()
      try open.commit()
    } else {
      try secret.commitNew()
      try open.commitNew()
    }
  }

  private var json: JSONValue {
    var members = [
      JSONValue.Member(key: "format", value: .text(NetworkFormat.secretKeys.rawValue)),
      .init(key: "name", value: .text(name)),
    ]
    if let address { members.append(.init(key: "address", value: .text(address.description))) }
    let secrets = [signing.seed, transport.secret, agreement.secret]
    let open = [
      signing.verificationKey.bytes, transport.publicKey.bytes, agreement.publicKey.bytes,
    ]
    for (index, name) in KeyNames.all.enumerated() {
      members.append(.init(key: "secret-\(name)", value: .text(Hexadecimal.text(secrets[index]))))
      members.append(.init(key: name, value: .text(Hexadecimal.text(open[index]))))
    }
    return .object(members)
  }
}

/// What the three keys of a member are called in files.
enum KeyNames {
  static let signing = "signing-key"
  static let transport = "transport-key"
  static let agreement = "agreement-key"
  static let all = [signing, transport, agreement]
}
