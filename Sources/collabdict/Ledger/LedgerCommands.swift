import CollaborativeLearning
import GraphicalModels
import Ledger
import Storage

/// `collabdict ledger verify`: everything about a chain, from its bytes alone.
enum LedgerVerifyCommand: Command {
  static let name = "ledger verify"
  static let summary = "check a chain: links, votes, signatures, and what was computed"
  static let synopsis = "CHAIN [--first HASH] [--json]"
  static let options = [
    OptionSpecification("first", "HASH", "the hash that its first block must have"),
    SharedOptions.json,
  ]

  static func run(_ arguments: Arguments) throws {
    let (store, report) = try LedgerReport.read(arguments, recomputes: true)
    let statistics = report.rounds.reduce(0) { $0 + $1.reported.count }
    let recycled = report.rounds.reduce(0) { $0 + $1.recycled.count }
    try SimulateCommand.tell(
      arguments,
      [
        ("sound", .bool(true)), ("blocks", .integer(store.count)),
        ("first_block", .text("\(report.job)")), ("last_block", .text("\(report.head)")),
        ("state", .text(LedgerReport.state(report))),
        ("patterns", .integer(report.learning?.dictionary.count ?? 0)),
        ("reports", .integer(statistics)), ("recycled_reports", .integer(recycled)),
        ("unfinished_bytes", .integer(store.unfinishedBytes)),
      ])
  }
}

/// `collabdict ledger show`: what stands in the blocks of a chain.
enum LedgerShowCommand: Command {
  static let name = "ledger show"
  static let summary = "show what stands in the blocks of a chain"
  static let synopsis = "CHAIN [--json]"
  static let options = [SharedOptions.json]

  static func run(_ arguments: Arguments) throws {
    let (_, report) = try LedgerReport.read(arguments, recomputes: false)
    if arguments.has("json") {
      return try JSON.object([
        ("name", .text(report.terms.name)), ("first_block", .text("\(report.job)")),
        ("clients", .integer(report.terms.clients.count)),
        ("endorsers", .integer(report.terms.endorsers.count)),
        ("orderers", .integer(report.terms.orderers.count)),
        ("state", .text(LedgerReport.state(report))),
        ("blocks", .list(report.rounds.map(LedgerReport.json))),
      ]).print()
    }
    Console.print(
      "\(report.terms.name): \(report.terms.clients.count) clients, "
        + "\(report.terms.endorsers.count) endorsers, \(report.terms.orderers.count) orderers, "
        + "\(LedgerReport.state(report))")
    Console.print("first block \(report.job)\n")
    Console.table(
      ["block", "time (s)", "orderer", "view", "reported", "recycled", "absent", "patterns"],
      report.rounds.map { round in
        [
          "\(round.height) \(String("\(round.hash)".prefix(12)))",
          Console.number(Double(round.time) / 1000), "\(round.orderer)", "\(round.view)",
          "\(round.reported.count)", LedgerReport.numbers(round.recycled.map(\.client)),
          LedgerReport.numbers(round.absent), round.patterns.map { "\($0)" } ?? "-",
        ]
      })
  }
}

/// What both commands have in common.
enum LedgerReport {
  static func read(
    _ arguments: Arguments, recomputes: Bool
  ) throws -> (store: FileBlockStore<Block>, report: ChainVerification) {
    let path = try arguments.exactly(1, "the file of a chain")[0]
    let store = try FileBlockStore<Block>(reading: path)
    let report: ChainVerification
    do {
      report = try ChainVerification(count: store.count, recomputes: recomputes) {
        height throws(StorageError) in try store.block(at: height)
      }
      if let hash = arguments["first"], hash.lowercased() != "\(report.job)" {
        throw ParticipantFailure("its first block has the hash \(report.job)")
      }
    } catch let error as StorageError {
      throw error
    } catch {
      throw FileError(path: path, cause: error)
    }
    return (store, report)
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
