import CollaborativeLearning
import Datasets
import Experiments
import Foundation
import Incentives
import Ledger
import OpportunisticLearning
import Simulation
import Storage
import Transport

/// `collabdict simulate idml`: participants that learn from their encounters, and a contract that pays for
/// honest help, in one process.
enum SimulateIDMLCommand: Command {
  static let name = "simulate idml"
  static let summary =
    "learn from encounters, paid and judged by a contract, with attackers (iDML 2023)"
  static let synopsis = "--data IMAGES.h5 -o FOLDER [--config IDML.json] [--attackers N] …"
  static let options =
    [
      OptionSpecification("output", "FOLDER", "where chain, tables, drawings and settings go"),
      OptionSpecification(
        "data", "FILE",
        "images: HDF5, or a folder of IDX files (MNIST, Fashion-MNIST) or of CIFAR-10's batches"),
      OptionSpecification("trace", "FILE", "who meets whom: lines time,a,b [drawn evenly]"),
      OptionSpecification("config", "FILE", "settings as a JSON object"),
      OptionSpecification("threads", "NUMBER", "encounters at the same time [one a processor]"),
      SharedOptions.force, SharedOptions.json,
    ] + SettingsArguments.options(EncounterConfiguration.self)

  static func run(_ arguments: Arguments) throws {
    _ = try arguments.exactly(0, "options")
    guard let dataPath = arguments["data"] else { throw UsageError("name the images with --data") }
    let output = try arguments.output()
    let configuration: EncounterConfiguration = try SettingsArguments.configuration(
      arguments, command: name)
    var simulation = try EncounterArguments.simulation(configuration, arguments, data: dataPath)
    // Before anything is written that a request to end would have to keep in order.
    let interrupt = Interrupt()
    let files = try EncounterFolder(output, replacing: arguments.has("force"))
    simulation.goesOn = interrupt.goesOn
    let rounds = simulation.schedule.rounds
    Console.progress("\(configuration.participants) participants train alone …")
    let outcome = try run(simulation, files) {
      Console.progress(
        "round \($0.round) of \(rounds): mean accuracy \(Console.number($0.accuracy, 4))")
    }
    Console.endProgress()
    // Nothing is to be told before the first point.
    if outcome.curve.isEmpty {
      files.discard()
      throw Interrupted()
    }
    let figures = figures(configuration, outcome, files)
    try files.write(configuration, outcome, figures)
    try SimulateCommand.tell(arguments, figures)
    if interrupt.happened { throw Interrupted() }
  }

  /// With a contract, on a chain that is kept.
  private static func run(
    _ simulation: EncounterSimulation, _ files: EncounterFolder,
    _ progress: (EncounterSimulation.Point) throws -> Void
  ) throws -> EncounterSimulation.Outcome {
    guard simulation.configuration.hasContract else {
      return try simulation.run(progress: progress)
    }
    var executor = try simulation.executor(keep: try files.keep())
    return try simulation.run(on: &executor, progress: progress)
  }

  private static func figures(
    _ configuration: EncounterConfiguration, _ outcome: EncounterSimulation.Outcome,
    _ files: EncounterFolder
  ) -> [(String, JSON)] {
    let attackers = Set(outcome.attackers)
    var figures: [(String, JSON)] = [
      ("participants", .integer(configuration.participants)),
      ("attackers", .integer(attackers.count)), ("rounds", .integer(outcome.curve.count - 1)),
      ("accuracy_before", .number(outcome.curve.first?.accuracy ?? .nan)),
      ("accuracy", .number(outcome.accuracy)),
    ]
    guard configuration.hasContract, let last = outcome.curve.last else { return figures }
    let threshold = configuration.terms.stakeThreshold
    func below(_ isMeant: (Int) -> Bool) -> Int {
      last.stakes.enumerated().count { isMeant($0.offset) && $0.element < threshold }
    }
    func votes(_ name: String, _ count: VotingRecord.Count) -> [(String, JSON)] {
      [
        ("\(name)_accepted", .integer(count.accepted)),
        ("\(name)_refused", .integer(count.refused)),
        ("\(name)_unjudged", .integer(count.unjudged)),
        ("\(name)_mean_gain", .number(count.meanGain ?? .nan)),
      ]
    }
    figures +=
      votes("honest", outcome.record.honest) + votes("attackers", outcome.record.attackers)
      + votes("to_attackers", outcome.record.toAttackers)
    return figures + [
      ("attackers_below_threshold", .integer(below { attackers.contains($0) })),
      ("honest_below_threshold", .integer(below { !attackers.contains($0) })),
      ("blocks", .integer(Int(last.height) + 1)), ("chain", .text(files.chainPath)),
    ]
  }
}
