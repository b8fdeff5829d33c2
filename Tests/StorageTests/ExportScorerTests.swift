import AnomalyDetection
import Storage
import Testing

@Suite struct ExportScorerTests {
  let directory = try! TemporaryDirectory()

  @Test(arguments: ExportSample.all) func portsAndProperties(sample: ExportSample) throws {
    let model = sample.model
    try model.exportScorer(participant: "press-2", to: directory("s.onnx"))
    let onnx = try #require(ONNXSummary(try bytes(of: directory("s.onnx"))))
    #expect(onnx.inputs == [.init(name: "rows", type: 1, shape: ["rows", "5"])])
    #expect(
      onnx.outputs == [
        .init(name: "score", type: 1, shape: ["rows"]),
        .init(name: "variable_scores", type: 1, shape: ["rows", "5"]),
        .init(name: "reconstruction", type: 1, shape: ["rows", "5"]),
        .init(name: "alarm", type: 9, shape: ["rows"]),
      ])
    #expect(onnx.metadata["participant"] == "press-2")
    #expect(onnx.metadata["context_rows"] == "\(sample.window + sample.smoothing - 2)")
    let threshold = model.threshold(for: model.participants[1])
    #expect(onnx.metadata["threshold"].flatMap { Double($0) } == threshold)
    #expect(onnx.constants["draws"]?.count == sample.draws * ExportSample.latent)
    let predicts = sample.linearPath && sample.predictionWeight > 0
    #expect(onnx.constants.keys.contains("prediction.weight") == predicts)
  }

  @Test func refusals() throws {
    let model = ExportSample().model
    for name in ["s.h5", "s.safetensors", "s"] {
      let error = storageError {
        try model.exportScorer(participant: "press-1", to: directory(name))
      }
      #expect(error?.code == .wrongFormat && error?.remedy == "name a file that ends in .onnx")
    }
    let error = storageError { try model.exportScorer(participant: "x", to: directory("s.onnx")) }
    #expect(error?.code == .noSuchObject && error?.remedy == "name one of press-1, press-2")
    #expect(
      storageError { try model.exportScorer(participant: "press-1", to: directory("no/s.onnx")) }?
        .code == .noSuchFile)
    #expect(try directory.contents == [])
  }
}
