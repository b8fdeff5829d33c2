import AnomalyDetection
import Foundation
import LinearAlgebra
import Storage
import Testing
import VariationalInference

@Suite struct ExportDecoderTests {
  let directory = try! TemporaryDirectory()

  static let samples = [
    ExportSample(), ExportSample(hidden: [], scale: .network, observation: .gaussian),
    ExportSample(hidden: [9, 6], activation: .tanh, scale: .closedForm),
    ExportSample(window: 1, hidden: [4], activation: .softplus, linearPath: false),
  ]

  @Test(arguments: samples, ["decoder.h5", "decoder.safetensors", "DECODER.H5"])
  func comesBack(sample: ExportSample, name: String) throws {
    let model = sample.model
    try model.exportDecoder(to: directory(name))
    let decoder = try PretrainedDecoder(reading: directory(name))
    #expect(decoder == PretrainedDecoder(model))
    #expect(decoder.theta == model.theta && decoder.architecture == model.architecture)
    #expect(decoder.variableNames == ExportSample.variableNames)
    #expect(try directory.contents == [name])

    var unnamed = model
    unnamed.variableNames = nil
    try unnamed.exportDecoder(to: directory(name))
    #expect(try PretrainedDecoder(reading: directory(name)).variableNames == nil)
  }

  @Test(arguments: ["d.h5", "d.safetensors", "d.onnx"])
  func saysNothingAboutParticipants(name: String) throws {
    var model = ExportSample().model
    try model.exportDecoder(to: directory(name))
    let before = try contents(of: directory(name))
    // Whatever a participant has, the export is the same.
    for index in model.participants.indices {
      model.participants[index] = AutoencoderParticipant(
        name: "other", local: model.participants[index].start,
        start: model.participants[index].local, calibration: [1, 2], trainingRows: 3,
        baseline: [4])
    }
    model.participants.removeLast()
    model.seed += 1
    model.scoring.smoothing += 1
    model.startTheta = model.theta
    try model.exportDecoder(to: directory("2-\(name)"))
    #expect(try contents(of: directory("2-\(name)")) == before)
    let bytes = try Data(contentsOf: URL(filePath: directory(name)))
    for participant in ExportSample.participants {
      #expect(bytes.firstRange(of: Data(participant.utf8)) == nil)
    }
  }

  /// All that a file says; of HDF5, where bytes also hold the time, attributes and data sets.
  private func contents(of path: String) throws -> [String] {
    guard path.hasSuffix(".h5") else { return ["\(try bytes(of: path))"] }
    let file = try HDF5File(reading: path)
    var contents: [String] = []
    for object in [HDF5Object(path: "/", kind: .group)] + (try file.objects()) {
      contents.append("\(object)")
      for name in try file.attributeNames(of: object.path) {
        contents.append("\(name): \(try file.attribute(name, of: object.path) as Any)")
      }
      if object.kind == .dataSet {
        contents.append("\(try file.read(object.path, as: Float.self))")
      }
    }
    return contents
  }

  @Test func hdf5HasThetaUnderGlobal() throws {
    let model = ExportSample().model
    try model.exportDecoder(to: directory("d.h5"))
    let file = try HDF5File(reading: directory("d.h5"))
    let names = [
      "linear.bias", "linear.weight", "log-scale", "perceptron.1.bias", "perceptron.1.weight",
      "perceptron.2.bias", "perceptron.2.weight",
    ]
    #expect(try file.objects().map(\.path) == ["/global"] + names.map { "/global/\($0)" })
    #expect(try file.dataSet("/global/linear.weight").shape == [3, 15])
    #expect(try file.attribute("hidden") == .integers([7]))
    #expect(try file.attribute("variable_names") == .strings(ExportSample.variableNames))
    #expect(try file.attribute("observation") == .string("student-t"))
    #expect(try file.attribute("window") == .integer(3))
  }

  @Test(arguments: samples) func onnxPorts(sample: ExportSample) throws {
    let model = sample.model
    try model.exportDecoder(to: directory("d.onnx"))
    let onnx = try #require(ONNXSummary(try bytes(of: directory("d.onnx"))))
    let features = "\(model.architecture.features)"
    #expect(onnx.inputs == [.init(name: "z", type: 1, shape: ["rows", "3"])])
    #expect(
      onnx.outputs
        == ["mean", "sigma"].map { .init(name: $0, type: 1, shape: ["rows", features]) })
    #expect(onnx.metadata["format"] == "CollabDict pretrained decoder")
    #expect(onnx.metadata["format_version"] == "1")
    #expect(onnx.metadata["window"] == "\(sample.window)" && onnx.metadata["variables"] == "5")
    #expect(onnx.metadata["variable_names.1"] == "flow, inlet")
    let floor = model.architecture.scaleFloor
    if let sigma = onnx.constants["decoder.sigma"] {
      #expect(sample.scale != .network && sigma.contains(floor))
      #expect(sigma.allSatisfy { $0 >= floor } && !sigma.allSatisfy { $0 == floor })
    } else {
      #expect(sample.scale == .network && onnx.operations.contains("Softplus"))
    }
  }

  @Test(arguments: ["d", "d.pt", "d.onnx.gz", "dir.onnx/d", "/.h5x", ""])
  func otherExtensionsAreRefused(name: String) throws {
    let model = ExportSample().model
    let error = storageError { try model.exportDecoder(to: directory(name)) }
    #expect(error?.code == .wrongFormat)
    #expect(error?.remedy.contains(".onnx, .safetensors or .h5") == true)
    let reading = storageError { _ = try PretrainedDecoder(reading: directory("d.onnx")) }
    #expect(reading?.remedy.contains(".safetensors or .h5") == true)
    #expect(try directory.contents == [])
  }

  @Test(arguments: ["d.h5", "d.safetensors", "d.onnx"])
  func aMisfortuneIsATypedError(name: String) throws {
    let model = ExportSample().model
    let nowhere = directory("no/\(name)")
    #expect(storageError { try model.exportDecoder(to: nowhere) }?.code == .noSuchFile)
    try FileManager.default.createDirectory(
      atPath: directory(name), withIntermediateDirectories: false)
    #expect(storageError { try model.exportDecoder(to: directory(name)) }?.code == .notARegularFile)
    #expect(try directory.contents == [name])
  }
}
