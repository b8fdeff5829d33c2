/// How a CSV file is to be read. What is `nil` is found out from the file.
///
/// Always understood: quoted fields with doubled quotes, line ends of Unix, Windows and old Macs, a
/// byte order mark, blanks around numbers. Blank lines are skipped.
public struct CSVOptions: Hashable, Sendable {
  /// What stands between fields; if `nil`, the tab, `;`, `|` or `,` that divides the first lines
  /// evenly.
  public var separator: Character?
  /// Whether the first line names the columns; if `nil`, whether it has text over numbers.
  public var hasHeader: Bool?
  /// The decimal mark, `.` or `,`. If `nil`, it is `.` where `,` separates fields, and elsewhere
  /// whichever comes first.
  public var decimalMark: Character?
  /// What begins a line to be skipped, such as `#`; by default no lines are skipped.
  public var commentMark: Character?
  /// The columns that hold text, such as time stamps; all others hold numbers.
  public var textColumns: Set<String>
  /// What stands for a missing number besides an empty field; it is read as NaN.
  public var missingValues: Set<String>

  /// The usual spellings of a missing number.
  public static let usualMissingValues: Set<String> = [
    "NA", "N/A", "n/a", "NaN", "nan", "NAN", "null", "NULL", "-", "?",
  ]

  /// Options, each with its default.
  ///
  /// - Precondition: the marks are ASCII characters, and the decimal mark is `.` or `,`.
  public init(
    separator: Character? = nil,
    hasHeader: Bool? = nil,
    decimalMark: Character? = nil,
    commentMark: Character? = nil,
    textColumns: Set<String> = [],
    missingValues: Set<String> = CSVOptions.usualMissingValues
  ) {
    for mark in [separator, decimalMark, commentMark] {
      precondition(mark?.isASCII ?? true, "\(mark ?? " ") is not an ASCII character")
    }
    precondition(
      decimalMark == nil || decimalMark == "." || decimalMark == ",",
      "the decimal mark is . or ,")
    self.separator = separator
    self.hasHeader = hasHeader
    self.decimalMark = decimalMark
    self.commentMark = commentMark
    self.textColumns = textColumns
    self.missingValues = missingValues
  }
}
