import Storage

/// One line for each run, for CSV and JSON.
public struct ReportSheet: Sendable {
  public struct Line: Sendable {
    public var texts: [String]
    /// NaN where there is none.
    public var numbers: [Double]
    public var curve: CalibrationCurve?

    init(_ texts: [String], _ numbers: [Double], _ curve: CalibrationCurve? = nil) {
      self.texts = texts
      self.numbers = numbers
      self.curve = curve
    }
  }

  public let textColumns: [String]
  public let columns: [String]
  public var lines: [Line] = []

  init(texts: [String], columns: [String]) {
    textColumns = texts
    self.columns = columns
  }

  /// Writes the sheet as CSV.
  public func write(to path: String) throws(StorageError) {
    var writer = try CSVWriter(replacing: path, textColumns: textColumns, columns: columns)
    for line in lines { try writer.append(texts: line.texts, line.numbers) }
    try writer.commit()
  }
}
