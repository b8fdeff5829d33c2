import CollaborativeLearning
import Foundation

@main
enum Program {
  static let commands: [any Command.Type] = [
    GenerateCommand.self, ImportCommand.self, InspectCommand.self, TrainCommand.self,
    ScoreCommand.self, EvaluateCommand.self, ExportCommand.self,
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
      for command in commands {
        Console.print(
          "  " + command.name.padding(toLength: 10, withPad: " ", startingAt: 0) + command.summary)
      }
      return words.isEmpty ? 2 : 0
    }
    guard let command = commands.first(where: { $0.name == name }) else {
      let nearest = NearestName.of(name, among: commands.map { $0.name })
      Console.note(
        Console.oneLine(
          "collabdict: unknown command \(name)"
            + (nearest.map { "; did you mean \($0)?" } ?? "; see collabdict --help")))
      return 2
    }
    do {
      let arguments = try Arguments(Array(words.dropFirst()), command.options)
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
