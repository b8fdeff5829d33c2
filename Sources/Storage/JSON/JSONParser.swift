/// Reads JSON (RFC 8259) from people and from strangers: a key that stands in an object twice is
/// refused, since two readers could take different ones, and so is what is nested too deeply.
struct JSONParser {
  /// What is wrong, and in which line.
  struct Problem: Error, Equatable {
    let text: String
    let line: Int
  }

  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0
  private let deepest: Int

  /// The one value that the bytes hold.
  static func value(of bytes: [UInt8], deepest: Int) throws(Problem) -> JSONValue {
    var parser = JSONParser(bytes: bytes, deepest: deepest)
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw parser.problem("this is not UTF-8 text")
    }
    let value = try parser.value()
    parser.skipBlanks()
    guard parser.position == bytes.count else {
      throw parser.problem("something follows the end of the JSON value")
    }
    return value
  }

  private init(bytes: [UInt8], deepest: Int) {
    self.bytes = bytes
    self.deepest = deepest
  }

  private func problem(_ text: String) -> Problem {
    Problem(text: text, line: 1 + bytes.prefix(position).count { $0 == UInt8(ascii: "\n") })
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D {
      position += 1
    }
  }

  private mutating func take(_ byte: Character) -> Bool {
    guard let next, next == byte.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func value() throws(Problem) -> JSONValue {
    skipBlanks()
    switch next {
    case UInt8(ascii: "{"): return try nested { parser throws(Problem) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(Problem) in try parser.list() }
    case UInt8(ascii: "\""): return .text(try string())
    case nil: throw problem("the JSON text ends early")
    default: break
    }
    for (word, value) in [("true", JSONValue.bool(true)), ("false", .bool(false)), ("null", .null)]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    return .number(try number())
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(Problem) -> JSONValue
  ) throws(Problem) -> JSONValue {
    guard depth < deepest else { throw problem("more than \(deepest) values inside one another") }
    depth += 1
    position += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws(Problem) -> JSONValue {
    var members: [JSONValue.Member] = []
    var keys = Set<String>()
    skipBlanks()
    if take("}") { return .object([]) }
    while true {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw problem("a key in quotes is missing") }
      let key = try string()
      guard keys.insert(key).inserted else { throw problem("the key \(shown(key)) comes twice") }
      skipBlanks()
      guard take(":") else { throw problem("a colon is missing after the key \(shown(key))") }
      members.append(.init(key: key, value: try value()))
      skipBlanks()
      if take("}") { return .object(members) }
      guard take(",") else { throw problem("a comma or } is missing") }
    }
  }

  private mutating func list() throws(Problem) -> JSONValue {
    var values: [JSONValue] = []
    skipBlanks()
    if take("]") { return .list([]) }
    while true {
      values.append(try value())
      skipBlanks()
      if take("]") { return .list(values) }
      guard take(",") else { throw problem("a comma or ] is missing") }
    }
  }

  private mutating func number() throws(Problem) -> String {
    let start = position
    func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
    _ = take("-")
    if !take("0") {
      guard isDigit(next) else { throw problem("this is no JSON value") }
      while isDigit(next) { position += 1 }
    }
    if take(".") {
      guard isDigit(next) else { throw problem("digits are missing behind the point") }
      while isDigit(next) { position += 1 }
    }
    if take("e") || take("E") {
      if !take("-") { _ = take("+") }
      guard isDigit(next) else { throw problem("the exponent has no digits") }
      while isDigit(next) { position += 1 }
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func string() throws(Problem) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20: throw problem("a text has a line break or control character")
      default: text.append(byte)
      }
    }
    throw problem("the JSON text ends inside quotes")
  }

  private mutating func escape() throws(Problem) -> Character {
    let plain: [UInt8: Character] = [
      0x22: "\"", 0x5C: "\\", 0x2F: "/", 0x62: "\u{8}", 0x66: "\u{C}", 0x6E: "\n", 0x72: "\r",
      0x74: "\t",
    ]
    guard let byte = next else { throw problem("the JSON text ends inside quotes") }
    position += 1
    if let character = plain[byte] { return character }
    guard byte == UInt8(ascii: "u") else { throw problem("there is no such escape in JSON") }
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code), take("\\"), take("u") {
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw problem("half a character is missing") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw problem("half a character is missing") }
    return Character(scalar)
  }

  private mutating func hexadecimal() throws(Problem) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw problem("\\u needs four hexadecimal digits") }
    position += 4
    return code
  }
}

/// A text from a file in a message: not too long, and nothing that a terminal would obey.
func shown(_ text: String) -> String {
  let plain = String(
    text.unicodeScalars.prefix(40).map { scalar in
      scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
        ? "?" : Character(scalar)
    })
  return "\"" + plain + (text.unicodeScalars.count > 40 ? "…" : "") + "\""
}
