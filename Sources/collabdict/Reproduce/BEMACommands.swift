import CollaborativeLearning
import Experiments
import Settings

/// `collabdict reproduce bema-table-1`: Wang et al. 2020, Table I.
enum ReproduceBEMATableCommand: Command {
  static let name = "reproduce bema-table-1"
  static let summary = "accuracy while messages are bogus (BEMA 2020, Table I)"
  static let synopsis = "[--data mnist.h5] [-o FOLDER] [--scale small|paper] [--json] …"
  static let options =
    [
      OptionSpecification("parties", "NUMBERS", "multiples of 10 [10, or 10,20,50]"),
      OptionSpecification("bogus", "SHARES", "shares of the messages [0,0.1,0.2,0.5]"),
      OptionSpecification(
        "systems", "NAMES",
        "some of " + ResilienceTable.System.allCases.map(\.rawValue).joined(separator: ", ")
          + " [all but hmr-random]"),
    ] + BEMAReproduction.options

  static func run(_ arguments: Arguments) throws {
    let reproduction = try BEMAReproduction(arguments)
    var table = ResilienceTable()
    table.seeds = reproduction.seeds
    table.parties = reproduction.scale == .paper ? [10, 20, 50] : [10]
    if let words = arguments.list("parties") { table.parties = try words.map(parties) }
    if let words = arguments.list("bogus") { table.shares = try words.map(share) }
    if let words = arguments.list("systems") { table.systems = try words.map(system) }
    guard !table.parties.isEmpty, !table.shares.isEmpty, !table.systems.isEmpty else {
      throw UsageError("an empty list; name at least one")
    }
    table.plan.iterations = reproduction.iterations ?? table.plan.iterations
    table.plan.messages = reproduction.messages ?? table.plan.messages
    table.training.epochs = reproduction.epochs ?? table.training.epochs
    table.publicImages = reproduction.publicImages ?? table.publicImages
    let chosen = table
    try reproduction.run("bema-table-1") { bench, record in
      try reproduction.run(chosen.cells, on: bench, record: &record)
    } report: {
      chosen.report(of: $0)
    }
  }

  private static func parties(_ word: String) throws -> Int {
    guard let count = Int(word), (10...1000).contains(count), count.isMultiple(of: 10) else {
      throw UsageError("--parties cannot be \(word); it is of multiples of 10, as in 10,20,50")
    }
    return count
  }

  private static func share(_ word: String) throws -> Double {
    guard let share = Double(word), (0...1).contains(share) else {
      throw UsageError("--bogus cannot be \(word); it is of shares from 0 to 1, as in 0,0.1,0.5")
    }
    return share
  }

  private static func system(_ word: String) throws -> ResilienceTable.System {
    if let system = ResilienceTable.System(rawValue: word) { return system }
    throw BEMAReproduction.unknown(
      word, "systems", ResilienceTable.System.allCases.map(\.rawValue))
  }
}

/// `collabdict reproduce bema-figure-6`: Wang et al. 2020, Fig. 6.
enum ReproduceBEMAFigureCommand: Command {
  static let name = "reproduce bema-figure-6"
  static let summary = "accuracy over the iterations in four cases (BEMA 2020, Fig. 6)"
  static let synopsis = "[--data mnist.h5] [-o FOLDER] [--scale small|paper] [--json] …"
  static let options =
    [
      OptionSpecification("cases", "LETTERS", "some of A,B,C,D [all]"),
      OptionSpecification(
        "centralised-epochs", "NUMBER",
        "of the LeNet-5 that has all images [\(CentralisedClassifier.chosenTraining.epochs)]"),
    ] + BEMAReproduction.options

  static func run(_ arguments: Arguments) throws {
    let reproduction = try BEMAReproduction(arguments)
    var figure = ConvergenceFigure()
    figure.seeds = reproduction.seeds
    if let words = arguments.list("cases") {
      figure.cases = try words.map { word in
        guard let found = figure.cases.first(where: { $0.rawValue == word.lowercased() }) else {
          throw UsageError("--cases cannot be \(word); it is of A,B,C,D")
        }
        return found
      }
    }
    figure.plan.iterations = reproduction.iterations ?? figure.plan.iterations
    figure.plan.messages = reproduction.messages ?? figure.plan.messages
    figure.training.epochs = reproduction.epochs ?? figure.training.epochs
    figure.publicImages = reproduction.publicImages ?? figure.publicImages
    figure.centralisedTraining.epochs =
      try arguments.integer("centralised-epochs", 1...10_000)
      ?? figure.centralisedTraining.epochs
    let chosen = figure
    try reproduction.run("bema-figure-6") { bench, record in
      guard try reproduction.run(chosen.cells, on: bench, record: &record) else { return false }
      return try reproduction.run([chosen.centralised], on: bench, record: &record)
    } report: {
      chosen.report(of: $0)
    }
  }
}

/// `collabdict reproduce bema-sweeps`: what Wang et al. 2020 leave open, and Sec. IV-C-4.
enum ReproduceBEMASweepsCommand: Command {
  static let name = "reproduce bema-sweeps"
  static let summary = "what BEMA's parameters do, on held-out images (BEMA 2020, Sec. IV-C-4)"
  static let synopsis = "[--data mnist.h5] [-o FOLDER] [--scale small|paper] [--json] …"
  private static let centralised = "centralised"
  private static let omega = "omega"
  private static let names =
    SweptParameter.allCases.map(\.rawValue) + [omega, centralised]
  static let options =
    [
      OptionSpecification(
        "only", "NAMES",
        "some of \(SweptParameter.allCases.map(\.rawValue).joined(separator: ", ")) [all]; or "
          + "omega: what newcomers' models are told apart by; or centralised: ways to train the LeNet-5 that has all images"
      )
    ] + BEMAReproduction.options.filter { !["public", "every"].contains($0.name) }

  static func run(_ arguments: Arguments) throws {
    let reproduction = try BEMAReproduction(arguments)
    let words = arguments.list("only")
    if words == [centralised] {
      var choice = CentralisedChoice()
      choice.seeds = reproduction.seeds
      if let epochs = reproduction.epochs {
        for place in choice.candidates.indices { choice.candidates[place].epochs = epochs }
      }
      let chosen = choice
      return try reproduction.run("bema-centralised", onHeldOut: true) { bench, record in
        try reproduction.run(chosen.classifiers, on: bench, record: &record)
      } report: {
        chosen.report(of: $0)
      }
    }
    if words == [omega] { return try runAdmission(reproduction) }
    var sweep = ParameterSweep()
    sweep.seeds = reproduction.seeds
    if let words { sweep.parameters = try words.map(parameter) }
    sweep.plan.iterations = reproduction.iterations ?? sweep.plan.iterations
    sweep.plan.messages = reproduction.messages ?? sweep.plan.messages
    sweep.training.epochs = reproduction.epochs ?? sweep.training.epochs
    let chosen = sweep
    try reproduction.run("bema-sweeps", onHeldOut: true) { bench, record in
      var bench = bench
      // The rest of the curve is not shown.
      bench.points = MeasuringPoints(first: [ParameterSweep.early], every: nil)
      return try reproduction.run(
        chosen.cells, on: bench, record: &record, variation: chosen.variation)
    } report: {
      chosen.report(of: $0)
    }
  }

  private static func runAdmission(_ reproduction: BEMAReproduction) throws {
    var sweep = AdmissionSweep()
    sweep.seeds = reproduction.seeds
    sweep.training.epochs = reproduction.epochs ?? sweep.training.epochs
    let chosen = sweep
    try reproduction.run("bema-admission", onHeldOut: true) { bench, record in
      try bench.run(chosen, record: &record) { kind, seed in
        Console.progress("parties of seed \(seed) train, \(kind) ones among them …")
      }
    } report: {
      chosen.report(of: $0)
    }
  }

  private static func parameter(_ word: String) throws -> SweptParameter {
    if let parameter = SweptParameter(rawValue: word) { return parameter }
    if [omega, centralised].contains(word) {
      throw UsageError("\(word) goes alone: --only \(word)")
    }
    throw BEMAReproduction.unknown(word, "only", names)
  }
}

extension BEMAReproduction {
  /// A name that is none of those that an option takes.
  static func unknown(_ word: String, _ option: String, _ names: [String]) -> UsageError {
    UsageError(
      "--\(option) cannot be \(word); "
        + (NearestName.of(word, among: names).map { "did you mean \($0)?" }
          ?? "it is of \(names.joined(separator: ", "))"))
  }
}
