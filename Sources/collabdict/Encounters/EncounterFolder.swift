import CollaborativeLearning
import Experiments
import Foundation
import Ledger
import Simulation
import Storage

/// The files of a simulated run of iDML.
struct EncounterFolder {
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

  /// Appends blocks to the folder's chain.
  func keep() throws -> (MinedBlock) throws -> Void {
    let store = try SharedBlockStore<MinedBlock>(opening: chainPath)
    return { try store.append($0) }
  }

  /// Takes back the chain of a run that ended before there was anything to tell of: the same command
  /// begins it again.
  func discard() { Reproduction.removeChain(chainPath) }

  /// Writes settings, figures, the curve, the stakes and their drawings.
  func write(
    _ configuration: EncounterConfiguration, _ outcome: EncounterSimulation.Outcome,
    _ figures: [(String, JSON)]
  ) throws {
    try Reproduction.write(SettingsArguments.json(configuration), to: "\(path)/settings.json")
    try Reproduction.write(.object(figures), to: "\(path)/result.json")
    let participants = configuration.hasContract ? configuration.participants : 0
    var table = try CSVWriter(
      replacing: "\(path)/rounds.csv",
      columns: ["round", "height", "accuracy"] + (0..<participants).map { "stake_\($0 + 1)" })
    for point in outcome.curve {
      try table.append(
        [Double(point.round), Double(point.height), point.accuracy]
          + point.stakes.map { Double($0) })
    }
    try table.commit()
    let chart = LineChart(
      title: "Mean accuracy of honest participants", x: Axis("round"), y: Axis("accuracy"),
      series: [
        LineChart.Series(
          "\(configuration.attackers) attackers",
          outcome.curve.map { Point(Double($0.round), $0.accuracy) })
      ])
    _ = try chart.write(to: "\(path)/accuracy")
    if configuration.hasContract {
      _ = try StakeChart.chart(
        outcome, threshold: Double(configuration.terms.stakeThreshold)
      ).write(to: "\(path)/stakes")
    }
  }
}
