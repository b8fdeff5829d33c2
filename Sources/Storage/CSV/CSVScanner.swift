/// Divides the bytes of a CSV file into records and fields, in memory for one record at a time.
struct CSVScanner: ~Copyable {
  /// Where a field is in `bytes`, without its quotes.
  struct Field {
    var range: Range<Int>
    var isQuoted = false
    var hasDoubledQuotes = false
  }

  /// The longest record: what a quote without its pair would otherwise swallow.
  static let longestRecord = 16 << 20

  var separator = UInt8(ascii: ",")
  let commentMark: UInt8?
  /// The fields of the record that ``next()`` found.
  private(set) var fields: [Field] = []
  /// The line on which that record begins, counted from 1.
  private(set) var line = 0
  private(set) var bytes: [UInt8]

  private let file: InputFile
  private var start: Int
  private var end: Int
  private var isAtEnd: Bool
  private var nextLine = 1

  /// Begins at the first byte after a byte order mark.
  init(_ file: consuming InputFile, commentMark: UInt8?) throws(StorageError) {
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    let (end, isAtEnd) = try Self.firstLines(of: file, into: &bytes)
    try Self.refuseOtherFormats(bytes[..<end], of: file.name)
    start = bytes[..<end].starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    self.end = end
    self.isAtEnd = isAtEnd
    self.bytes = bytes
    self.file = file
    self.commentMark = commentMark
  }

  var name: String { file.name }

  /// The bytes that are in memory and not yet scanned.
  var upcoming: ArraySlice<UInt8> { bytes[start..<end] }

  /// Finds the fields of the next record; false at the end of the file.
  mutating func next() throws(StorageError) -> Bool {
    // Taken out, because a span of `bytes` keeps the rest of `self` from changing.
    var found: [Field] = []
    swap(&found, &fields)
    defer { swap(&found, &fields) }
    while true {
      if start == end && !isAtEnd { try refill() }
      if start == end { return false }
      line = nextLine
      let isComment = bytes[start] == commentMark
      let outcome = Self.split(
        bytes.span, start..<end, separator: isComment ? nil : separator, isAtEnd: isAtEnd,
        into: &found)
      switch outcome {
      case .record(let recordEnd, let lines):
        start = recordEnd
        nextLine += lines
        let isBlank = found.count == 1 && isBlankField(found[0])
        if !isComment && !isBlank { return true }
      case .needsMore:
        try refill()
      case .openQuote:
        throw malformed("a quote is not closed", remedy: "close it, or double quotes inside fields")
      case .textAfterQuote:
        throw malformed(
          "text follows a closing quote", remedy: "double the quotes that belong to the field")
      }
    }
  }

  /// The text of a field of the current record.
  func text(of field: Field) -> String {
    guard field.hasDoubledQuotes else { return String(decoding: bytes[field.range], as: UTF8.self) }
    var text: [UInt8] = []
    var isSecond = false
    for byte in bytes[field.range] {
      isSecond = byte == UInt8(ascii: "\"") && !isSecond
      if !isSecond || byte != UInt8(ascii: "\"") { text.append(byte) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private func isBlankField(_ field: Field) -> Bool {
    !field.isQuoted && bytes[field.range].allSatisfy { $0 == 0x20 || $0 == 0x09 }
  }

  private func malformed(_ problem: String, remedy: String) -> StorageError {
    StorageError(.malformed, problem, at: .init(file: name, line: line), remedy: remedy)
  }

  /// Brings more of the file to memory behind what is not yet scanned.
  private mutating func refill() throws(StorageError) {
    if start > 0 {
      bytes.replaceSubrange(0..<end - start, with: bytes[start..<end])
      end -= start
      start = 0
    }
    if end == bytes.count {
      guard end < Self.longestRecord else {
        line = nextLine
        throw malformed(
          "a record is longer than \(Self.longestRecord >> 20) MB",
          remedy: "check that every quote has its pair")
      }
      bytes.append(contentsOf: repeatElement(0, count: bytes.count))
    }
    let count = try file.read(into: &bytes, from: end)
    isAtEnd = count == 0
    end += count
  }

  /// Reads until two lines are there, so that a slow pipe does not have to fill the memory.
  private static func firstLines(
    of file: borrowing InputFile, into bytes: inout [UInt8]
  ) throws(StorageError) -> (end: Int, isAtEnd: Bool) {
    var end = 0
    var lineEnds = 0
    while end < bytes.count && lineEnds < 2 {
      let count = try file.read(into: &bytes, from: end)
      if count == 0 { return (end, true) }
      lineEnds += bytes[end..<end + count].count { $0 == 0x0A }
      end += count
    }
    return (end, false)
  }

  private static func refuseOtherFormats(
    _ bytes: ArraySlice<UInt8>, of name: String
  ) throws(StorageError) {
    let place = StorageError.Place(file: name)
    func refuse(_ format: String, _ remedy: String) -> StorageError {
      StorageError(.wrongFormat, "this is \(format), not CSV", at: place, remedy: remedy)
    }
    let beginning = bytes.prefix(8)
    if beginning.starts(with: [0xFF, 0xFE]) || beginning.starts(with: [0xFE, 0xFF]) {
      throw refuse("UTF-16 text", "save it as UTF-8")
    }
    if beginning.starts(with: [0x1F, 0x8B]) { throw refuse("gzip", "unpack it first") }
    if beginning.starts(with: [0x50, 0x4B, 3, 4]) {
      throw refuse("a spreadsheet or ZIP archive", "export it as CSV")
    }
    if beginning.starts(with: [0x89, 0x48, 0x44, 0x46]) {
      throw refuse("HDF5", "use it where HDF5 is wanted")
    }
  }
}
