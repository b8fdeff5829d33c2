import Datasets
import Foundation
import Storage
import Testing

/// A directory with a small sensor file, in which the program is put to work.
struct Workshop: Sendable {
  let directory: TemporaryDirectory

  /// Settings under which a run takes a moment.
  static let small = [
    "--hidden", "4", "--batch-size", "16", "--validation-interval", "5", "--latent", "2",
    "--draws", "4",
  ]

  /// A directory with whatever is there.
  init(_ directory: TemporaryDirectory) { self.directory = directory }

  /// Writes `fleet.h5`: two machines with four variables.
  init(trainRows: Int = 120) throws {
    directory = try TemporaryDirectory()
    try writeFleet("fleet.h5", trainRows: trainRows)
  }

  func writeFleet(_ name: String, trainRows: Int = 120, seed: UInt64 = 0) throws {
    var recipe = SyntheticFleet()
    recipe.participants = 2
    recipe.variables = 4
    recipe.states = 2
    recipe.trainRows = trainRows
    recipe.testRows = 120
    recipe.faultsEach = 4
    recipe.seed = seed
    try SensorFleet(
      title: "A small fleet", variables: recipe.variableNames, units: recipe.units,
      participants: recipe.machines().map {
        ParticipantData(name: $0.name, train: $0.train, test: $0.test, testLabels: $0.labels)
      }
    ).writeHDF5(to: directory(name))
  }

  /// Runs the program in the directory.
  func run(_ arguments: String...) async throws -> Program.Outcome {
    try await Program.run(arguments, in: directory.path)
  }

  /// Runs a line of words that must work, and say nothing on standard error.
  @discardableResult func require(
    _ line: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let words = line.split(separator: " ").map(String.init)
    let outcome = try await Program.run(words, in: directory.path)
    try #require(
      outcome.status == 0 && outcome.errors.isEmpty, "\(line): \(outcome.errors)",
      sourceLocation: sourceLocation)
    return outcome.output
  }

  /// What such a line says with `--json`.
  func object(
    _ line: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [String: Any] {
    let output = try await require("\(line) --json", sourceLocation: sourceLocation)
    let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
    return try #require(value as? [String: Any], sourceLocation: sourceLocation)
  }

  /// Trains `model.h5` on `fleet.h5`, and requires that this works.
  func train(_ more: [String] = ["--rounds", "0"], output: String = "model.h5") async throws {
    let outcome = try await Program.run(
      ["train", "fleet.h5", "-o", output] + Self.small + more, in: directory.path)
    try #require(outcome.status == 0 && !outcome.wasKilled, "\(outcome.errors)")
  }

  /// The shared decoder of a model.
  func theta(of name: String) throws -> [Float] {
    try HDF5File(reading: directory(name)).read("/global/theta", as: Float.self)
  }

  /// Runs a command that must fail: one line on standard error, nothing on standard output, and no
  /// file changed, made or left behind.
  func expectRefusal(
    _ arguments: [String], status: Int32, saying words: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try directory.contents
    let outcome = try await Program.run(arguments, in: directory.path)
    let line = arguments.joined(separator: " ")
    #expect(!outcome.wasKilled, "\(line)", sourceLocation: sourceLocation)
    #expect(
      outcome.status == status, "\(line): \(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, "\(line)", sourceLocation: sourceLocation)
    #expect(
      outcome.hasOneErrorLine, "\(line): \(outcome.errors)", sourceLocation: sourceLocation)
    #expect(
      outcome.errors.hasPrefix("collabdict"), "\(line): \(outcome.errors)",
      sourceLocation: sourceLocation)
    for word in words {
      #expect(
        outcome.errors.contains(word), "\(line): \(outcome.errors)", sourceLocation: sourceLocation)
    }
    let after = try directory.contents
    #expect(
      Set(after.keys) == Set(before.keys), "\(line)", sourceLocation: sourceLocation)
    for (name, bytes) in before {
      #expect(after[name] == bytes, "\(line) changed \(name)", sourceLocation: sourceLocation)
    }
  }
}
