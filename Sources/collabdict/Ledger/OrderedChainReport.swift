import CollaborativeLearning
import GraphicalModels
import Ledger
import Storage

/// Chains of ordered blocks: the jobs of CollabDict 2018.
enum OrderedChainReport {
  /// Reads a whole chain.
  ///
  /// - Parameter recomputes: whether what the blocks say of the learning is computed again.
  static func read(
    _ chain: OpenChain<Block>, recomputes: Bool
  ) throws -> ChainVerification {
    do {
      return try ChainVerification(count: chain.count, recomputes: recomputes) {
        height throws(StorageError) in try chain.block(at: height)
      }
    } catch let error as StorageError {
      throw error
    } catch {
      throw FileError(path: "\(chain.location)", cause: error)
    }
  }

  static func verify(_ chain: OpenChain<Block>) throws -> [(String, JSON)] {
    let report = try read(chain, recomputes: true)
    let statistics = report.rounds.reduce(0) { $0 + $1.reported.count }
    let recycled = report.rounds.reduce(0) { $0 + $1.recycled.count }
    return [
      ("sound", .bool(true)), ("blocks", .integer(chain.count)),
      ("first_block", .text("\(report.job)")), ("last_block", .text("\(report.head)")),
      ("state", .text(state(report))),
      ("patterns", .integer(report.learning?.dictionary.count ?? 0)),
      ("reports", .integer(statistics)), ("recycled_reports", .integer(recycled)),
      ("unfinished_bytes", .integer(chain.unfinishedBytes)),
    ]
  }

  static func show(_ chain: OpenChain<Block>, inJSON: Bool) throws {
    let report = try read(chain, recomputes: false)
    if inJSON {
      return try JSON.object([
        ("name", .text(report.terms.name)), ("first_block", .text("\(report.job)")),
        ("clients", .integer(report.terms.clients.count)),
        ("endorsers", .integer(report.terms.endorsers.count)),
        ("orderers", .integer(report.terms.orderers.count)),
        ("state", .text(state(report))), ("blocks", .list(report.rounds.map(json))),
      ]).print()
    }
    Console.print(
      "\(report.terms.name): \(report.terms.clients.count) clients, "
        + "\(report.terms.endorsers.count) endorsers, \(report.terms.orderers.count) orderers, "
        + "\(state(report))")
    Console.print("first block \(report.job)\n")
    Console.table(
      ["block", "time (s)", "orderer", "view", "reported", "recycled", "absent", "patterns"],
      report.rounds.map { round in
        [
          "\(round.height) \(String("\(round.hash)".prefix(12)))",
          Console.number(Double(round.time) / 1000), "\(round.orderer)", "\(round.view)",
          "\(round.reported.count)", numbers(round.recycled.map(\.client)),
          numbers(round.absent), round.patterns.map { "\($0)" } ?? "-",
        ]
      })
  }

  static func state(_ report: ChainVerification) -> String {
    switch report.conclusion {
    case .goesOn: "under way"
    case .converged: "converged"
    case .failed: "failed: \(report.reason)"
    }
  }

  /// The first few of some clients.
  static func numbers(_ clients: [Int]) -> String {
    if clients.isEmpty { return "-" }
    return clients.prefix(4).map(String.init).joined(separator: ",")
      + (clients.count > 4 ? "… (\(clients.count))" : "")
  }

  static func json(_ round: ChainVerification.Round) -> JSON {
    .object([
      ("height", .integer(Int(round.height))), ("hash", .text("\(round.hash)")),
      ("milliseconds", .integer(Int(clamping: round.time))), ("orderer", .integer(round.orderer)),
      ("view", .integer(Int(round.view))),
      ("reported", .list(round.reported.map { .integer($0) })),
      (
        "recycled",
        .list(
          round.recycled.map {
            .object([("client", .integer($0.client)), ("from", .integer(Int($0.from)))])
          })
      ),
      ("absent", .list(round.absent.map { .integer($0) })),
      ("patterns", round.patterns.map { .integer($0) } ?? .null),
    ])
  }
}
