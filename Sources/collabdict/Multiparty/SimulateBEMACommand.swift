import CollaborativeLearning
import Cryptography
import Datasets
import Experiments
import Foundation
import Ledger
import MultipartyLearning
import Simulation
import Storage
import Transport

/// `collabdict simulate bema`: parties with models of different kinds on a chain, in one process.
enum SimulateBEMACommand: Command {
  static let name = "simulate bema"
  static let summary =
    "calibrate models of different kinds over a chain, with attackers (BEMA 2020)"
  static let synopsis = "--data IMAGES.h5 -o FOLDER [--config BEMA.json] [--bogus SHARE] …"
  static let options =
    [
      OptionSpecification("output", "FOLDER", "where chain, table, curve and settings go"),
      OptionSpecification(
        "data", "FILE", "train_images, train_labels, test_images, test_labels (HDF5)"),
      OptionSpecification("config", "FILE", "settings as a JSON object"),
      OptionSpecification("difficulty", "N", "hashes that a block takes on average [1024]"),
      OptionSpecification(
        "keep", "BLOCKS", "whose models' parameters are kept; older ones are pruned [50]"),
      OptionSpecification("threads", "NUMBER", "models at the same time [one a processor]"),
      SharedOptions.force, SharedOptions.json,
    ] + MultipartyArguments.settings

  static func run(_ arguments: Arguments) throws {
    _ = try arguments.exactly(0, "options")
    guard let dataPath = arguments["data"] else { throw UsageError("name the images with --data") }
    let folder = try arguments.output()
    let configuration = try MultipartyArguments.configuration(arguments)
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let threads = try arguments.integer("threads", 1...1024) ?? processors
    let keep = try arguments.integer("keep", 1...1_000_000) ?? 50
    let difficulty = try arguments.integer("difficulty", 1...1 << 40) ?? 1024
    let images = try MultipartyArguments.images(dataPath)
    let data: [LabelledImages]
    let publicPart: LabelledImages
    do {
      (data, publicPart) = try configuration.split.deal(images.train, seed: configuration.seed)
    } catch {
      throw FileError(path: dataPath, cause: error)
    }
    let files = try BEMAFolder(folder, replacing: arguments.has("force"))
    let interrupt = Interrupt()
    let attackers = configuration.attackers
    Console.progress("\(data.count) parties train their models")
    let models = attackers.models(
      configuration.split, data: data, publicPart: publicPart, training: configuration.training,
      seed: configuration.seed, threads: threads)
    if interrupt.happened { throw Interrupted() }
    let keys = data.indices.map { party in
      // Keys of a simulation protect nothing: they come from the seed, so that the chain does, too.
      var writer = LedgerWriter()
      writer.text("collabdict simulated party")
      writer.long(configuration.seed)
      writer.word(UInt32(party))
      return SigningKey(seed: SHA256.hash(writer.bytes).bytes)
    }
    var terms = CalibrationTerms()
    terms.classes = images.train.classes
    terms.rules = configuration.rules
    var rules = ChainRules(interval: 1000, firstDifficulty: UInt64(difficulty))
    rules.byteLimit = 16 << 20
    rules.transactionLimit = max(rules.transactionLimit, configuration.rules.blockSize)
    var simulation = try CalibrationSimulation(
      models: models, data: data, keys: keys, terms: terms, plan: configuration.plan, rules: rules,
      time: 1_577_836_800_000, seed: configuration.seed, threads: threads,
      originals: configuration.split.originalParties,
      admission: configuration.hasAdmission ? configuration.admission : nil,
      attackers: attackers.parties)
    var chain = try files.chain(first: simulation.genesis)
    for block in simulation.registrations { try chain.append(block) }
    for party in simulation.state.parties { try chain.put(party.model.parameterBytes) }
    var curve = [BEMAFolder.Line(iteration: 0, accuracy: simulation.accuracy(images.test))]
    for iteration in 1..<(configuration.plan.iterations + 1) {
      if interrupt.happened { break }
      let step = try simulation.runIteration()
      for block in step.blocks { try chain.append(block) }
      for party in simulation.state.parties { try chain.put(party.model.parameterBytes) }
      try chain.prune(by: PruningPolicy(last: keep)) { CalibrationRecord.digests(of: $0) }
      let line = BEMAFolder.Line(
        iteration: iteration, accuracy: simulation.accuracy(images.test), step.outcome)
      curve.append(line)
      Console.progress(
        "iteration \(iteration) of \(configuration.plan.iterations): accuracy "
          + "\(Console.number(line.accuracy, 4))")
    }
    Console.endProgress()
    try files.write(configuration, curve)
    try report(arguments, configuration, curve, simulation.state, blocks: chain.count, files)
    if interrupt.happened { throw Interrupted() }
  }

  private static func report(
    _ arguments: Arguments, _ configuration: MultipartyConfiguration, _ curve: [BEMAFolder.Line],
    _ state: CalibrationState, blocks: Int, _ files: BEMAFolder
  ) throws {
    let sent = curve.reduce(0) { $0 + $1.outcome.honest }
    let bogus = curve.reduce(0) { $0 + $1.outcome.bogus }
    try SimulateCommand.tell(
      arguments,
      [
        ("parties", .integer(configuration.split.parties.count)),
        ("attackers", .integer(configuration.attackers.parties.count)),
        ("models_on_the_chain", .integer(state.parties.count)),
        ("iterations", .integer(curve.count - 1)),
        ("accuracy_before", .number(curve[0].accuracy)),
        ("accuracy", .number(curve[curve.count - 1].accuracy)),
        ("honest_messages", .integer(sent)),
        ("honest_valid", .integer(curve.reduce(0) { $0 + $1.outcome.validHonest })),
        ("bogus_messages", .integer(bogus)),
        ("bogus_valid", .integer(curve.reduce(0) { $0 + $1.outcome.validBogus })),
        ("blocks", .integer(blocks)), ("chain", .text(files.chainPath)),
      ])
  }
}
