import CollaborativeLearning
import Cryptography

extension MemberCard {
  /// Reads a public key file.
  ///
  /// - Throws: ``StorageError``: `malformed` if it is not as its owner signed it.
  public init(reading path: String) throws(StorageError) {
    try self.init(
      json: SmallFile.bytes(
        of: path, limit: MemberKeys.largestFile, what: NetworkFormat.publicKeys.name),
      name: path)
  }

  /// Reads a public key file's bytes.
  ///
  /// - Parameter file: what to call them in messages.
  public init(json bytes: [UInt8], name file: String) throws(StorageError) {
    let format = NetworkFormat.publicKeys
    let node = try JSONNode(bytes: bytes, file: file, what: format.name)
    let members = try format.members(
      of: node, ["name", "address"] + KeyNames.all + ["signature"])
    let name = try members.required("name", in: node)
    let card = MemberCard(
      name: try name.text(), address: try members["address"]?.address(),
      signingKey: VerificationKey(
        bytes: try members.required(KeyNames.signing, in: node).bytes(32)),
      transportKey: AgreementPublicKey(
        bytes: try members.required(KeyNames.transport, in: node).bytes(32)),
      agreementKey: AgreementPublicKey(
        bytes: try members.required(KeyNames.agreement, in: node).bytes(32)),
      signature: Signature(
        bytes: try members.required("signature", in: node).bytes(Signature.byteCount)))
    guard NetworkName.isValid(card.name) else {
      throw name.error("this cannot be a name", remedy: "a name is \(NetworkName.values)")
    }
    guard card.isGenuine else {
      throw StorageError(
        .malformed, "this is not what its owner signed: parts were mixed up or altered",
        at: node.place, remedy: "ask \(card.name) for the file again")
    }
    self = card
  }

  /// The bytes of the public key file.
  public var jsonBytes: [UInt8] {
    var members = [
      JSONValue.Member(key: "format", value: .text(NetworkFormat.publicKeys.rawValue)),
      .init(key: "name", value: .text(name)),
    ]
    if let address { members.append(.init(key: "address", value: .text(address.description))) }
    members += [
      .init(key: KeyNames.signing, value: .text(signingKey.description)),
      .init(key: KeyNames.transport, value: .text(transportKey.description)),
      .init(key: KeyNames.agreement, value: .text(agreementKey.description)),
      .init(key: "signature", value: .text(Hexadecimal.text(signature.bytes))),
    ]
    return Array(JSONValue.object(members).pretty.utf8)
  }
}
