import CollaborativeLearning
import Experiments
import Foundation
import Storage
import Transport

/// `collabdict reproduce sharing-figures`: Ding and Hu 2022, Figs. 6 to 15, Sec. IV-E, and the rules
/// that Sec. V leaves to the future.
enum ReproduceSharingCommand: Command {
  static let name = "reproduce sharing-figures"
  static let summary =
    "what the parameters of Sharing Updatable Models do (2022, Figs. 6 to 15 and Sec. V)"
  static let synopsis = "[--data imdb.h5] [-o FOLDER] [--seeds N] [--only NAMES] [--json]"
  static let options = [
    OptionSpecification(
      "only", "NAMES",
      "some of " + SharingParameter.allCases.map(\.rawValue).joined(separator: ", ") + " [all]"),
    OptionSpecification("data", "FILE.h5", "the reviews [$COLLABDICT_DATA/imdb.h5]"),
    OptionSpecification("output", "FOLDER", "write CSV, JSON, SVG and PNG files there"),
    OptionSpecification("seeds", "NUMBER", "repetitions [5]"),
    OptionSpecification("threads", "NUMBER", "simulations at the same time [one a processor]"),
    SharedOptions.json,
  ]

  static func run(_ arguments: Arguments) throws {
    _ = try arguments.exactly(0, "no other words")
    var sweep = SharingSweep()
    let names = SharingParameter.allCases.map(\.rawValue)
    if let words = arguments.list("only") {
      sweep.parameters = try words.map { word in
        guard let parameter = SharingParameter(rawValue: word) else {
          throw BEMAReproduction.unknown(word, "only", names)
        }
        return parameter
      }
      if sweep.parameters.isEmpty { throw UsageError("an empty list; name at least one") }
    }
    sweep.seeds = (1...UInt64(try arguments.integer("seeds", 1...1000) ?? 5)).map { $0 }
    sweep.threads =
      try arguments.integer("threads", 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
    let data = try SharingArguments.dataPath(arguments)
    if let output = arguments["output"] { try Reproduction.makeFolder(output) }
    let interrupt = Interrupt()
    Console.progress("reviews are read …")
    let reviews = try ReviewFile(reading: data)
    let outcomes = sweep.run(
      train: reviews.train, test: reviews.test, goesOn: interrupt.goesOn
    ) {
      Console.progress("\($0) of \($1) simulations …")
    }
    Console.endProgress()
    let reports = sweep.reports(outcomes)
    let files = try arguments["output"].map { output in
      try reports.flatMap { try $0.write(into: output) }
    }
    if interrupt.happened { throw Interrupted() }
    if arguments.has("json") {
      let texts = try reports.map { String(decoding: try $0.json(), as: UTF8.self) }
      Console.print("{\"reports\": [" + texts.joined(separator: ",\n") + "]}")
      return
    }
    for report in reports {
      Console.table(report.table.header, report.table.rows)
      Console.print()
      for remark in report.remarks { Console.print(remark) }
      Console.print()
    }
    if let files, let output = arguments["output"] {
      Console.print("\(files.count) files in \(output)")
    }
  }
}
