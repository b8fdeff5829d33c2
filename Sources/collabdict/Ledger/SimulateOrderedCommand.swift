import AnomalyDetection
import CollaborativeLearning
import Datasets
import Foundation
import GraphicalModels
import Ledger
import Simulation
import Storage
import Transport

/// `collabdict simulate ordered`: the ordered-block protocol on a virtual clock.
enum SimulateOrderedCommand: Command {
  static let name = "simulate ordered"
  static let summary = "learn patterns over a simulated chain of blocks (CollabDict 2018)"
  static let synopsis = "FLEET.h5 -o DICTIONARY.json [--chain CHAIN] [--orderers N] …"
  static let options =
    [
      SharedOptions.output,
      OptionSpecification("chain", "CHAIN", "a new file for the chain"),
      OptionSpecification(
        "participants", "N", "cut the series into so many clients [those of the file]"),
      OptionSpecification("endorsers", "N", "who form the dictionary and vote for it [3]"),
      OptionSpecification("orderers", "N", "who lock blocks [3]"),
      OptionSpecification("collection", "SECONDS", "that orderers wait for silent clients [2]"),
      OptionSpecification(
        "stopping", "SHARE", "of clients, endorsers and orderers that stop once and return [0]"),
      OptionSpecification("cut-off", "SHARE", "of them that are cut off for a while [0]"),
      OptionSpecification("loss", "SHARE", "of the messages that are lost [0]"),
      OptionSpecification("config", "FILE", "settings as a JSON object"),
      SharedOptions.json,
    ] + SharedOptions.layout.filter { $0.name != "participants" }
    + SharedOptions.settings.filter { settingNames.contains($0.name) }

  /// Settings that this protocol knows; auto stands for a penalty of 0.01 of the rows.
  private static let settingNames = [
    "rounds", "seed", "window", "clip", "mixture-start", "start-patterns", "pattern-limit",
    "penalty",
    "prior-strength", "cardinality-penalty", "fewest-rows",
  ]

  static func run(_ arguments: Arguments) throws {
    let path = try arguments.exactly(1, "one sensor file")[0]
    let configuration = try SharedOptions.configuration(arguments, of: .ggm)
    let output = try arguments.output()
    let plan = try plan(arguments)
    let chainPath = arguments["chain"]
    try AtomicFile.refuseOverwriting(output: output, inputs: [path])
    _ = try AtomicFile(replacing: output)
    if let chainPath { try AtomicFile.refuseExisting(chainPath) }
    let fleet = try SimulateCommand.fleet(path, arguments, participants: 1...8191)
    let sources = fleet.participants.compactMap { participant in
      participant.train.map { (name: participant.name, rows: $0) }
    }
    var simulation: OrderedSimulation
    do {
      simulation = try OrderedSimulation(
        sources, configuration, configuration.mixture, plan: plan, name: path)
    } catch let error as ParticipantError {
      throw FileError(path: path, cause: error)
    }
    let interrupt = Interrupt()
    let isOver = simulation.run { blocks in
      Console.progress("\(sources.count) clients: \(blocks) blocks")
      return !interrupt.happened
    }
    Console.endProgress()
    if interrupt.happened { throw Interrupted() }
    let chain = simulation.chain
    if let chainPath {
      let store = try FileBlockStore<Block>(opening: chainPath)
      for block in chain { try store.append(block) }
    }
    guard isOver, let result = simulation.result else {
      throw ParticipantFailure(
        "the job did not converge: "
          + (simulation.notes.first ?? simulation.failures.first ?? "too many are silent"))
    }
    try Reproduction.write(dictionary(result, variables: fleet.variables), to: output)
    try SimulateCommand.tell(
      arguments,
      [
        ("clients", .integer(sources.count)), ("patterns", .integer(result.patterns.count)),
        ("blocks", .integer(chain.count)),
        ("first_block", .text("\(simulation.firstBlock.hash)")),
        ("refused_transactions", .integer(simulation.refusals.count)),
        ("messages", .integer(simulation.messageCount)),
        ("virtual_seconds", .number(simulation.virtualSeconds)),
        ("peak_memory_mib", .number(PeakMemory.mebibytes)),
      ])
  }

  private static func plan(_ arguments: Arguments) throws -> OrderedSimulation.Plan {
    var plan = OrderedSimulation.Plan()
    plan.endorsers = try arguments.integer("endorsers", 1...1000) ?? plan.endorsers
    plan.orderers = try arguments.integer("orderers", 1...1000) ?? plan.orderers
    plan.stopping = try arguments.number("stopping", 0...1) ?? 0
    plan.cut = try arguments.number("cut-off", 0...1) ?? 0
    plan.network.loss = try arguments.number("loss", 0...0.5) ?? 0
    plan.timing.collection =
      try arguments.number("collection", 0.01...1000) ?? plan.timing.collection
    return plan
  }

  /// All that the run gave but the chain.
  private static func dictionary(
    _ result: OrderedSimulation.Result, variables: [String]?
  ) -> JSON {
    func numbers(_ values: [Double]) -> JSON { .list(values.map { .number($0) }) }
    let patterns: [JSON] = result.patterns.map { pattern in
      let m = pattern.variables
      let rows = (0..<m).map { i in numbers((0..<m).map { pattern.precision[i, $0] }) }
      return .object([("mean", numbers(pattern.mean)), ("precision", .list(rows))])
    }
    let clients: [(String, JSON)] = result.names.indices.map { s in
      (
        result.names[s],
        .object([
          ("weights", numbers(result.weights[s])),
          ("mean", numbers(result.standardisations[s].mean)),
          ("scale", numbers(result.standardisations[s].scale)),
        ])
      )
    }
    return .object([
      ("variables", variables.map { .list($0.map { .text($0) }) } ?? .null),
      ("patterns", .list(patterns)),
      ("clients", .object(clients)),
      ("head", .text(result.chain.last.map { "\($0.hash)" } ?? "")),
    ])
  }
}
