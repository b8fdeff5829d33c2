import Experiments
import Foundation
import Ledger
import Simulation
import Storage

/// The files of a simulated run of Sharing Updatable Models.
struct SharingFolder {
  let path: String
  var chainPath: String { "\(path)/chain.db" }
  private var resultPath: String { "\(path)/result.json" }
  private var settingsPath: String { "\(path)/settings.json" }
  private var curvePath: String { "\(path)/curve.csv" }

  /// - Parameters:
  ///   - inputs: files that must stay as they are.
  ///   - replacing: whether the files of another run may be replaced.
  init(_ path: String, inputs: [String], replacing: Bool) throws {
    self.path = path
    try Reproduction.makeFolder(path)
    let drawings = ["accuracy", "balances"].flatMap { ["\(path)/\($0).svg", "\(path)/\($0).png"] }
    for output in [resultPath, settingsPath, curvePath, chainPath] + drawings {
      try AtomicFile.refuseOverwriting(output: output, inputs: inputs)
      if !replacing { try AtomicFile.refuseExisting(output) }
    }
    // A chain grows, and that of another run would not go with the new result.
    if replacing { Reproduction.removeChain(chainPath) }
  }

  /// The folder's chain, while a run adds to it.
  final class Chain {
    private let store: SharedBlockStore<MinedBlock>
    /// Blocks that are not in the file yet. A run that is begun again makes the same ones, so that the
    /// disk need not be waited for at each.
    private var waiting: [MinedBlock] = []

    init(_ path: String) throws { store = try SharedBlockStore(opening: path) }

    var blocks: Int { store.count + waiting.count }

    func append(_ block: MinedBlock) throws {
      waiting.append(block)
      if waiting.count == 512 { try flush() }
    }

    /// Writes what is waiting.
    func flush() throws {
      try store.append(contentsOf: waiting)
      waiting = []
    }
  }

  func keep() throws -> Chain { try Chain(chainPath) }

  /// Writes settings, result, curve and drawings.
  func write(
    _ configuration: SharingConfiguration, _ outcome: SharingOutcome, _ result: JSON
  ) throws {
    try Reproduction.write(SettingsArguments.json(configuration), to: settingsPath)
    try Reproduction.write(result, to: resultPath)
    var table = try CSVWriter(
      replacing: curvePath,
      columns: [
        "day", "accuracy", "good_balance", "good_locked", "bad_balance", "bad_locked",
      ])
    for point in outcome.curve {
      try table.append([
        point.day, point.accuracy, point.good.balance, point.good.locked, point.bad.balance,
        point.bad.locked,
      ])
    }
    try table.commit()
    _ = try SharingCurve.accuracy(outcome).write(to: "\(path)/accuracy")
    _ = try SharingCurve.balances(outcome).write(to: "\(path)/balances")
  }
}
