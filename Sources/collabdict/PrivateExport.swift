import AnomalyDetection
import CollaborativeLearning
import Foundation
import Storage

/// `collabdict export --private`: a dictionary that tells little of any single reading, and an entry
/// in the ledger of what was released.
struct PrivateExport {
  private let path: String
  private let ledgerPath: String
  private let order: Double
  private let epsilon: Double
  private let arguments: Arguments

  init(_ arguments: Arguments, path: String) throws {
    self.arguments = arguments
    self.path = path
    ledgerPath = arguments["ledger"] ?? path + ".releases.json"
    order = try arguments.number("order", 1...1e6) ?? 1
    guard let epsilon = try arguments.number("epsilon", 1e-9...1e9) else {
      throw UsageError("say how much a release may tell: --epsilon NATS")
    }
    self.epsilon = epsilon
  }

  func run(_ run: TrainedModel<MixtureModel>, to output: String) throws {
    let model = run.detector
    guard let distance = run.configuration.mixture.radius else {
      throw FileError(
        path: path,
        cause: ConfigurationError(
          "its rows were not clipped, so that there is nothing to promise; train with --radius"))
    }
    try AtomicFile.refuseOverwriting(output: ledgerPath, inputs: [path, output])
    var ledger =
      FileManager.default.fileExists(atPath: ledgerPath)
      ? try PrivacyLedger(reading: ledgerPath) : PrivacyLedger()
    let isUnprotected = arguments.has("unprotected-precisions")
    var release = PrivateRelease(
      prior: model.prior, fewestRows: run.configuration.mixture.fewestRows, distance: distance,
      budget: .init(
        order: order, statistics: epsilon / 2, means: isUnprotected ? epsilon : epsilon / 2))
    release.rowsPerUnit = model.window.length
    if isUnprotected { release.precisions = .unprotected }
    let drawn: PrivateRelease.Dictionary
    do {
      drawn = try release.draw(from: model.statistics)
    } catch {
      throw FileError(path: path, cause: error)
    }
    try ledger.add(drawn.statement.release(name: output))
    // Before the release can be seen: what it costs is never forgotten.
    try ledger.write(to: ledgerPath)
    try PretrainedDictionary(drawn, of: model).write(to: output)
    try tell(drawn.statement, ledger, model, to: output)
  }

  private func tell(
    _ statement: PrivacyStatement, _ ledger: PrivacyLedger, _ model: MixtureModel,
    to output: String
  ) throws {
    let total = ledger.total(order: order).epsilon
    if arguments.has("json") {
      return try JSON.object([
        ("file", .text(output)), ("order", .number(statement.order)),
        ("epsilon", .number(statement.epsilon)),
        ("epsilon_of_all_releases", .number(total)),
        ("releases", .integer(ledger.releases.count)),
        ("covered", .list(statement.covered.map { .text($0) })),
        ("unprotected", .list(statement.unprotected.map { .text($0) })),
        ("pattern_bounds", .list(statement.patternBounds.map { .number($0) })),
        ("theorem_bound", .number(statement.theoremBound)),
        ("statement", .list(statement.sentences.map { .text($0) })),
      ]).print()
    }
    Console.print(
      "\(output): \(statement.patternBounds.count) of \(model.patterns.count) patterns, drawn")
    for sentence in statement.sentences { Console.print("- " + sentence) }
    Console.print(
      "\(ledgerPath): \(ledger.releases.count) releases of this model so far, "
        + "\(Console.number(total)) nats of order \(Console.number(order, 1)) together")
  }
}
