/// Something about a network that cannot be: what, where, and what to do.
public struct NetworkError: Error, Equatable, CustomStringConvertible {
  /// Where, as a key of the network file: `members[1].address`.
  public let key: String
  /// What is wrong, without the place.
  public let problem: String
  /// What to do about it, as an imperative.
  public let remedy: String

  public init(_ problem: String, at key: String, remedy: String) {
    self.problem = problem
    self.key = key
    self.remedy = remedy
  }

  /// The error in one line: place, problem, remedy.
  public var description: String { "\(key): \(problem); \(remedy)" }
}

/// Names of members and networks. They stand in files, options and lists of pairs, are compared
/// byte by byte, and are read out over the telephone: so plain letters only.
public enum NetworkName {
  /// The most characters of a name.
  public static let longest = 64
  /// What a name may be, for people.
  public static let values =
    "1 to 64 letters (a-z, A-Z), digits, '-', '_' or '.', of which the first is a letter or digit"

  /// Whether a text can be a name.
  public static func isValid(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= longest, isAlphanumeric(first) else {
      return false
    }
    return bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
  }

  static func check(_ text: String, at key: String) throws(NetworkError) {
    guard isValid(text) else {
      throw NetworkError("this cannot be a name", at: key, remedy: "a name is \(values)")
    }
  }

  static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
