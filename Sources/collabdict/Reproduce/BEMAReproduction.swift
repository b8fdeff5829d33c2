import Experiments
import Foundation
import Storage
import Transport

/// What the commands that repeat the experiments of BEMA share: the images, the record of finished
/// runs, and what is said and written.
struct BEMAReproduction {
  enum Scale: String, CaseIterable { case small, paper }

  static let options = [
    OptionSpecification(
      "scale", "NAME", "small (one seed), or paper (three seeds, every row) [small]"),
    OptionSpecification("data", "FILE.h5", "the digits [$COLLABDICT_DATA/mnist.h5]"),
    OptionSpecification(
      "output", "FOLDER", "write CSV, JSON, SVG and PNG files there, and go on with its runs"),
    OptionSpecification("seeds", "NUMBER", "repetitions [1 or 3]"),
    OptionSpecification("iterations", "NUMBER", "iterations of calibration [50]"),
    OptionSpecification("messages", "NUMBER", "messages that are sent in each [200]"),
    OptionSpecification("epochs", "NUMBER", "of each party's own training [20]"),
    OptionSpecification("public", "NUMBER", "images that all parties of case D hold [500]"),
    OptionSpecification("every", "NUMBER", "measure accuracy after every so many iterations [5]"),
    OptionSpecification("threads", "NUMBER", "models at work at the same time [one a processor]"),
    SharedOptions.json,
  ]

  let scale: Scale
  let seeds: [UInt64]
  let iterations: Int?
  let messages: Int?
  let epochs: Int?
  let publicImages: Int?
  let every: Int
  private let threads: Int
  private let path: String
  private let output: String?
  private let asJSON: Bool

  init(_ arguments: Arguments) throws {
    _ = try arguments.exactly(0, "no other words")
    let word = arguments["scale"] ?? Scale.small.rawValue
    guard let scale = Scale(rawValue: word) else {
      throw UsageError("--scale cannot be \(word); it is small or paper")
    }
    self.scale = scale
    let count = try arguments.integer("seeds", 1...1000) ?? (scale == .paper ? 3 : 1)
    seeds = (1...UInt64(count)).map { $0 }
    iterations = try arguments.integer("iterations", 1...100_000)
    messages = try arguments.integer("messages", 1...100_000)
    epochs = try arguments.integer("epochs", 1...10_000)
    publicImages = try arguments.integer("public", 0...50_000)
    every = try arguments.integer("every", 1...100_000) ?? 5
    threads =
      try arguments.integer("threads", 1...1024)
      ?? ProcessInfo.processInfo.activeProcessorCount
    let folder = ProcessInfo.processInfo.environment["COLLABDICT_DATA"]
    guard let path = arguments["data"] ?? folder.map({ "\($0)/mnist.h5" }) else {
      throw UsageError(
        "say where the digits are with --data mnist.h5, or their folder in COLLABDICT_DATA "
          + "(datasets/README.md tells how to get them)")
    }
    self.path = path
    output = arguments["output"]
    asJSON = arguments.has("json")
  }

  /// Runs what is missing and reports.
  ///
  /// - Parameters:
  ///   - name: of the record of finished runs.
  ///   - isHeldOut: whether the last training images take the place of the test images.
  ///   - work: what runs, and whether it came to its end.
  ///   - report: of the record, however far it came.
  func run(
    _ name: String, onHeldOut isHeldOut: Bool = false,
    work: (CalibrationBench, inout CalibrationRecord) throws -> Bool,
    report: (CalibrationRecord) -> any ExperimentReport
  ) throws {
    if let output { try Reproduction.makeFolder(output) }
    var record =
      try output.map { try CalibrationRecord(path: "\($0)/\(name)-runs.csv") }
      ?? CalibrationRecord()
    let interrupt = Interrupt()
    let bench = try bench(isHeldOut, goesOn: interrupt.goesOn)
    if output != nil { try record.belong(toImages: bench.fingerprint) }
    let isOver = try work(bench, &record)
    Console.endProgress()
    let report = report(record)
    let files = try output.map { try report.write(into: $0) } ?? []
    guard isOver else {
      Console.note(
        output == nil
          ? "stopped; with -o FOLDER finished runs would have been kept"
          : "stopped; finished runs are kept, and the same command goes on")
      throw Interrupted()
    }
    if asJSON {
      Console.print(String(decoding: try report.json(), as: UTF8.self))
      return
    }
    Console.table(report.table.header, report.table.rows)
    Console.print()
    for remark in report.remarks { Console.print(remark) }
    if let output { Console.print("\n\(files.count) files in \(output)") }
  }

  private func bench(
    _ isHeldOut: Bool, goesOn: @escaping @Sendable () -> Bool
  ) throws -> CalibrationBench {
    let images = try ImageFile(readingHDF5: path)
    do {
      var bench = try CalibrationBench(train: images.train, test: images.test)
      if isHeldOut { bench = try bench.heldOut(ParameterSweep.heldOut) }
      bench.threads = threads
      bench.points.every = every
      bench.goesOn = goesOn
      return bench
    } catch {
      throw FileError(path: path, cause: error)
    }
  }

  /// Runs cells, and says how far they are.
  ///
  /// - Parameter variation: what a cell has other than those that go by the same title.
  func run(
    _ cells: [CalibrationCell], on bench: CalibrationBench, record: inout CalibrationRecord,
    variation: (CalibrationCell) -> String? = { _ in nil }
  ) throws -> Bool {
    func title(_ cell: CalibrationCell) -> String {
      Self.title(cell) + (variation(cell).map { ", \($0)" } ?? "")
    }
    do {
      return try bench.run(cells, record: &record) { stage in
        switch stage {
        case .training(let division):
          Console.progress("\(division.name), seed \(division.seed): parties train their models …")
        case .calibrating(let cell, let iteration, let accuracy):
          Console.progress(
            "\(title(cell)): iteration \(iteration) of \(cell.plan.iterations)"
              + (accuracy.map { ", accuracy \(Console.number($0, 4))" } ?? "") + " …")
        case .finished(let cell, let curve, let number, let count):
          Console.endProgress()
          Console.note(
            "\(number) of \(count): \(title(cell)): \(Console.number(curve.before, 4)) → "
              + "\(Console.number(curve.after, 4)), \(Console.duration(curve.last.seconds)) of "
              + "calibration")
        }
      }
    } catch let error as StorageError {
      throw error
    } catch {
      // Images that cannot be dealt out.
      throw FileError(path: path, cause: error)
    }
  }

  /// Trains centralised classifiers, and says how good they are.
  func run(
    _ classifiers: [CentralisedClassifier], on bench: CalibrationBench,
    record: inout CalibrationRecord
  ) throws -> Bool {
    Console.progress("a LeNet-5 learns from all images …")
    return try bench.run(classifiers, record: &record) { classifier, accuracy in
      Console.endProgress()
      Console.note("\(classifier.key): accuracy \(Console.number(accuracy, 4))")
    }
  }

  private static func title(_ cell: CalibrationCell) -> String {
    let attack =
      cell.plan.bogusShare == 0
      ? "" : ", \(Console.percent(cell.plan.bogusShare)) bogus (\(cell.plan.bogusClass.rawValue))"
    return "\(cell.system.rawValue.uppercased()), \(cell.division.name), seed "
      + "\(cell.division.seed)\(attack)"
  }
}
