import Storage
import Testing

@Suite struct CSVWriterTests {
  let directory = try! TemporaryDirectory()

  @Test func quotesWhereNeeded() throws {
    let path = directory("out.csv")
    var writer = try CSVWriter(
      replacing: path, textColumns: ["time", "a \"b\""], columns: ["x,y", " z"])
    try writer.append(texts: ["12:00", "two\nlines"], [0.1, -1e-7])
    try writer.append(texts: ["", " "], [.nan, .infinity])
    try writer.commit()
    let expected = """
      time,"a ""b""\","x,y"," z"
      12:00,"two
      lines",0.1,-1e-07
      ," ",,inf

      """
    #expect(String(decoding: try bytes(of: path), as: UTF8.self) == expected)
  }

  @Test(arguments: [",", ";", "\t", "|"] as [Character])
  func comesBackAsWritten(separator: Character) throws {
    let values: [Double] = [0.1, 1 / 3, -0.0, 1e300, 0x1p-1074, 123456789.125]
    var table = CSVTable(columns: ["a", "b; \"c\""], values: values)
    table.texts["t"] = ["x", "y,\tz;|", "\""]
    try table.write(to: directory("t.csv"), separator: separator)
    let read = try CSVTable(path: directory("t.csv"), options: CSVOptions(textColumns: ["t"]))
    #expect(read == table)
  }

  @Test func rowsOfOneMissingValueSurvive() throws {
    let path = directory("one.csv")
    try CSVTable(columns: ["x"], values: [1, .nan, 3]).write(to: path)
    let read = try CSVTable(path: path).values
    #expect(read.count == 3)
    #expect(read[1].isNaN)
  }

  @Test func withoutCommitNothingChanges() throws {
    let path = try directory.file("kept.csv", "old")
    do {
      var writer = try CSVWriter(replacing: path, columns: ["x"])
      for _ in 0..<50_000 { try writer.append([1.5]) }
    }
    #expect(try bytes(of: path) == Array("old".utf8))
    #expect(try directory.contents == ["kept.csv"])
  }
}
