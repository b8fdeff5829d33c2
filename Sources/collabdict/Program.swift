import CollaborativeLearning
import Foundation
import Settings

@main
enum Program {
  static let commands: [any Command.Type] = [
    GenerateCommand.self, ImportCommand.self, InspectCommand.self, TrainCommand.self,
    ScoreCommand.self, EvaluateCommand.self, CompareCommand.self, ExportCommand.self,
    KeygenCommand.self,
    NodeCommand.self, StatusCommand.self, SimulateCommand.self, SimulateOrderedCommand.self,
    SimulateBEMACommand.self, SimulateSharingCommand.self, SimulateIDMLCommand.self,
  ]

  /// Commands of two words, by their first.
  static let groups = [
    CommandGroup(
      name: "network", summary: "agree with others on a network, and sign it",
      commands: [
        NetworkInitCommand.self, NetworkSignCommand.self, NetworkMergeCommand.self,
        NetworkShowCommand.self, NetworkJoinCommand.self, NetworkLeaveCommand.self,
        NetworkApproveCommand.self,
      ]),
    CommandGroup(
      name: "ledger", summary: "take part in a chain of blocks, look into it, and check it",
      commands: [
        LedgerInitCommand.self, LedgerNodeCommand.self,
        LedgerVerifyCommand.self, LedgerShowCommand.self, LedgerFollowCommand.self,
        LedgerExportCommand.self,
      ]),
    CommandGroup(
      name: "contract", summary: "look into the accounts of a contract on a chain, and check them",
      commands: [ContractShowCommand.self, ContractAuditCommand.self]),
    CommandGroup(
      name: "bema", summary: "models of parties that calibrate one another on a chain",
      commands: [PartyTrainCommand.self, PartyApproveCommand.self]),
    CommandGroup(
      name: "reproduce", summary: "repeat the experiments of the papers on public data",
      commands: [
        ReproduceCleansingCommand.self, ReproduceDetectionCommand.self,
        ReproduceBEMATableCommand.self, ReproduceBEMAFigureCommand.self,
        ReproduceBEMASweepsCommand.self, ReproduceSharingCommand.self,
        ReproduceIDMLVotesCommand.self, ReproduceIDMLAttacksCommand.self,
        ReproduceIDMLLazinessCommand.self,
      ]),
  ]

  static let overview = """
    Learns anomaly detectors for machines of several organisations together: nobody shows data.

    usage: collabdict COMMAND …          collabdict COMMAND --help

    """

  /// Runs the command that the words name and returns the exit code: 0, 1 for what went wrong, 2 for
  /// a mistake on the command line.
  static func run(_ words: [String]) -> Int32 {
    guard let name = words.first, name != "--help", name != "-h", name != "help" else {
      Console.print(overview)
      for (name, summary) in commands.map({ ($0.name, $0.summary) })
        + groups.map({ ($0.name, $0.summary) })
      {
        Console.print("  " + name.padding(toLength: 18, withPad: " ", startingAt: 0) + summary)
      }
      return words.isEmpty ? 2 : 0
    }
    if let group = groups.first(where: { $0.name == name }) {
      return run(group, Array(words.dropFirst()))
    }
    // A command with a second word of its own goes before the one without.
    let two = words.prefix(2).joined(separator: " ")
    if words.count > 1, let command = commands.first(where: { $0.name == two }) {
      return run(command, Array(words.dropFirst(2)))
    }
    guard let command = commands.first(where: { $0.name == name }) else {
      return unknown(name, among: commands.map { $0.name } + groups.map(\.name), "")
    }
    return run(command, Array(words.dropFirst()))
  }

  /// Runs a command of two words, of which the first is taken.
  private static func run(_ group: CommandGroup, _ words: [String]) -> Int32 {
    guard let second = words.first, second != "--help", second != "-h", second != "help" else {
      Console.print(group.help)
      return words.isEmpty ? 2 : 0
    }
    let name = "\(group.name) \(second)"
    guard let command = group.commands.first(where: { $0.name == name }) else {
      return unknown(name, among: group.commands.map { $0.name }, " \(group.name)")
    }
    return run(command, Array(words.dropFirst()))
  }

  private static func unknown(_ name: String, among names: [String], _ help: String) -> Int32 {
    let nearest = NearestName.of(name, among: names)
    Console.note(
      Console.oneLine(
        "collabdict: unknown command \(name)"
          + (nearest.map { "; did you mean \($0)?" } ?? "; see collabdict\(help) --help")))
    return 2
  }

  private static func run(_ command: any Command.Type, _ words: [String]) -> Int32 {
    let name = command.name
    do {
      let arguments = try Arguments(words, command.options)
      if arguments.wantsHelp {
        Console.print(String(command.help.dropLast()))
        return 0
      }
      try command.run(arguments)
      return 0
    } catch let error as UsageError {
      Console.note(
        Console.oneLine("collabdict \(name): \(error); see collabdict \(name) --help"))
      return 2
    } catch {
      Console.endProgress()
      Console.error(error)
      return 1
    }
  }

  static func main() {
    // A limit on the size of files is a full disk like any other: an error, not a death that leaves
    // half a file behind.
    _ = signal(SIGXFSZ, SIG_IGN)
    let code = run(Array(CommandLine.arguments.dropFirst()))
    if Console.outputFailed {
      Console.note("collabdict: cannot write to standard output; look where it leads")
      exit(max(code, 1))
    }
    exit(code)
  }
}
