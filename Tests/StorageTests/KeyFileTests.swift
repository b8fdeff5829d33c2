import CollaborativeLearning
import Foundation
import Storage
import Testing

@Suite struct KeyFileTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func write(_ keys: MemberKeys, replacing: Bool = false) throws {
    try keys.write(to: directory("a.key"), card: directory("a.pub"), replacing: replacing)
  }

  private func mode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: directory(name))[.posixPermissions] as? Int
  }

  @Test func keysComeBack() throws {
    for address in [nil, NetworkAddress("tcp://[::1]:9")] {
      let keys = try MemberKeys.random(name: "plant-a", address: address)
      try write(keys, replacing: true)
      let read = try MemberKeys(reading: directory("a.key"))
      #expect(read.name == "plant-a" && read.address == address)
      #expect(read.signing.seed == keys.signing.seed)
      #expect(read.transport.secret == keys.transport.secret)
      #expect(read.agreement.secret == keys.agreement.secret)
      #expect(try MemberCard(reading: directory("a.pub")) == keys.card)
    }
  }

  @Test func secretsAreTheirOwnersOnly() throws {
    try write(.random(name: "a"))
    #expect(try mode("a.key") == 0o600)
    #expect(try directory.contents == ["a.key", "a.pub"])
    for mode in [0o604, 0o640, 0o620, 0o644, 0o601] {
      try FileManager.default.setAttributes(
        [.posixPermissions: mode], ofItemAtPath: directory("a.key"))
      let error = storageError { _ = try MemberKeys(reading: directory("a.key")) }
      #expect(error?.code == .notPermitted)
      #expect(error?.remedy.contains("chmod 600 \(directory("a.key"))") == true)
    }
    // What replaces an open file is closed.
    try write(.random(name: "a"), replacing: true)
    #expect(try mode("a.key") == 0o600)
    let secret = try String(contentsOfFile: directory("a.key"), encoding: .utf8)
    let open = try String(contentsOfFile: directory("a.pub"), encoding: .utf8)
    let keys = try MemberKeys(reading: directory("a.key"))
    for key in [keys.signing.seed, keys.transport.secret, keys.agreement.secret] {
      let text = key.map { String(format: "%02x", $0) }.joined()
      #expect(secret.contains(text) && !open.contains(text))
    }
  }

  @Test func aPublicKeyIsNoPrivateOne() throws {
    try write(.random(name: "a"))
    let error = storageError { _ = try MemberKeys(reading: directory("a.pub")) }
    #expect(error?.code == .wrongFormat)
    #expect(error?.description.contains("this is a public key file; name the private") == true)
  }

  @Test func keysAreNotOverwritten() throws {
    try write(.random(name: "a"))
    let before = try ["a.key", "a.pub"].map { try bytes(of: directory($0)) }
    #expect(storageError { try write(.random(name: "b")) }?.code == .alreadyExists)
    try FileManager.default.removeItem(atPath: directory("a.key"))
    #expect(storageError { try write(.random(name: "b")) }?.code == .alreadyExists)
    #expect(try directory.contents == ["a.pub"])
    #expect(try bytes(of: directory("a.pub")) == before[1])
    try write(.random(name: "b"), replacing: true)
    #expect(try MemberCard(reading: directory("a.pub")).name == "b")
  }

  @Test func aFileThatComesInBetweenIsKept() throws {
    let error = storageError {
      var file = try AtomicFile(replacing: directory("x"))
      let bytes: [UInt8] = [1, 2]
      try file.write(bytes.span)
      _ = try directory.file("x", "first")
      try file.commitNew()
    }
    #expect(error?.code == .alreadyExists)
    #expect(try bytes(of: directory("x")) == Array("first".utf8))
    #expect(try directory.contents == ["x"])
  }

  @Test func damagedKeys() throws {
    try write(.random(name: "a"))
    let text = try String(contentsOfFile: directory("a.key"), encoding: .utf8)
    func error(_ altered: String) throws -> StorageError? {
      try Data(altered.utf8).write(to: URL(filePath: directory("b.key")))
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o600], ofItemAtPath: directory("b.key"))
      return storageError { _ = try MemberKeys(reading: directory("b.key")) }
    }
    // Secret halves under one another's names.
    let swapped = text.replacing("secret-transport-key", with: "x")
      .replacing("secret-agreement-key", with: "secret-transport-key")
      .replacing("x\"", with: "secret-agreement-key\"")
    #expect(try error(swapped)?.place.object == "key transport-key")
    #expect(try error(text.replacing("\"a\"", with: "\"a b\""))?.place.object == "key name")
    #expect(
      try error(text.replacing("\"name\"", with: "\"nome\""))?.problem.contains("nome") == true)
    let short = try error(text.replacing("signing-key\": \"", with: "signing-key\": \"0"))
    #expect(short?.problem == "this is not 64 hexadecimal digits")
    #expect(
      storageError { _ = try MemberCard(reading: directory("a.key")) }?.problem
        == "this is a private key file, not a public key file")
  }

  @Test func mixedUpCards() throws {
    let keys = try MemberKeys.random(name: "a", address: NetworkAddress("tcp://a:1"))
    let text = String(decoding: keys.card.jsonBytes, as: UTF8.self)
    for (old, new) in [("\"a\"", "\"b\""), ("tcp://a:1", "tcp://a:2")] {
      let altered = Array(text.replacing(old, with: new).utf8)
      let error = storageError { _ = try MemberCard(json: altered, name: "a.pub") }
      #expect(error?.problem.contains("not what its owner signed") == true)
    }
  }
}
