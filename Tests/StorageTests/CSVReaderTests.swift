import Foundation
import Storage
import Testing

@Suite struct CSVReaderTests {
  let directory = try! TemporaryDirectory()

  func table(_ text: String, _ options: CSVOptions = CSVOptions()) throws -> CSVTable {
    try CSVTable(path: directory.file("\(UUID()).csv", text), options: options)
  }

  @Test(arguments: [
    "a,b\n1.5,-2\n3,4e2\n", "a;b\n1,5;-2\n3;4e2\n", "a;b\n1.5;-2\n3;4e2", "a\tb\n1,5\t-2\n3\t4e2\n",
    "a|b\r\n1.5|-2\r\n3|4e2\r\n", "a,b\r1.5,-2\r3,4e2\r", "\u{FEFF}a,b\n1.5,-2\n3,4e2\n",
    "\n\na , b\n\n 1.5 ,\t-2\n  \n3,+4.0E+2\n\n", "\"a\",\"b\"\n\"1.5\",\"-2\"\n\"3\",\"400\"\n",
    "a,b\n\"1,5\",-2\n3,\"4,0e2\"\n", "a;b\n\"1,5\";-2\n3;400,0\n",
  ])
  func dialects(text: String) throws {
    let isComma = text.contains("\"1,5\",")
    let table = try table(text, CSVOptions(decimalMark: isComma ? "," : nil))
    #expect(table.columns == ["a", "b"])
    #expect(table.values == [1.5, -2, 3, 400])
    #expect(table.rowCount == 2)
  }

  @Test(
    arguments: [
      ("1,2\n3,4\n", nil, false), ("1,2\n3,4\n", true, true), ("a,b\n3,4\n", nil, true),
      ("a,1\n3,4\n", nil, true), ("1,NA\n3,4\n", nil, false), ("a,b\n", nil, true),
      ("a,b\n,\n", nil, true), ("2024-01-01,1\n2024-01-02,4\n", nil, false),
      ("time,1\n2024-01-02,4\n", nil, false), ("time,x\n2024-01-02,4\n", nil, true),
    ] as [(String, Bool?, Bool)])
  func headers(text: String, given: Bool?, expected: Bool) throws {
    let path = try directory.file("\(UUID()).csv", text)
    let reader = try CSVReader(path: path, options: CSVOptions(hasHeader: given))
    #expect(reader.hasHeader == expected)
  }

  @Test func columnsWithoutNamesAreCounted() throws {
    #expect(try table("1,2\n3,4\n").columns == ["column1", "column2"])
    #expect(try table(",x\n0,4\n").columns == ["column1", "x"])
  }

  @Test func missingValuesAreNaN() throws {
    let spellings = ["", " ", "NA", "NaN", "nan", "null", "-", "?", "N/A", " NA ", "\"\"", "\"?\""]
    for spelling in spellings {
      let values = try table("a,b\n1,\(spelling)\n\(spelling),2\n").values
      #expect(values[0] == 1 && values[1].isNaN && values[2].isNaN && values[3] == 2, "\(spelling)")
    }
    #expect(try table("a,b\n1,void\n", CSVOptions(missingValues: ["void"])).values[1].isNaN)
    #expect(storageError { _ = try table("a,b\n1,NA\n", CSVOptions(missingValues: [])) } != nil)
  }

  @Test func textColumns() throws {
    let text = #"""
      x,time,note
      1,"2024-01-01, 12:00","say ""hi"""
      2,,"two
      lines"
      3,z,""""
      """#
    let table = try table(text, CSVOptions(textColumns: ["note", "time"]))
    #expect(table.columns == ["x"])
    #expect(table.values == [1, 2, 3])
    #expect(table.texts["time"] == ["2024-01-01, 12:00", "", "z"])
    #expect(table.texts["note"] == ["say \"hi\"", "two\nlines", "\""])
  }

  @Test func comments() throws {
    let text = "# made, by \"us\na,b\n1,2\n#3,4\n5,6\n"
    #expect(try table(text, CSVOptions(commentMark: "#")).values == [1, 2, 5, 6])
  }

  @Test func infinities() throws {
    #expect(try table("a,b\ninf,-Infinity\n").values == [.infinity, -.infinity])
  }

  @Test func numbersAreRoundedCorrectly() throws {
    var generator = SystemRandomNumberGenerator()
    var values: [Double] = [0, -0.0, 0x1p-1074, .greatestFiniteMagnitude, 0.1, 1e22, 1e23]
    values += [1e-22, 3e-23, 9_007_199_254_740_994]
    while values.count < 20_000 {
      let value = Double(bitPattern: generator.next())
      if value.isFinite { values.append(value) }
      values.append(Double.random(in: -1000...1000))
      values.append(Double.random(in: -1e-3...1e-3))
      values.append((Double.random(in: -1000...1000) * 1000).rounded() / 1000)
    }
    let text = "x\n" + values.map(\.description).joined(separator: "\n")
    let read = try table(text).values
    #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test(
    arguments: [
      ("1.", 1), (".5", 0.5), ("-.5e1", -5), ("00012", 12), ("1e400", .infinity), ("1e-400", 0),
      ("0.000000000000000000000000000001", 1e-30), ("100000000000000000000000", 1e23),
      ("2.2250738585072011e-308", Double.leastNormalMagnitude.nextDown),
      ("0e999999999999999999999", 0),
      ("1.00000000000000000000000000000000000000001", 1), ("9007199254740993.0", 0x1p53),
    ] as [(String, Double)])
  func unusualSpellings(text: String, value: Double) throws {
    #expect(try table("x\n\(text)\n").values == [value])
  }

  @Test func decimalsOfManyDigitsAreReadAsTheStandardLibraryDoes() throws {
    var texts: [String] = []
    for _ in 0..<20_000 {
      var text = (0..<Int.random(in: 1...21)).map { _ in String(Int.random(in: 0...9)) }.joined()
      text.insert(".", at: text.index(text.startIndex, offsetBy: Int.random(in: 1...text.count)))
      texts.append(text)
    }
    let read = try table("x\n" + texts.joined(separator: "\n")).values
    #expect(read == texts.compactMap { Double($0) })
  }

  @Test func rowsKeepTheirLines() throws {
    let path = try directory.file("lines.csv", "t,x\n\n\"a\nb\",1\r\nc,2\n")
    var reader = try CSVReader(path: path, options: CSVOptions(textColumns: ["t"]))
    var row = CSVRow()
    var lines: [Int] = []
    while try reader.next(&row) { lines.append(row.line) }
    #expect(lines == [3, 5])
  }

  @Test func filesLargerThanTheMemoryOfTheReader() throws {
    let count = 60_000
    var text = "i,text,half\n"
    for row in 0..<count {
      text += "\(row),\"row \(row),\r\n\"\"\(row)\"\"\",\(Double(row) / 2)\r\n"
    }
    let long = String(repeating: "long ", count: 200_000)
    text += "0,\"\(long)\",0\n"
    let table = try table(text, CSVOptions(textColumns: ["text"]))
    #expect(table.rowCount == count + 1)
    for row in stride(from: 0, to: count, by: 997) {
      #expect(Array(table[row: row]) == [Double(row), Double(row) / 2])
      #expect(table.texts["text"]?[row] == "row \(row),\r\n\"\(row)\"")
    }
    #expect(table.texts["text"]?.last == long)
  }

  @Test func standardInputIsReadAsItArrives() async {
    await #expect(processExitsWith: .success) {
      let pipe = Pipe()
      dup2(pipe.fileHandleForReading.fileDescriptor, 0)
      pipe.fileHandleForWriting.write(Data("a;b\n1,5;2\n".utf8))
      var reader = try CSVReader(readingStandardInput: CSVOptions())
      var row = CSVRow()
      guard try reader.next(&row), row.numbers == [1.5, 2] else { exit(1) }
      pipe.fileHandleForWriting.write(Data("3,5;4\n5".utf8))
      guard try reader.next(&row), row.numbers == [3.5, 4] else { exit(2) }
      pipe.fileHandleForWriting.write(Data(";6".utf8))
      try pipe.fileHandleForWriting.close()
      guard try reader.next(&row), row.numbers == [5, 6] else { exit(3) }
      guard try !reader.next(&row) else { exit(4) }
    }
  }
}
