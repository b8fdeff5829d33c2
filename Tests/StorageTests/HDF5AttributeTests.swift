import Storage
import Testing

@Suite struct HDF5AttributeTests {
  @Test(
    arguments: [
      ("title", .string("Größe ✓")),
      ("variables", .strings(["pressure", "flow", "température"])),
      ("variables_object", .strings(["a", "bc"])),
      ("fixed", .string("kPa")),
      ("fixed_array", .strings(["kPa", "l/min"])),
      ("fixed_utf8", .strings(["°C"])),
      ("integer", .integer(42)),
      ("integers", .integers([1, -2, 3])),
      ("double", .number(0.1)),
      ("doubles", .numbers([0.5, 1.5])),
      ("half", .number(1.5)),
      ("flag", .integer(1)),
      ("nothing", .numbers([])),
      ("no_strings", .strings([])),
    ] as [(String, HDF5Attribute)])
  func asPythonWritesThem(name: String, value: HDF5Attribute) throws {
    let file = try HDF5File(reading: fixture("attributes.h5"))
    #expect(try file.attribute(name) == value)
  }

  @Test func ofGroupsAndDataSets() throws {
    let file = try HDF5File(reading: fixture("attributes.h5"))
    #expect(try file.attribute("site", of: "press") == .string("Ulm"))
    #expect(try file.attribute("rate", of: "/press/train") == .number(2))
    #expect(try file.attribute("rate", of: "/press") == nil)
    #expect(try file.attributeNames(of: "/press") == ["site"])
    #expect(try file.attributeNames(of: "/names") == [])
  }

  @Test func whatCannotBeReadSaysWhere() throws {
    let file = try HDF5File(reading: fixture("attributes.h5"))
    let complex = storageError { _ = try file.attribute("complex") }
    #expect(complex?.code == .wrongType)
    #expect(complex?.place.object == "attribute complex of /")
    #expect(storageError { _ = try file.attribute("seed") }?.code == .wrongType)
    #expect(storageError { _ = try file.attribute("x", of: "/no") }?.code == .noSuchObject)
    #expect(storageError { _ = try file.attributeNames(of: "/no") }?.code == .noSuchObject)
  }

  @Test func dataSetsOfStrings() throws {
    let file = try HDF5File(reading: fixture("attributes.h5"))
    #expect(try file.dataSet("names").elementType == .string)
    #expect(try file.readStrings("names") == ["one", "", "three ✓"])
    #expect(try file.readStrings("names_fixed") == ["ab", "cde"])
    #expect(storageError { _ = try file.readStrings("press/train") }?.code == .wrongType)
    #expect(storageError { _ = try file.read("names", as: Float.self) }?.code == .wrongType)
  }

  @Test(
    arguments: [
      .string(""), .string("Größe\n✓"), .strings([]), .strings(["a", "", "ü"]), .integer(.min),
      .integers([]), .integers([1, 2, .max]), .number(-0.1), .number(.infinity), .numbers([]),
      .numbers([1e300, 0x1p-1074]),
    ] as [HDF5Attribute])
  func comeBackAsWritten(value: HDF5Attribute) throws {
    let directory = try TemporaryDirectory()
    let output = try HDF5Writer(replacing: directory("a.h5"))
    try output.setAttribute("x", to: .string("to be replaced"))
    try output.setAttribute("x", to: value)
    try output.createGroup("/a/b")
    try output.setAttribute("ÿ", of: "a/b", to: value)
    try output.commit()
    let file = try HDF5File(reading: directory("a.h5"))
    #expect(try file.attribute("x") == value)
    #expect(try file.attribute("ÿ", of: "/a/b") == value)
  }
}
