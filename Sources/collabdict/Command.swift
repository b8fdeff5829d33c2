import CollaborativeLearning
import Storage

/// One of the program's commands.
protocol Command: SendableMetatype {
  static var name: String { get }
  /// One line for the list of commands.
  static var summary: String { get }
  /// The words after the command's name, as in `DATA.h5 -o MODEL.h5`.
  static var synopsis: String { get }
  static var options: [OptionSpecification] { get }

  static func run(_ arguments: Arguments) throws
}

extension Command {
  static var help: String {
    var text = "\(summary)\n\nusage: collabdict \(name) \(synopsis)\n"
    if !options.isEmpty {
      text += "\noptions:\n"
      let heads = options.map { option in
        "  " + (option.name == "output" ? "-o, " : "") + "--\(option.name)"
          + (option.value.map { " \($0)" } ?? "")
      }
      let width = heads.reduce(0) { max($0, $1.count) }
      for (head, option) in zip(heads, options) {
        text += head + String(repeating: " ", count: width - head.count + 2) + option.help + "\n"
      }
    }
    return text
  }
}

/// Commands of two words that share the first, as in `network sign`.
struct CommandGroup: Sendable {
  let name: String
  let summary: String
  /// Their names are of two words.
  let commands: [any Command.Type]

  /// The list of commands, for people.
  var help: String {
    let width = commands.reduce(0) { max($0, $1.name.count) }
    return "\(summary)\n\nusage: collabdict \(name) COMMAND …          "
      + "collabdict \(name) COMMAND --help\n\n"
      + commands.map {
        "  " + $0.name + String(repeating: " ", count: width - $0.name.count + 2) + $0.summary
      }.joined(separator: "\n")
  }
}

/// Options that several commands share.
enum SharedOptions {
  static let output = OptionSpecification("output", "FILE", "the file to write")
  static let force = OptionSpecification("force", nil, "replace files that are there already")
  static let json = OptionSpecification("json", nil, "report as one JSON object on standard output")

  /// Where a data file keeps its parts.
  static let layout = [
    OptionSpecification("train", "PATH", "training rows [/{participant}/train]"),
    OptionSpecification("test", "PATH", "rows to score [/{participant}/test]"),
    OptionSpecification("labels", "PATH", "their labels [/{participant}/test_labels]"),
    OptionSpecification(
      "values", "PATH", "rows of both kinds in one data set; --labels has their labels"),
    OptionSpecification(
      "split", "SHARE", "with --values: this first share of the normal rows trains [0.5]"),
    OptionSpecification("participants", "NAMES", "only these, separated by commas"),
  ]

  /// - Parameter withParticipants: whether --participants names some, rather than being a number.
  static func layout(
    _ arguments: Arguments, withParticipants: Bool = true
  ) throws -> FleetLayout {
    var layout = FleetLayout()
    layout.train = arguments["train"] ?? layout.train
    layout.test = arguments["test"] ?? layout.test
    layout.labels = arguments["labels"] ?? layout.labels
    layout.values = arguments["values"]
    layout.split = try arguments.number("split", 0...1) ?? layout.split
    if withParticipants { layout.participants = arguments.list("participants") }
    return layout
  }

  /// One option for each setting of a run.
  static let settings = TrainingConfiguration.options.map {
    OptionSpecification($0.name, "VALUE", "\($0.help) [\($0.get(TrainingConfiguration()))]")
  }

  /// Settings: the defaults, then the file of --config, then the command line.
  ///
  /// - Parameter modelClass: of commands that are for one class alone.
  static func configuration(
    _ arguments: Arguments, of modelClass: ModelClass? = nil
  ) throws -> TrainingConfiguration {
    var configuration = try configurationOfAllClasses(arguments)
    if let modelClass { configuration.modelClass = modelClass }
    for option in TrainingConfiguration.options where arguments[option.name] != nil {
      if let only = option.modelClass, only != configuration.modelClass {
        throw UsageError("--\(option.name) goes with --model \(only.rawValue)")
      }
    }
    return configuration.relevant
  }

  /// The same with the settings of every model class.
  static func configurationOfAllClasses(_ arguments: Arguments) throws -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    if let path = arguments["config"] { try configuration.read(json: path) }
    for option in TrainingConfiguration.options {
      guard let value = arguments[option.name] else { continue }
      do {
        try configuration.set(option.name, to: value)
      } catch {
        throw UsageError("--\(error.description)")
      }
    }
    do {
      try configuration.validate()
    } catch {
      throw UsageError(error.description)
    }
    return configuration
  }
}
