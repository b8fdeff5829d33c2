import Simulation
import Storage
import Transport

/// `collabdict simulate sharing`: a good and a bad agent share data over a contract.
enum SimulateSharingCommand: Command {
  static let name = "simulate sharing"
  static let summary =
    "agents share data with deposits, and a contract keeps the model (Sharing Updatable Models)"
  static let synopsis = "--data IMDB.h5 -o FOLDER [--config SHARING.json] [--num-words N] …"
  static let options =
    [
      OptionSpecification("output", "FOLDER", "where result, curve, drawings and settings go"),
      OptionSpecification(
        "data", "FILE", "word_ranks, offsets and labels in /train and /test (HDF5)"),
      OptionSpecification(
        "config", "FILE", "settings as a JSON object; Table I's names are good, too"),
      OptionSpecification(
        "chain", nil, "sign every call, mine it into a block, and keep the chain as chain.db"),
      SharedOptions.force, SharedOptions.json,
    ] + SharingArguments.settings

  static func run(_ arguments: Arguments) throws {
    _ = try arguments.exactly(0, "options")
    let data = try SharingArguments.dataPath(arguments)
    let output = try arguments.output()
    let configuration = try SharingArguments.configuration(arguments)
    let files = try SharingFolder(
      output, inputs: [data] + arguments.all("config"), replacing: arguments.has("force"))
    let interrupt = Interrupt()
    Console.progress("reviews are read …")
    let reviews = try ReviewFile(reading: data)
    let shared = SharedReviews(
      train: reviews.train, test: reviews.test, words: configuration.words)
    Console.progress("agents share \(shared.trainCount) reviews …")
    defer { Console.endProgress() }
    let chain = arguments.has("chain") ? try files.keep() : nil
    let outcome =
      if let chain {
        try shared.run(configuration, keepingChain: chain.append, goesOn: interrupt.goesOn)
      } else { shared.run(configuration, goesOn: interrupt.goesOn) }
    try chain?.flush()
    guard let outcome else { throw Interrupted() }
    Console.endProgress()
    var figures = figures(outcome)
    if let chain {
      figures += [("blocks", .integer(chain.blocks)), ("chain", .text(files.chainPath))]
    }
    try files.write(configuration, outcome, .object(figures))
    try SimulateCommand.tell(arguments, figures)
  }

  private static func figures(_ outcome: SharingOutcome) -> [(String, JSON)] {
    func scores(_ name: String, _ scores: ReviewScores) -> [(String, JSON)] {
      [
        ("accuracy_\(name)", .number(scores.accuracy)),
        ("precision_\(name)", .number(scores.precision)),
        ("recall_\(name)", .number(scores.recall)), ("f1_\(name)", .number(scores.f1)),
      ]
    }
    func agent(_ name: String, _ agent: SharingOutcome.Agent) -> [(String, JSON)] {
      [
        ("\(name)_submitted", .integer(agent.submitted)),
        ("\(name)_refunds", .integer(agent.refunds)),
        ("\(name)_reports", .integer(agent.reports)),
        ("\(name)_rests_taken", .integer(agent.rests)),
        ("\(name)_balance", .number(agent.balance)), ("\(name)_locked", .number(agent.locked)),
      ]
    }
    return scores("before", outcome.before) + scores("after", outcome.after)
      + [
        ("accuracy_all_data", .number(outcome.allData.accuracy)),
        ("accuracy_without_bad", .number(outcome.withoutBad.accuracy)),
        ("gap_points", .number(outcome.gap)),
        ("gap_without_bad_points", .number(outcome.gapWithoutBad)),
        ("days", .number(outcome.days)), ("days_until_bad_gone", .number(outcome.daysUntilGone)),
        ("days_until_bad_spent", .number(outcome.bad.spentAfter)),
        ("days_until_good_gone", .number(outcome.good.stoppedAfter)),
      ] + agent("good", outcome.good) + agent("bad", outcome.bad)
      + [("skipped_turns", .integer(outcome.tally.skippedTurns))]
  }
}
