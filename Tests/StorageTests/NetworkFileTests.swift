import CollaborativeLearning
import Cryptography
import Foundation
import Storage
import Testing

@Suite struct NetworkFileTests {
  /// Two changes after a signed network, written by the program, as `network_digest.py` reads it.
  static let sample = fixture("network.json")

  @Test func digestsAreThoseOfAnIndependentReader() throws {
    let network = try Network(readingJSON: Self.sample)
    #expect(network.check().isValid)
    let before = try #require(network.predecessor)
    let first = try #require(before.predecessor)
    #expect(
      [network, before, first].map(\.digest.description) == [
        "4e1f617390a4a29b5f5419603173728cc208341c607ed780eab899f7fb2e2ca3",
        "b846e0e27c4d065b7fa409ea6771f1889ce9606057a5d778fb53e1c4946c1c6e",
        "3303ac1cf2097f6da0072fb9620ac42a0b9a6eee7693db6e5171cfbe9bf97551",
      ])
    #expect(network.presentMembers == [0, 2, 3, 4])
    #expect(network.change == .leave("plant-b") && before.change == .join("plant-e"))
    #expect(network.training.hidden == [32, 16] && network.training.seed == .max)
    #expect(network.variables == .names(["temperature", "Druck", "Öl"]))
    #expect(network.tolerance == 1e-7 && network.deadlines.vote == 2.5)
  }

  @Test func writingGivesTheSameText() throws {
    let network = try Network(readingJSON: Self.sample)
    #expect(network.jsonBytes == (try bytes(of: Self.sample)))
    #expect(try Network(json: network.jsonBytes) == network)
    let directory = try TemporaryDirectory()
    try network.write(json: directory("a.json"), replacing: false)
    #expect(try bytes(of: directory("a.json")) == network.jsonBytes)
    #expect(
      storageError { try network.write(json: directory("a.json"), replacing: false) }?.code
        == .alreadyExists)
    try network.write(json: directory("a.json"), replacing: true)
    #expect(try directory.contents == ["a.json"])
  }

  /// The first change of the text that makes the file say something else.
  private func error(_ old: String, _ new: String) throws -> StorageError? {
    let text = String(decoding: try bytes(of: Self.sample), as: UTF8.self)
    let range = try #require(text.range(of: old), "\(old)")
    let altered = text.replacingCharacters(in: range, with: new)
    do {
      _ = try Network(json: Array(altered.utf8), name: "n.json")
      return nil
    } catch {
      #expect(!error.description.contains("\n"))
      return error
    }
  }

  @Test func mistakesNameTheirKey() throws {
    for (old, new, key, word) in [
      ("\"rounds\"", "\"ronds\"", "key training", "did you mean rounds?"),
      ("\"rounds\": 1000", "\"rounds\": -1", "key training.rounds", "cannot be -1"),
      ("\"rounds\": 1000", "\"rounds\": null", "key training.rounds", "null"),
      ("\"rounds\": 1000,", "", "key training", "rounds is missing"),
      ("\"tolerance\"", "\"toleranse\"", nil, "did you mean tolerance?"),
      ("\"tolerance\": 1e-07", "\"tolerance\": 2", "key tolerance", "cannot be 2"),
      ("\"tolerance\": 1e-07", "\"tolerance\": \"2\"", "key tolerance", "a text instead of"),
      ("\"vote\": 2.5", "\"vote\": 0", "key deadlines.vote", "0.0 seconds"),
      ("tcp://b.example:47000", "b.example", "key members[1].address", "tcp://host:port"),
      ("\"state\": \"left\"", "\"state\": \"gone\"", "key members[1].state", "gone"),
      ("\"sum\": \"chebyshev\"", "\"sum\": \"chebishev\"", "key sum", "metropolis"),
      ("\"plant-a\", \"plant-b\"", "\"plant-a\", \"plant-x\"", "key links[0]", "plant-x"),
      ("\"links\": [", "\"links\": [[\"plant-a\"],", "key links[0]", "two names"),
      ("\"leave\"", "\"leaf\"", "key change", "leave"),
      ("\"sequence\": 2", "\"sequence\": 2.5", "key sequence", "whole number"),
      ("\"sequence\": 1", "\"sequence\": 0", "key predecessor.change", "first version"),
      ("\"name\": \"steel\"", "\"name\": \"st\\u001beel\"", "key name", "1 to 64"),
      ("\"privacy\": \"shamir(3,4)\"", "\"privacy\": \"shamir(1,4)\"", "key privacy", "threshold"),
    ] as [(String, String, String?, String)] {
      let error = try error(old, new)
      #expect(error?.place.object == key, "\(new): \(error?.description ?? "no error")")
      #expect(error?.description.contains(word) == true, "\(error?.description ?? "no error")")
    }
  }

  @Test func brokenText() throws {
    for (old, new, word) in [
      ("{", "[", "comma"), ("\"name\"", "\"format\"", "twice"), (":", "", "colon"),
      ("\"seed\": 18446744073709551615", "\"seed\": 1.", "digits"),
      ("collabdict-network 1", "collabdict-network 2", "format"),
      ("\"format\"", "\"farmat\"", "not a network file"),
    ] {
      #expect(try error(old, new)?.description.contains(word) == true, "\(new)")
    }
    #expect(try error("\"sequence\": 2", "\"sequence\" 2")?.place.line == 4)
    for text in ["", "{", "[]", "7", "{}", "\"a", "{\"a\":1} 2", "\u{0}", "nul"] {
      #expect(throws: StorageError.self) { try Network(json: Array(text.utf8)) }
    }
    #expect(throws: StorageError.self) { try Network(json: [0x22, 0xFF, 0x22]) }
    let deep = String(repeating: "[", count: 1_000_000)
    #expect(
      storageError { _ = try Network(json: Array(deep.utf8)) }?.problem.contains("inside") == true)
  }

  /// Whatever single byte is altered: refused, not valid, or the same network.
  @Test func noAlteredByteGoesUnnoticed() throws {
    let good = try bytes(of: Self.sample)
    let network = try Network(json: good)
    for index in stride(from: 0, to: good.count, by: 61) {
      var altered = good
      altered[index] ^= 1
      guard let other = try? Network(json: altered) else { continue }
      #expect(other == network || !other.check().isValid, "byte \(index)")
    }
  }

  /// As deep as files can be, on the small stack of a thread.
  @Test func manyChanges() throws {
    var keys = try (0..<3).map { try MemberKeys.random(name: "p\($0)") }
    func member(_ keys: MemberKeys) throws -> Network.Member {
      try keys.card.member(at: NetworkAddress("tcp://\(keys.name):1"))
    }
    var network = try Network(
      name: "steel", members: keys.map(member), terms: NetworkTerms(members: 3))
    for signer in keys { network = try network.signed(by: signer) }
    for number in 0..<Network.mostChanges {
      if number % 2 == 0 {
        keys.append(try MemberKeys.random(name: "p\(number + 3)"))
        network = try network.joining(member(keys[3]))
      } else {
        network = try network.leaving(keys.removeFirst().name)
      }
      for signer in keys where signer.name != keys[0].name || number % 2 == 1 {
        network = try network.signed(by: signer)
      }
    }
    let read = try Network(json: network.jsonBytes)
    #expect(read == network && read.check().isValid)
    #expect(networkIsFull(read, keys[0].name))
  }

  private func networkIsFull(_ network: Network, _ name: String) -> Bool {
    do {
      _ = try network.leaving(name)
      return false
    } catch {
      return true
    }
  }

  @Test func truncatedFiles() throws {
    let good = try bytes(of: Self.sample)
    for count in stride(from: 0, to: good.count - 2, by: 509) {
      #expect(throws: StorageError.self) { try Network(json: Array(good.prefix(count))) }
    }
  }

  @Test func tooLargeOrAbsent() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("a.json", [UInt8](repeating: 0x20, count: 16 << 20 + 1))
    #expect(storageError { _ = try Network(readingJSON: path) }?.code == .tooLarge)
    #expect(
      storageError { _ = try Network(readingJSON: directory("b.json")) }?.code == .noSuchFile)
    #expect(
      storageError { _ = try Network(readingJSON: directory.path) }?.code == .notARegularFile)
  }
}
