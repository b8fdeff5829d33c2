import CollaborativeLearning
import Foundation
import Incentives
import Ledger
import Storage

/// `collabdict contract audit`: executes a contract's chain once more, and tells what is in it.
enum ContractAuditCommand: Command {
  static let name = "contract audit"
  static let summary =
    "verify a contract's chain by executing it, and follow one encounter or sample"
  static let synopsis =
    "CHAIN|etcd://host:port[,…]/prefix [--encounter N | --sample N] [--json]"
  static let options =
    [
      OptionSpecification("encounter", "N", "everything about one, from prepayment to award"),
      OptionSpecification(
        "sample", "N", "everything about one, from its deposit to refund, report or rest"),
      SharedOptions.json,
    ] + LedgerArguments.clusterOptions

  static func run(_ arguments: Arguments) throws {
    var numbers: [String: UInt64] = [:]
    for name in affairNames {
      numbers[name] = try arguments.integer(name, 0...Int.max).map { UInt64($0) }
    }
    try ContractErrand.run(arguments) { contract, chain in
      if let other = affairNames.first(where: { numbers[$0] != nil && $0 != contract.affairName }) {
        throw UsageError(
          "the chain is of \(contract.application), which has no \(other); follow one "
            + "\(contract.affairName) with --\(contract.affairName) N")
      }
      try audit(contract, chain, numbers[contract.affairName], arguments)
    }
  }

  /// The options that ask for one affair.
  private static var affairNames: [String] { ContractErrand.contracts.map { $0.affairName } }

  private static func audit<C: ShownContract>(
    _ contract: C.Type, _ chain: OpenChain<MinedBlock>, _ number: UInt64?, _ arguments: Arguments
  ) throws {
    let reader = try ContractChainReader<C>(chain, affair: number)
    try chain.checkStructure()
    let inJSON = arguments.has("json")
    guard let number else {
      let facts = [("sound", JSON.bool(true))] + reader.facts + reader.state.contract.shownFacts
      let (events, refusals) = (sorted(reader.counts), sorted(reader.refusals))
      if inJSON {
        return try JSON.object(
          facts + [
            ("events", .object(events.map { ($0.0, .integer($0.1)) })),
            ("refused", .object(refusals.map { ($0.0, .integer($0.1)) })),
          ]
        ).print()
      }
      try SimulateCommand.tell(arguments, facts)
      if !events.isEmpty {
        Console.print("\nevents")
        Console.table(["event", "times"], events.map { [$0.0, "\($0.1)"] })
      }
      if !refusals.isEmpty {
        Console.print("\nrefused calls")
        Console.table(["call", "times"], refusals.map { [$0.0, "\($0.1)"] })
      }
      return
    }
    guard !reader.entries.isEmpty else {
      throw FileError(
        path: "\(chain.location)",
        cause: ParticipantFailure("there is no \(C.affairName) \(number) on this chain"))
    }
    if inJSON {
      return try JSON.object([
        ("sound", .bool(true)), (C.affairName, .integer(Int(clamping: number))),
        ("blocks", .integer(reader.blocks)),
        (
          "trail",
          .list(
            reader.entries.map { entry in
              .object(
                [
                  ("height", .integer(Int(clamping: entry.height))),
                  ("milliseconds", .integer(Int(clamping: entry.milliseconds))),
                  ("event", .text(entry.name)),
                ] + entry.facts)
            })
        ),
      ]).print()
    }
    Console.print(
      "\(C.affairName) \(number), in a sound chain of \(reader.blocks) blocks of \(C.application)\n"
    )
    for entry in reader.entries {
      let words = entry.facts.map { "\($0.0.replacing("_", with: " ")) \(short($0.1))" }
      Console.print(
        "block \(entry.height)".padding(toLength: 12, withPad: " ", startingAt: 0)
          + entry.name.padding(toLength: 14, withPad: " ", startingAt: 0)
          + words.joined(separator: ", "))
    }
  }

  private static func sorted(_ counts: [String: Int]) -> [(String, Int)] {
    counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// For people: long hexadecimal words by their first digits.
  private static func short(_ value: JSON) -> String {
    value.cell.split(separator: " ").map { word in
      word.count == 64 && word.allSatisfy(\.isHexDigit) ? "\(word.prefix(12))…" : String(word)
    }.joined(separator: " ")
  }
}
