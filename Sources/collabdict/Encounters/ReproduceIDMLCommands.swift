import CollaborativeLearning
import Experiments
import Foundation
import OpportunisticLearning
import Settings
import Simulation
import Storage
import Transport

/// What the commands that repeat the experiments of iDML share.
struct EncounterReproduction {
  enum Scale: String { case small, paper }

  /// - Parameter defaults: what a command starts from at the small scale.
  static func options(
    defaults: EncounterConfiguration = EncounterConfiguration()
  ) -> [OptionSpecification] {
    [
      OptionSpecification(
        "scale", "NAME",
        "small (600 images each, 6 layers, minutes), or paper (all images, 6 to 14 layers, 100 rounds) [small]"
      ),
      OptionSpecification(
        "data", "FILE",
        "images: HDF5, or a folder of Fashion-MNIST's or CIFAR-10's files [$COLLABDICT_DATA/mnist.h5]"
      ),
      OptionSpecification("config", "FILE", "settings as a JSON object, for all runs"),
      OptionSpecification("output", "FOLDER", "write CSV, JSON, SVG and PNG files there"),
      OptionSpecification("seeds", "NUMBER", "repetitions [1]"),
      OptionSpecification("threads", "NUMBER", "encounters at the same time [one a processor]"),
      SharedOptions.json,
    ]
      // These are what the figures vary.
      + SettingsArguments.options(EncounterConfiguration.self, defaults: defaults).filter {
        !["attackers", "contract", "seed"].contains($0.name)
      }
  }

  let seeds: [UInt64]
  let threads: Int
  let images: ImageFile
  let base: EncounterConfiguration
  private let path: String
  private let output: String?
  private let asJSON: Bool
  let interrupt = Interrupt()

  /// - Parameter defaults: what the command starts from at the small scale.
  init(
    _ arguments: Arguments, command: String,
    defaults: EncounterConfiguration = EncounterConfiguration()
  ) throws {
    _ = try arguments.exactly(0, "no other words")
    let word = arguments["scale"] ?? Scale.small.rawValue
    guard let scale = Scale(rawValue: word) else {
      throw UsageError("--scale cannot be \(word); it is small or paper")
    }
    var start = defaults
    if scale == .paper {
      start.imagesEach = 0
      start.testImages = 0
      start.validationShare = 0.2
      start.rounds = 100
      start.layers = .mixed
    }
    base = try SettingsArguments.configuration(arguments, command: command, from: start)
    seeds = (1...UInt64(try arguments.integer("seeds", 1...1000) ?? 1)).map { $0 }
    threads =
      try arguments.integer("threads", 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
    let folder = ProcessInfo.processInfo.environment["COLLABDICT_DATA"]
    guard let path = arguments["data"] ?? folder.map({ "\($0)/mnist.h5" }) else {
      throw UsageError(
        "say where the images are with --data FILE, or their folder in COLLABDICT_DATA "
          + "(datasets/README.md tells how to get them)")
    }
    self.path = path
    images = try ImageFile(reading: path)
    output = arguments["output"]
    asJSON = arguments.has("json")
    if let output { try Reproduction.makeFolder(output) }
  }

  /// Runs cell after cell, until the user stops it.
  ///
  /// - Parameter run: a cell with the images, on threads, as long as it may go on; it tells what to show
  ///   of its progress.
  func outcomes<Cell: Hashable, Outcome>(
    of cells: [Cell],
    _ run: (
      Cell, ImageFile, _ threads: Int, _ goesOn: @escaping @Sendable () -> Bool,
      _ progress: (String) -> Void
    ) throws -> Outcome?
  ) throws -> [Cell: Outcome] {
    var outcomes: [Cell: Outcome] = [:]
    do {
      for cell in cells where !interrupt.happened {
        outcomes[cell] = try run(cell, images, threads, interrupt.goesOn) { Console.progress($0) }
      }
      return outcomes
    } catch let error as SettingError {
      throw UsageError("\(error)")
    } catch let error as ParticipantSplitError {
      throw FileError(path: path, cause: error)
    }
  }

  /// Writes and shows what there is.
  func finish(_ report: some ExperimentReport) throws {
    Console.endProgress()
    let files = try output.map { try report.write(into: $0) } ?? []
    if asJSON {
      Console.print(String(decoding: try report.json(), as: UTF8.self))
    } else {
      Console.table(report.table.header, report.table.rows)
      Console.print()
      for remark in report.remarks { Console.print(remark) }
      if let output { Console.print("\n\(files.count) files in \(output)") }
    }
    if interrupt.happened { throw Interrupted() }
  }
}

/// `collabdict reproduce idml-figure-7`: Yu et al. 2023, Fig. 7.
enum ReproduceIDMLVotesCommand: Command {
  static let name = "reproduce idml-figure-7"
  static let summary = "voting accuracy against tolerance and number of voters (iDML 2023, Fig. 7)"
  static let synopsis = "[--data IMAGES.h5] [-o FOLDER] [--scale small|paper] [--json] …"
  static let options = EncounterReproduction.options(defaults: defaults).filter {
    !["algorithm", "gossip-judged", "distribution", "tolerance", "validators"].contains($0.name)
  }

  /// Four runs, each with three times as many voters as other simulations.
  private static var defaults: EncounterConfiguration {
    var defaults = EncounterConfiguration()
    defaults.attackers = 10
    defaults.rounds = 4
    return defaults
  }

  static func run(_ arguments: Arguments) throws {
    let reproduction = try EncounterReproduction(arguments, command: name, defaults: defaults)
    var figure = VotingFigure()
    figure.base = reproduction.base
    figure.seeds = reproduction.seeds
    let outcomes = try reproduction.outcomes(of: figure.cells) {
      [figure] cell, images, threads, goesOn, progress in
      // Gossip learning needs models of one shape: the paper has it of 10 layers.
      var figure = figure
      if cell.algorithm == .gossip && figure.base.layers == .mixed { figure.base.layers = .ten }
      return try figure.run(
        cell, train: images.train, test: images.test, threads: threads, while: goesOn
      ) { progress("\(cell.title): round \($0 + 1) of \(figure.base.rounds) …") }
    }
    try reproduction.finish(figure.report(outcomes))
  }
}

/// `collabdict reproduce idml-figures-8-9`: Yu et al. 2023, Figs. 8 and 9.
enum ReproduceIDMLAttacksCommand: Command {
  static let name = "reproduce idml-figures-8-9"
  static let summary = "accuracy and stakes with 0, 3 and 10 attackers (iDML 2023, Figs. 8 and 9)"
  static let synopsis = "[--data IMAGES.h5] [-o FOLDER] [--scale small|paper] [--json] …"
  static let options = EncounterReproduction.options()

  static func run(_ arguments: Arguments) throws {
    let reproduction = try EncounterReproduction(arguments, command: name)
    var figure = AttackFigure()
    figure.base = reproduction.base
    figure.seeds = reproduction.seeds
    let outcomes = try reproduction.outcomes(of: figure.cells) {
      [figure] cell, images, threads, goesOn, progress in
      try figure.run(
        cell, train: images.train, test: images.test, threads: threads, while: goesOn
      ) {
        progress(
          "\(cell.title): round \($0.round) of \(figure.base.rounds), accuracy "
            + "\(Console.number($0.accuracy, 4)) …")
      }
    }
    try reproduction.finish(figure.report(outcomes))
  }
}

/// `collabdict reproduce idml-lazy-neighbours`: Yu et al. 2023, Sec. III-B.
enum ReproduceIDMLLazinessCommand: Command {
  static let name = "reproduce idml-lazy-neighbours"
  static let summary = "what neighbours earn that do no work (iDML 2023, Sec. III-B)"
  static let synopsis = "[--data IMAGES.h5] [-o FOLDER] [--encounters NUMBER] [--json] …"
  static let options =
    EncounterReproduction.options(defaults: LazyNeighbours().base).filter {
      // One run of encounters, all of them with lazy neighbours, in which nobody trains.
      !["scale", "seeds", "attack", "noise", "rounds", "meetings", "symmetric", "epochs"]
        .contains($0.name)
    } + [
      OptionSpecification("encounters", "NUMBER", "of each kind of lazy neighbour [10000]")
    ]

  static func run(_ arguments: Arguments) throws {
    let encounters = try arguments.integer("encounters", 1...10_000_000)
    let reproduction = try EncounterReproduction(
      arguments, command: name, defaults: LazyNeighbours().base)
    var plan = LazyNeighbours()
    plan.base = reproduction.base
    if let encounters { plan.encounters = encounters }
    let outcomes = try reproduction.outcomes(of: plan.strategies) {
      [plan] strategy, images, threads, goesOn, progress in
      try plan.run(
        strategy, train: images.train, test: images.test, threads: threads, while: goesOn
      ) { progress("\(strategy.title): \($0) of \(plan.encounters) encounters …") }
    }
    try reproduction.finish(plan.report(outcomes))
  }
}
