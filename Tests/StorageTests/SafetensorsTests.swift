import Foundation
import Storage
import Testing

@Suite struct SafetensorsTests {
  let directory = try! TemporaryDirectory()

  /// What `make_fixtures.py` wrote with the reference implementation.
  static let expected = SafetensorsFile(
    tensors: [
      "decoder.weight": .init(shape: [2, 3], values: [0, 0.25, 0.5, 0.75, 1, 1.25]),
      "decoder.bias": .init(shape: [2], values: [-1, 1]),
      "scalar": .init(shape: [], values: [7]),
      "empty": .init(shape: [0, 3], values: []),
    ],
    metadata: ["format": "pt", "note": "quoted \"ü\""])

  @Test func asPythonWritesThem() throws {
    #expect(try SafetensorsFile(path: fixture("tensors.safetensors")) == Self.expected)
  }

  @Test func comeBackAsWritten() throws {
    var file = Self.expected
    let many = (0..<600_000).map { Float($0) }
    file.tensors["many / \"quoted\"\n✓"] = .init(shape: [600, 1000], values: many)
    try file.write(to: directory("x.safetensors"))
    #expect(try SafetensorsFile(path: directory("x.safetensors")) == file)
    let length = try bytes(of: directory("x.safetensors")).prefix(2)
    #expect(length[0] % 8 == 0, "the values are not aligned")

    try SafetensorsFile().write(to: directory("none.safetensors"))
    #expect(try SafetensorsFile(path: directory("none.safetensors")) == SafetensorsFile())
  }

  @Test func truncatedAnywhere() throws {
    let whole = try bytes(of: fixture("tensors.safetensors"))
    for count in whole.indices {
      let path = try directory.file("part.safetensors", whole[..<count])
      let error = storageError { _ = try SafetensorsFile(path: path) }
      #expect(error?.code == .truncated, "after \(count) bytes")
    }
    let longer = try directory.file("longer.safetensors", whole + [0])
    #expect(storageError { _ = try SafetensorsFile(path: longer) }?.code == .malformed)
  }

  @Test func otherTypesAreRefused() throws {
    let error = storageError { _ = try SafetensorsFile(path: fixture("half.safetensors")) }
    #expect(error?.code == .wrongType)
    #expect(error?.place.object == "tensor half")
    #expect(error?.problem.contains("F16") == true)
  }

  @Test func otherFilesAreRefused() throws {
    #expect(
      storageError { _ = try SafetensorsFile(path: fixture("numbers.h5")) }?.code == .wrongFormat)
    let place = directory.path
    #expect(storageError { _ = try SafetensorsFile(path: place) }?.code == .notARegularFile)
    #expect(storageError { _ = try SafetensorsFile(path: place + "/no") }?.code == .noSuchFile)
    let huge = try directory.file("huge", [UInt8](repeating: 0xFF, count: 100))
    #expect(storageError { _ = try SafetensorsFile(path: huge) }?.code == .wrongFormat)
  }

  @Test(arguments: [
    "", "[]", "{", "{}x", #"{"a":1}"#, #"{"a":{}}"#, #"{"__metadata__":{"a":1}}"#,
    #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[9223372036854775807,0,2],"data_offsets":[0,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
      + #""b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
  ])
  func contradictionsAreRefused(header: String) throws {
    let length = [UInt8(header.utf8.count)] + [UInt8](repeating: 0, count: 7)
    let path = try directory.file("bad", length + header.utf8 + [UInt8](repeating: 0, count: 8))
    let error = storageError { _ = try SafetensorsFile(path: path) }
    #expect(error?.code == .malformed)
  }

  @Test func theSmallestGoodHeader() throws {
    let header = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    let length = [UInt8(header.utf8.count)] + [UInt8](repeating: 0, count: 7)
    let path = try directory.file("good", length + header.utf8 + [0, 0, 128, 63, 0, 0, 0, 0])
    #expect(try SafetensorsFile(path: path).tensors["a"]?.values == [1, 0])
  }

  @Test func largeHeadersOfNestedJSONAreRefused() throws {
    let header = "{\"a\":" + String(repeating: "[", count: 100_000)
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    let path = try directory.file("deep", length + header.utf8)
    #expect(storageError { _ = try SafetensorsFile(path: path) }?.code == .malformed)
  }
}
