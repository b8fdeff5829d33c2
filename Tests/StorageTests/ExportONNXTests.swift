import Storage
import Testing

@Suite struct ExportONNXTests {
  let directory = try! TemporaryDirectory()

  @Test func everyKindOfField() throws {
    var graph = ONNXGraph("all")
    let x = graph.input("x", .float, ["rows", 3])
    let index = graph.vector([-1, .min, 300] as [Int64], named: "index")
    let scale = graph.constant([1.5, -0.25] as [Float], shape: [2, 1], named: "scale")
    let y = graph.append(
      "Any", x, index, scale,
      attributes: [
        "n": .integer(-3), "list": .integers([0, 128, -1]), "f": .number(0.5), "s": .text("ü"),
      ], named: "y")
    graph.output(y, .double, ["rows"])
    let path = directory("all.onnx")
    try ONNXModel(graph, documentation: "why", metadata: ["a": "1", "b": ""]).write(to: path)

    let bytes = try bytes(of: path)
    let summary = try #require(ONNXSummary(bytes))
    #expect(summary.irVersion == 8 && summary.operatorSets == [17])
    #expect(summary.metadata == ["a": "1", "b": ""])
    #expect(summary.inputs == [.init(name: "x", type: 1, shape: ["rows", "3"])])
    #expect(summary.outputs == [.init(name: "y", type: 11, shape: ["rows"])])
    #expect(summary.constants == ["scale": [1.5, -0.25]])
    let node = try #require(summary.nodes.first)
    #expect(node.texts(1) == ["x", "index", "scale"] && node.texts(2) == ["y"])
    let attributes = Dictionary(
      uniqueKeysWithValues: node.messages(5).map { ($0.texts(1)[0], $0) })
    #expect(attributes["n"]?.integers(3) == [-3] && attributes["n"]?.integers(20) == [2])
    #expect(attributes["list"]?.integers(8) == [0, 128, -1])
    #expect(attributes["list"]?.integers(20) == [7])
    #expect(attributes["f"]?[2] == [.fixed32(Float(0.5).bitPattern)])
    #expect(attributes["f"]?.integers(20) == [1])
    #expect(attributes["s"]?.texts(4) == ["ü"] && attributes["s"]?.integers(20) == [3])

    let model = try #require(ProtobufReader(bytes))
    let tensors = model.messages(7)[0].messages(5)
    #expect(tensors[0].texts(8) == ["index"] && tensors[0].integers(2) == [7])
    let expected =
      [UInt8](repeating: 0xFF, count: 8) + [0, 0, 0, 0, 0, 0, 0, 0x80] + [44, 1, 0, 0, 0, 0, 0, 0]
    #expect(tensors[0].rawBytes(9) == expected)
    #expect(tensors[1].integers(1) == [2, 1])
  }

  @Test func aMisfortuneLeavesTheOldFile() throws {
    var graph = ONNXGraph("one")
    let x = graph.input("x", .float, [1])
    graph.output(graph.append("Identity", x), .float, [1])
    let model = ONNXModel(graph)
    #expect(storageError { try model.write(to: directory("no/x.onnx")) }?.code == .noSuchFile)
    #expect(storageError { try model.write(to: directory.path) }?.code == .notARegularFile)
    #expect(try directory.contents == [])
  }
}
