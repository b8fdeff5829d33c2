import AnomalyDetection
import CollaborativeLearning
import Datasets
import Experiments
import Foundation
import Storage

/// `collabdict compare`: both model classes and the baselines on one fleet, side by side.
enum CompareCommand: Command {
  static let name = "compare"
  static let summary = "fit both model classes and baselines on one fleet, side by side"
  static let synopsis = "FLEET.h5 [--seeds N] [--json] [settings of either class]"
  static let options =
    [
      OptionSpecification("config", "FILE", "settings as a JSON object, of both classes"),
      OptionSpecification("seeds", "N", "runs of each model, from seeds that follow --seed [3]"),
      OptionSpecification(
        "threads", "N", "participants that run at the same time [all processors]"),
      SharedOptions.json,
    ] + SharedOptions.layout + SharedOptions.settings.filter { $0.name != "model" }

  static func run(_ arguments: Arguments) throws {
    let path = try arguments.exactly(1, "one sensor file")[0]
    let configuration = try SharedOptions.configurationOfAllClasses(arguments)
    let count = try arguments.integer("seeds", 1...1000) ?? 3
    let threads =
      try arguments.integer("threads", 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
    let fleet = try SensorFleet(readingHDF5: path, layout: try SharedOptions.layout(arguments))
    let results: [ComparedDetector]
    do {
      let comparison = try Comparison(
        fleet, configuration, seeds: (0..<count).map { configuration.seed &+ UInt64($0) },
        threads: threads)
      results = try comparison.run { Console.progress($0 + " …") }
    } catch {
      Console.endProgress()
      throw FileError(path: path, cause: error)
    }
    Console.endProgress()
    if arguments.has("json") { return try json(results).print() }
    show(results, seeds: count)
  }

  private static func show(_ results: [ComparedDetector], seeds: Int) {
    Console.table(
      [
        "model", "AUROC", "±", "AUPRC", "±", "VUS-PR", "F1", "false al.", "missed", "train, s",
        "µs a row", "sums",
      ],
      results.map { result in
        let (auroc, auprc) = (Spread(result.values(\.auroc)), Spread(result.values(\.auprc)))
        func mean(_ values: [Double]) -> Double? { Spread(values)?.mean }
        return [
          result.name, Console.number(auroc?.mean), Console.number(auroc?.deviation, 4),
          Console.number(auprc?.mean), Console.number(auprc?.deviation, 4),
          Console.number(mean(result.values(\.vusPR))), Console.number(mean(result.values(\.f1))),
          Console.percent(mean(result.values(\.falseAlarmRate))),
          Console.percent(mean(result.values(\.missedAlarmRate))),
          Console.number(mean(result.trainingSeconds), 2),
          Console.number(mean(result.scoringSeconds).map { $0 * 1e6 }, 1),
          Console.number(mean(result.sums.map(Double.init)), 0),
        ]
      })
    Console.print()
    let learned = results.filter { !$0.traits.isEmpty }
    for trait in ComparedDetector.Trait.allCases {
      Console.print(trait.rawValue)
      for result in learned {
        let name = result.name.padding(toLength: 16, withPad: " ", startingAt: 0)
        Console.print("  \(name)\(result.traits[trait] ?? "-")")
      }
    }
    Console.print(
      "\nmeans over the participants and \(seeds) \(seeds == 1 ? "seed" : "seeds"), ± the standard "
        + "deviation over seeds; thresholds of all from five fits without a fifth of the training "
        + "rows; no sums: each participant alone (T², PCA), or covariance matrices in one place")
  }

  private static func json(_ results: [ComparedDetector]) -> JSON {
    func numbers(_ values: [Double]) -> JSON { .list(values.map { .number($0) }) }
    return .object(
      results.map { result in
        (
          result.name,
          .object([
            ("auroc", numbers(result.values(\.auroc))), ("auprc", numbers(result.values(\.auprc))),
            ("vus_pr", numbers(result.values(\.vusPR))), ("f1", numbers(result.values(\.f1))),
            ("false_alarm_rate", numbers(result.values(\.falseAlarmRate))),
            ("missed_alarm_rate", numbers(result.values(\.missedAlarmRate))),
            ("training_seconds", numbers(result.trainingSeconds)),
            ("scoring_seconds_a_row", numbers(result.scoringSeconds)),
            ("sums", .list(result.sums.map { .integer($0) })),
            ("contributed_bytes", .list(result.contributedBytes.map { .integer($0) })),
            (
              "table_1",
              .object(
                ComparedDetector.Trait.allCases.compactMap { trait in
                  result.traits[trait].map { (trait.rawValue, .text($0)) }
                })
            ),
          ])
        )
      })
  }
}
