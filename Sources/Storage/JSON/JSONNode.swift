import CollaborativeLearning
import Cryptography
import Settings

/// A JSON value and where it stands, so that each mistake can be told with its file and key.
struct JSONNode {
  let value: JSONValue
  /// The keys that lead to it: `members[1].address`; empty for the whole.
  let path: String
  let file: String

  /// The whole of some bytes.
  ///
  /// - Parameters:
  ///   - file: what to call it in messages.
  ///   - what: what it should be, for people: `a network file`.
  init(
    bytes: [UInt8], file: String, what: String, deepest: Int = 16
  ) throws(StorageError) {
    do {
      value = try JSONParser.value(of: bytes, deepest: deepest)
    } catch {
      throw StorageError(
        .wrongFormat, error.text, at: .init(file: file, line: error.line),
        remedy: "name \(what), or copy it again")
    }
    path = ""
    self.file = file
  }

  private init(_ value: JSONValue, _ path: String, _ file: String) {
    self.value = value
    self.path = path
    self.file = file
  }

  var place: StorageError.Place {
    .init(file: file, object: path.isEmpty ? nil : "key \(path)")
  }

  func error(_ problem: String, remedy: String) -> StorageError {
    StorageError(.malformed, problem, at: place, remedy: remedy)
  }

  func expected(_ what: String) -> StorageError {
    StorageError(
      .wrongType, "this is \(value.kind) instead of \(what)", at: place,
      remedy: "correct the value, or copy the file again")
  }

  /// The members of an object.
  func members() throws(StorageError) -> [(key: String, node: JSONNode)] {
    guard case .object(let members) = value else { throw expected("an object") }
    return members.map { ($0.key, child($0.value, $0.key)) }
  }

  /// The members of an object that may have only these keys.
  func members(among keys: [String]) throws(StorageError) -> [String: JSONNode] {
    let members = try members()
    for (key, _) in members where !keys.contains(key) {
      let nearest = NearestName.of(String(key.prefix(100)), among: keys)
      throw error(
        "there is no key \(shown(key))",
        remedy: nearest.map { "did you mean \($0)?" }
          ?? "remove it; the keys are \(keys.joined(separator: ", "))")
    }
    return Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.node) })
  }

  /// The elements of a list.
  func elements() throws(StorageError) -> [JSONNode] {
    guard case .list(let values) = value else { throw expected("a list") }
    return values.enumerated().map { JSONNode($1, "\(path)[\($0)]", file) }
  }

  func text() throws(StorageError) -> String {
    guard case .text(let text) = value else { throw expected("a text") }
    return text
  }

  func integer() throws(StorageError) -> Int {
    guard case .number(let digits) = value, let number = Int(digits) else {
      throw expected("a whole number")
    }
    return number
  }

  func number() throws(StorageError) -> Double {
    guard case .number(let digits) = value, let number = Double(digits), number.isFinite else {
      throw expected("a number")
    }
    return number
  }

  /// Bytes as hexadecimal digits. Messages never hold them: they may be secret.
  func bytes(_ count: Int) throws(StorageError) -> [UInt8] {
    guard let bytes = Hexadecimal.bytes(try text(), count: count) else {
      throw error(
        "this is not \(2 * count) hexadecimal digits", remedy: "copy the file again")
    }
    return bytes
  }

  private func child(_ value: JSONValue, _ key: String) -> JSONNode {
    let isPlain = NetworkName.isValid(key)
    let name = isPlain ? key : shown(key)
    return JSONNode(value, path.isEmpty ? name : "\(path).\(name)", file)
  }
}

extension [String: JSONNode] {
  /// The member of a key that must be there.
  func required(_ key: String, in parent: JSONNode) throws(StorageError) -> JSONNode {
    guard let node = self[key] else {
      throw parent.error("the key \(key) is missing", remedy: "add it, or copy the file again")
    }
    return node
  }
}
