/// A JSON value (RFC 8259) whose members keep their order and whose numbers keep their digits: what
/// is read and written again is the same text.
enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// As it is written.
  case number(String)
  case text(String)
  case list([JSONValue])
  case object([Member])

  struct Member: Sendable, Equatable {
    let key: String
    let value: JSONValue
  }

  static func integer(_ value: Int) -> JSONValue { .number(String(value)) }

  /// - Precondition: finite.
  static func double(_ value: Double) -> JSONValue {
    precondition(value.isFinite, "JSON has no word for \(value)")
    if value == value.rounded(), abs(value) < 1e15 { return .number(String(Int64(value))) }
    return .number(String(value))
  }

  /// What the value is, for people.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .number: "a number"
    case .text: "a text"
    case .list: "a list"
    case .object: "an object"
    }
  }

  /// The value as text: two blanks a level, lists of plain values in one line, a line break at the
  /// end.
  var pretty: String {
    var text = ""
    write(to: &text, indent: "")
    return text + "\n"
  }

  private var isPlain: Bool {
    switch self {
    case .null, .bool, .number, .text: true
    case .list, .object: false
    }
  }

  private func write(to text: inout String, indent: String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let digits): text += digits
    case .text(let value): text += Self.quoted(value)
    case .list(let values):
      if values.allSatisfy(\.isPlain) {
        text += "["
        for (index, value) in values.enumerated() {
          if index > 0 { text += ", " }
          value.write(to: &text, indent: indent)
        }
        text += "]"
      } else {
        Self.write(values.map { (nil, $0) }, "[", "]", to: &text, indent: indent)
      }
    case .object(let members):
      if members.isEmpty {
        text += "{}"
      } else {
        Self.write(members.map { ($0.key, $0.value) }, "{", "}", to: &text, indent: indent)
      }
    }
  }

  private static func write(
    _ elements: [(key: String?, value: JSONValue)], _ open: String, _ close: String,
    to text: inout String, indent: String
  ) {
    let inner = indent + "  "
    text += open
    for (index, element) in elements.enumerated() {
      text += (index > 0 ? ",\n" : "\n") + inner
      if let key = element.key { text += quoted(key) + ": " }
      element.value.write(to: &text, indent: inner)
    }
    text += "\n" + indent + close
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          quoted.unicodeScalars.append(scalar)
        }
      }
    }
    return quoted + "\""
  }
}
