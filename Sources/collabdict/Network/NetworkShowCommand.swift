import CollaborativeLearning
import Storage

/// `collabdict network show`: members, terms, who signed, and what is missing.
enum NetworkShowCommand: Command {
  static let name = "network show"
  static let summary = "show members, terms, who signed, and what is missing"
  static let synopsis = "NETWORK.json [--json]"
  static let options = [SharedOptions.json]

  static func run(_ arguments: Arguments) throws {
    let path = try arguments.exactly(1, "one network file")[0]
    let network = try Network(readingJSON: path)
    if arguments.has("json") {
      try NetworkReport.json(network).print()
    } else {
      NetworkReport.show(path, network)
    }
  }
}
