import CollaborativeLearning
import Experiments
import Foundation
import Ledger
import MultipartyLearning
import Storage

/// The files of a simulated run on a chain of calibrations.
struct BEMAFolder {
  /// What one iteration came to.
  struct Line {
    let iteration: Int
    let accuracy: Double
    let outcome: IterationOutcome

    init(iteration: Int, accuracy: Double, _ outcome: IterationOutcome = IterationOutcome()) {
      self.iteration = iteration
      self.accuracy = accuracy
      self.outcome = outcome
    }
  }

  let path: String
  var chainPath: String { "\(path)/chain.db" }

  init(_ path: String, replacing: Bool) throws {
    self.path = path
    try Reproduction.makeFolder(path)
    if replacing {
      Reproduction.removeChain(chainPath)
    } else {
      try AtomicFile.refuseExisting(chainPath)
    }
  }

  /// A new chain.
  func chain(first: MinedBlock) throws -> SQLiteBlockStore<MinedBlock> {
    var chain = try SQLiteBlockStore<MinedBlock>(opening: chainPath)
    try chain.append(first)
    return chain
  }

  /// Writes the settings, the table and the drawing.
  func write(_ configuration: MultipartyConfiguration, _ curve: [Line]) throws {
    try Reproduction.write(SettingsArguments.json(configuration), to: "\(path)/settings.json")
    var table = try CSVWriter(
      replacing: "\(path)/iterations.csv",
      columns: [
        "iteration", "accuracy", "honest", "honest_valid", "bogus", "bogus_valid", "searched",
      ])
    for line in curve {
      try table.append([
        Double(line.iteration), line.accuracy, Double(line.outcome.honest),
        Double(line.outcome.validHonest), Double(line.outcome.bogus),
        Double(line.outcome.validBogus), Double(line.outcome.searched),
      ])
    }
    try table.commit()
    let lowest = curve.map(\.accuracy).min() ?? 0
    let chart = LineChart(
      title: "Accuracy of all models together", x: Axis("iteration"),
      y: Axis("accuracy", range: max(0, lowest - 0.02)...1),
      series: [
        LineChart.Series(
          "BEMA, \(Int((100 * configuration.plan.bogusShare).rounded())) % bogus messages",
          curve.map { Point(Double($0.iteration), $0.accuracy) })
      ])
    try chart.write(to: "\(path)/accuracy")
  }
}
