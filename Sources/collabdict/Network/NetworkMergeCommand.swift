import CollaborativeLearning
import Storage

/// `collabdict network merge`: the signatures of copies that travelled separately, in one file.
enum NetworkMergeCommand: Command {
  static let name = "network merge"
  static let summary = "gather the signatures of several copies of one file"
  static let synopsis = "COPY.json COPY.json … -o NETWORK.json"
  static let options = [SharedOptions.output, SharedOptions.force]

  static func run(_ arguments: Arguments) throws {
    let output = try arguments.output()
    let paths = arguments.positional
    guard let first = paths.first, paths.count > 1 else {
      throw UsageError("missing: two copies or more of one network file")
    }
    var merged = try Network(readingJSON: first)
    for path in paths.dropFirst() {
      let copy = try Network(readingJSON: path)
      do throws(NetworkError) {
        merged = try merged.merged(with: copy)
      } catch {
        throw FileError(path: path, cause: error)
      }
    }
    // A copy that was merged may be replaced: the output has all of its signatures.
    let isCopy = (try? AtomicFile.refuseOverwriting(output: output, inputs: paths)) == nil
    try merged.write(json: output, replacing: isCopy || arguments.has("force"))
    Console.print("\(output): \(merged.check())")
  }
}
