import CollaborativeLearning
import Settings

/// A mistake on the command line: exit code 2.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// An option that a command takes.
struct OptionSpecification {
  let name: String
  /// What its value is called in help; `nil` for a flag.
  let value: String?
  let help: String

  init(_ name: String, _ value: String? = nil, _ help: String) {
    self.name = name
    self.value = value
    self.help = help
  }
}

/// The words of a command line, sorted into options and the rest.
struct Arguments {
  /// What belongs to no option, in order.
  private(set) var positional: [String] = []
  private var values: [String: [String]] = [:]
  private(set) var wantsHelp = false

  /// - Throws: ``UsageError`` for an option that the command does not know (with the nearest that it
  ///   does) or that lacks its value.
  init(_ words: [String], _ options: [OptionSpecification]) throws(UsageError) {
    var rest = words[...]
    var onlyPositional = false
    while let word = rest.popFirst() {
      if onlyPositional || !word.hasPrefix("-") || word == "-" {
        positional.append(word)
      } else if word == "--" {
        onlyPositional = true
      } else if word == "-h" || word == "--help" {
        wantsHelp = true
      } else {
        try take(word, &rest, options)
      }
    }
  }

  private mutating func take(
    _ word: String, _ rest: inout ArraySlice<String>, _ options: [OptionSpecification]
  ) throws(UsageError) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0]) == "-o" ? "--output" : String(parts[0])
    guard let option = options.first(where: { "--\($0.name)" == name }) else {
      let nearest = NearestName.of(name, among: options.map { "--\($0.name)" })
      throw UsageError(
        "unknown option \(parts[0])" + (nearest.map { "; did you mean \($0)?" } ?? ""))
    }
    if option.value == nil {
      guard parts.count == 1 else { throw UsageError("\(name) takes no value") }
      values[option.name, default: []].append("")
    } else if parts.count == 2 {
      values[option.name, default: []].append(String(parts[1]))
    } else {
      guard let value = rest.popFirst() else { throw UsageError("\(name) needs a value") }
      values[option.name, default: []].append(value)
    }
  }

  /// Whether an option was given.
  func has(_ name: String) -> Bool { values[name] != nil }

  /// The last value given to an option.
  subscript(name: String) -> String? { values[name]?.last }

  /// All values given to an option, as they are.
  func all(_ name: String) -> [String] { values[name] ?? [] }

  /// All values given to an option, each split at commas.
  func list(_ name: String) -> [String]? {
    values[name]?.flatMap { $0.split(separator: ",").map(String.init) }
  }

  /// A whole number from an option.
  func integer(_ name: String, _ range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = self[name] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw UsageError(
        "--\(name) cannot be \(text); it is a whole number from \(range.lowerBound) to "
          + "\(range.upperBound)")
    }
    return value
  }

  /// A number from an option.
  func number(_ name: String, _ range: ClosedRange<Double>) throws(UsageError) -> Double? {
    guard let text = self[name] else { return nil }
    guard let value = Double(text), range.contains(value) else {
      throw UsageError(
        "--\(name) cannot be \(text); it is a number from \(range.lowerBound) to "
          + "\(range.upperBound)")
    }
    return value
  }

  /// The output file.
  func output() throws(UsageError) -> String {
    guard let path = self["output"] else { throw UsageError("say where to write with -o FILE") }
    return path
  }

  /// Positional words, of which there must be that many.
  func exactly(_ count: Int, _ what: String) throws(UsageError) -> [String] {
    guard positional.count == count else {
      throw UsageError(
        positional.count < count
          ? "missing: \(what)" : "unexpected word \(positional[count]); expected only \(what)")
    }
    return positional
  }
}
