import Foundation
import Storage
import Testing

@Suite struct CSVBadInputTests {
  let directory = try! TemporaryDirectory()

  func error(
    _ text: some Sequence<UInt8>, _ options: CSVOptions = CSVOptions()
  ) throws -> StorageError? {
    let path = try directory.file("bad.csv", text)
    return storageError { _ = try CSVTable(path: path, options: options) }
  }

  @Test func notANumber() throws {
    let error = try error("p,flow\n1,2\n\n3,n.a.\n".utf8)
    #expect(error?.code == .malformed)
    #expect(error?.place.line == 4)
    #expect(error?.place.column == "flow")
    #expect(error?.problem == "\"n.a.\" is not a number")
    #expect(error?.place.file == directory("bad.csv"))
  }

  @Test(arguments: [
    "1x", "x1", "1 2", "1..2", "1e", "1e+", "--1", "+-1", "e5", ".", "0x10", "1_000", "1.5,", "in",
    "infx", "٣", "1\u{0}", "1,5", "1.2.3",
  ])
  func almostNumbers(text: String) throws {
    #expect(try error("x;y\n1.5;2\n\(text);2\n".utf8)?.place.line == 3)
  }

  @Test func decimalMarksDoNotMix() throws {
    #expect(try error("a;b\n1,5;2\n1.5;2\n".utf8)?.remedy.contains("decimal mark") == true)
    #expect(try error("a;b\n1.234,5;2\n".utf8)?.place.line == 2)
    #expect(try error("a;b\n1,5;2\n".utf8, CSVOptions(decimalMark: "."))?.place.column == "a")
  }

  @Test(arguments: ["a,b\n1,2\n3\n", "a,b\n1,2\n3,4,5\n", "a,b\n1,2\n3,4,\n"])
  func wrongCountOfFields(text: String) throws {
    let error = try error(text.utf8)
    #expect(error?.code == .malformed)
    #expect(error?.place.line == 3)
    #expect(error?.problem.contains("the first line has 2") == true)
  }

  @Test func quotes() throws {
    let open = try error("a,b\n1,2\n3,\"4\n5,6\n".utf8)
    #expect(open?.place.line == 3)
    #expect(open?.problem == "a quote is not closed")
    #expect(try error("a,b\n\"1\"2,3\n".utf8)?.place.line == 2)
    #expect(try error("\"".utf8)?.code == .malformed)
    let endless = "a,b\n1,\"".utf8 + [UInt8](repeating: 0x20, count: 20 << 20)
    #expect(try error(endless)?.problem.contains("longer than 16 MB") == true)
  }

  @Test func otherFormats() throws {
    for beginning in [[0xFF, 0xFE], [0xFE, 0xFF], [0x1F, 0x8B], [0x50, 0x4B, 3, 4]] as [[UInt8]] {
      #expect(try error(beginning + "a,b\n1,2\n".utf8)?.code == .wrongFormat)
    }
    #expect(storageError { _ = try CSVTable(path: fixture("numbers.h5")) }?.code == .wrongFormat)
  }

  @Test func nothing() throws {
    for text in ["", "\n", " \n\r\n", "\u{FEFF}"] {
      #expect(try error(text.utf8)?.problem == "the file holds no rows")
    }
    #expect(try error("#a".utf8, CSVOptions(commentMark: "#"))?.problem == "the file holds no rows")
  }

  @Test func whatIsNotThere() throws {
    #expect(storageError { _ = try CSVTable(path: directory("no.csv")) }?.code == .noSuchFile)
    #expect(storageError { _ = try CSVTable(path: directory.path) }?.code == .notARegularFile)
    let column = try error("a,b\n1,2\n".utf8, CSVOptions(textColumns: ["time"]))
    #expect(column?.code == .noSuchObject)
    #expect(column?.place.column == "time")
  }

  @Test func noBytesMakeItCrash() throws {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("1,;\"\n\r.e-\t a\u{FEFF}".utf8)
    for _ in 0..<2000 {
      let count = Int.random(in: 0..<40, using: &generator)
      let text = (0..<count).map { _ in alphabet[Int.random(in: alphabet.indices)] }
      let path = try directory.file("random.csv", text)
      _ = try? CSVTable(path: path)
    }
  }
}
