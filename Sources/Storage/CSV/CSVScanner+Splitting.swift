extension CSVScanner {
  /// What came of an attempt to split a record.
  enum Outcome {
    /// The record ends before the byte `end`, after so many ends of lines.
    case record(end: Int, lines: Int)
    /// The record goes on after the bytes in memory.
    case needsMore
    /// The file ends inside quotes.
    case openQuote
    /// A closing quote is not followed by a separator or the end of the line.
    case textAfterQuote
  }

  /// Splits the record at the beginning of `range`.
  ///
  /// - Parameters:
  ///   - separator: what stands between fields; with `nil` the line is one field without quotes.
  ///   - isAtEnd: whether the file ends where `range` does.
  static func split(
    _ bytes: Span<UInt8>, _ range: Range<Int>, separator: UInt8?, isAtEnd: Bool,
    into fields: inout [Field]
  ) -> Outcome {
    let quote = UInt8(ascii: "\"")
    let newline = UInt8(ascii: "\n")
    let carriageReturn = UInt8(ascii: "\r")
    let separatorOrNewline = separator ?? newline
    var lines = 0
    var index = range.lowerBound
    fields.removeAll(keepingCapacity: true)

    while true {
      var field = Field(range: index..<index)
      if separator != nil && index < range.upperBound && bytes[index] == quote {
        index += 1
        let start = index
        while true {
          guard index < range.upperBound else { return isAtEnd ? .openQuote : .needsMore }
          let byte = bytes[index]
          if byte == quote {
            if index + 1 == range.upperBound && !isAtEnd { return .needsMore }
            if index + 1 == range.upperBound || bytes[index + 1] != quote { break }
            field.hasDoubledQuotes = true
            index += 1
          } else if byte == newline {
            lines += 1
          }
          index += 1
        }
        field.range = start..<index
        field.isQuoted = true
        index += 1
      } else {
        let start = index
        while index < range.upperBound {
          let byte = bytes[index]
          if byte == separatorOrNewline || byte == newline || byte == carriageReturn { break }
          index += 1
        }
        field.range = start..<index
      }

      fields.append(field)
      guard index < range.upperBound else {
        return isAtEnd ? .record(end: index, lines: lines) : .needsMore
      }
      switch bytes[index] {
      case newline:
        return .record(end: index + 1, lines: lines + 1)
      case carriageReturn:
        if index + 1 == range.upperBound && !isAtEnd { return .needsMore }
        let isPair = index + 1 < range.upperBound && bytes[index + 1] == newline
        return .record(end: index + (isPair ? 2 : 1), lines: lines + 1)
      case separatorOrNewline:
        index += 1
      default:
        return .textAfterQuote
      }
    }
  }
}
