import Foundation
import Testing

/// A directory with the keys of some plants, in which a network is agreed on.
struct NetworkWorkshop: Sendable {
  let workshop: Workshop

  /// Makes keys of plants `a`, `b`, ….
  init(_ plants: String = "abc") async throws {
    workshop = try Workshop()
    for plant in plants {
      try await run("keygen -o plant-\(plant).key --address tcp://\(plant).example:47000")
    }
  }

  /// Runs a command that must work.
  @discardableResult func run(
    _ line: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    try await workshop.require(line, sourceLocation: sourceLocation)
  }

  /// Runs a command that must fail, and touch nothing.
  func refuse(
    _ line: String, status: Int32 = 1, _ words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    try await workshop.expectRefusal(
      line.split(separator: " ").map(String.init), status: status, saying: words,
      sourceLocation: sourceLocation)
  }

  /// Makes `network.json` of some plants, signed by some.
  func network(_ plants: String = "abc", signedBy signers: String? = nil) async throws {
    let cards = plants.map { "plant-\($0).pub" }.joined(separator: " ")
    try await run("network init \(cards) -o network.json --rounds 500")
    for plant in signers ?? plants {
      try await run("network sign network.json --key plant-\(plant).key")
    }
  }

  func text(_ name: String) throws -> String { try workshop.directory.text(of: name) }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: workshop.directory(name)))
  }

  func mode(_ name: String) throws -> Int? {
    let path = workshop.directory(name)
    return try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  func setMode(_ name: String, _ mode: Int) throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: workshop.directory(name))
  }

  /// What `network show --json` says.
  func show(_ name: String) async throws -> [String: Any] {
    try await workshop.object("network show \(name)")
  }
}
