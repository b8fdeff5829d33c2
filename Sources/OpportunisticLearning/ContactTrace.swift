/// Who came near whom, as devices record it: lines `time,a,b` with the time as a number, in seconds
/// or whatever unit, and two participants by their numbers, which count from 1.
///
/// The first line may be the heading `time,a,b`; empty lines and those that begin with # are
/// skipped, and so are columns after the third.
public struct ContactTrace: Sendable, Equatable {
  public struct Contact: Sendable, Hashable {
    public let time: Double
    /// Counted from 0.
    public let first: Int
    /// Counted from 0.
    public let second: Int

    public init(time: Double, first: Int, second: Int) {
      self.time = time
      self.first = first
      self.second = second
    }
  }

  public let participants: Int
  /// By ascending time.
  public let contacts: [Contact]

  /// - Parameters:
  ///   - text: of the file.
  ///   - participants: how many there are; others must not occur.
  /// - Throws: ``ContactTraceError``, which says in which line what is wrong.
  public init(parsing text: String, participants: Int) throws(ContactTraceError) {
    var contacts: [Contact] = []
    var number = 0
    for raw in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      let line = Self.trimmed(raw)
      if line.isEmpty || line.hasPrefix("#") { continue }
      let columns = line.split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed)
      if number == 1 && columns.prefix(3) == ["time", "a", "b"] { continue }
      guard columns.count >= 3 else {
        throw ContactTraceError(line: number, problem: .missingColumn(columns.count))
      }
      guard let time = Double(columns[0]), time.isFinite else {
        throw ContactTraceError(line: number, problem: .time(String(columns[0])))
      }
      if let last = contacts.last, time < last.time {
        throw ContactTraceError(line: number, problem: .backwards(time, after: last.time))
      }
      func participant(_ text: Substring) throws(ContactTraceError) -> Int {
        guard let id = Int(text), id >= 1, id <= participants else {
          throw ContactTraceError(
            line: number, problem: .unknown(String(text), participants: participants))
        }
        return id - 1
      }
      let first = try participant(columns[1])
      let second = try participant(columns[2])
      guard first != second else {
        throw ContactTraceError(line: number, problem: .itself(first + 1))
      }
      contacts.append(Contact(time: time, first: first, second: second))
    }
    guard !contacts.isEmpty else {
      throw ContactTraceError(line: max(1, number), problem: .empty)
    }
    self.participants = participants
    self.contacts = contacts
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}

/// What is wrong with a contact trace, and in which line.
public struct ContactTraceError: Error, Hashable, CustomStringConvertible {
  public enum Problem: Hashable, Sendable {
    case missingColumn(Int)
    case time(String)
    case backwards(Double, after: Double)
    case unknown(String, participants: Int)
    case itself(Int)
    case empty
  }

  /// Counted from 1.
  public let line: Int
  public let problem: Problem

  public var description: String {
    let what =
      switch problem {
      case .missingColumn(let count):
        "has \(count) of the three columns time,a,b; write one contact a line"
      case .time(let text):
        "says \"\(Self.printable(text))\" for a time; write a number"
      case .backwards(let time, let last):
        "goes back in time, from \(last) to \(time); sort the lines by time"
      case .unknown(let text, let participants):
        "names participant \"\(Self.printable(text))\", but there are 1 to \(participants); "
          + "correct it, or ask for more participants"
      case .itself(let number): "lets participant \(number) meet itself; remove it"
      case .empty: "is the last, and there was no contact; write lines time,a,b"
      }
    return "line \(line) of the contact trace \(what)"
  }

  /// What a file says, short and without what would break the line of a message.
  private static func printable(_ text: String) -> String {
    let clean = text.unicodeScalars.prefix(24).map { scalar in
      scalar.properties.generalCategory == .control ? "?" : String(scalar)
    }.joined()
    return text.unicodeScalars.count > 24 ? clean + "…" : clean
  }
}
