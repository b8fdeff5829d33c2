/// What the beginning of a CSV file tells: the separator, whether there is a header, the names.
struct CSVStart: ~Copyable {
  let separator: Character
  let hasHeader: Bool
  let names: [String]
  let parser: NumberParser

  /// The name of the file.
  let file: String

  private let positioned: CSVScanner

  /// Looks at the beginning of `file`.
  init(_ file: consuming InputFile, _ options: CSVOptions) throws(StorageError) {
    var scanner = try CSVScanner(file, commentMark: options.commentMark?.asciiValue)
    scanner.separator = options.separator?.asciiValue ?? Self.detectSeparator(scanner)
    let usualMark: UInt8 = scanner.separator == UInt8(ascii: ",") ? UInt8(ascii: ".") : 0
    let parser = NumberParser(decimalMark: options.decimalMark?.asciiValue ?? usualMark)

    let beginning = Self.sample(scanner, separator: scanner.separator, count: 2)
    let kinds = beginning.map { Self.kinds(of: $0, scanner, parser, options) }
    guard try scanner.next() else {
      throw StorageError(
        .malformed, "the file holds no rows", at: .init(file: scanner.name),
        remedy: "write or copy it again")
    }
    let hasHeader = options.hasHeader ?? Self.looksLikeHeader(kinds)
    var names: [String] = []
    for (index, field) in scanner.fields.enumerated() {
      let name = hasHeader ? scanner.text(of: field).trimmed : ""
      names.append(name.isEmpty ? "column\(index + 1)" : name)
    }
    self.hasHeader = hasHeader
    self.names = names
    self.parser = parser
    self.separator = Character(Unicode.Scalar(scanner.separator))
    self.file = scanner.name
    positioned = scanner
  }

  /// The scanner, standing on the first record.
  consuming func scanner() -> CSVScanner { positioned }

  /// What a field is evidence for.
  private enum Kind {
    case number, missing, text
  }

  private static func kinds(
    of fields: [CSVScanner.Field], _ scanner: borrowing CSVScanner, _ parser: NumberParser,
    _ options: CSVOptions
  ) -> [Kind] {
    var kinds: [Kind] = []
    for field in fields {
      var parser = parser
      if parser.parse(scanner.bytes.span, field.range) != nil {
        kinds.append(.number)
      } else {
        kinds.append(scanner.isMissing(field, options.missingValues) ? .missing : .text)
      }
    }
    return kinds
  }

  /// A header has text over a number, or text only.
  private static func looksLikeHeader(_ records: [[Kind]]) -> Bool {
    guard let first = records.first else { return false }
    if records.count > 1 {
      for (above, below) in zip(first, records[1]) where above == .text && below != .text {
        return true
      }
    }
    return !first.contains(.number) && first.contains(.text)
  }

  /// The separator that divides the first records into equally many fields, more than one.
  ///
  /// The comma comes last, because it may be a decimal mark between other separators.
  private static func detectSeparator(_ scanner: borrowing CSVScanner) -> UInt8 {
    let candidates: [UInt8] = [0x09, 0x3B, 0x7C, 0x2C]
    var best = UInt8(ascii: ",")
    var mostFields = 1
    for candidate in candidates {
      let counts = sample(scanner, separator: candidate, count: 20).map(\.count)
      guard let first = counts.first, first > 1 else { continue }
      if counts.allSatisfy({ $0 == first }) { return candidate }
      if first > mostFields { (best, mostFields) = (candidate, first) }
    }
    return best
  }

  /// The fields of the first records in memory, without comments and blank lines.
  private static func sample(
    _ scanner: borrowing CSVScanner, separator: UInt8, count: Int
  ) -> [[CSVScanner.Field]] {
    var records: [[CSVScanner.Field]] = []
    var fields: [CSVScanner.Field] = []
    let range = scanner.upcoming.startIndex..<scanner.upcoming.endIndex
    var start = range.lowerBound
    while records.count < count && start < range.upperBound {
      let isComment = scanner.bytes[start] == scanner.commentMark
      let outcome = CSVScanner.split(
        scanner.bytes.span, start..<range.upperBound, separator: isComment ? nil : separator,
        isAtEnd: true, into: &fields)
      guard case .record(let end, _) = outcome else { break }
      start = end
      let isBlank = fields.count == 1 && scanner.isMissing(fields[0], [])
      if !isComment && !isBlank { records.append(fields) }
    }
    return records
  }
}

extension String {
  /// The string without blanks at its ends.
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
