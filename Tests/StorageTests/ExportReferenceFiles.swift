import AnomalyDetection
import Foundation
import LinearAlgebra
import Storage
import Testing
import VariationalInference

/// Writes exports and, beside each, the numbers that this package computes with the same model, for
/// `reference/check_exports.py` to compare with what other programs make of them.
@Suite struct ExportReferenceFiles {
  static let directory = ProcessInfo.processInfo.environment["EXPORT_DIRECTORY"]

  @Test(.enabled(if: directory != nil, "EXPORT_DIRECTORY says where to write"))
  func write() throws {
    let directory = try #require(Self.directory)
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    for sample in ExportSample.all {
      let model = sample.model
      let path = "\(directory)/\(sample.name)"
      for end in ["onnx", "h5", "safetensors"] {
        try model.exportDecoder(to: "\(path).decoder.\(end)")
      }
      try model.exportScorer(participant: "press-1", to: "\(path).scorer.onnx")
      let output = try HDF5Writer(replacing: "\(path).numbers.h5")
      try Self.writeScores(model, to: output)
      try Self.writeDecoder(model, to: output)
      try output.commit()
    }
  }

  private static func writeScores(
    _ model: AutoencoderModel, to output: borrowing HDF5Writer
  ) throws {
    let count = 300
    let m = model.variables
    let rows = ExportSample.rows(count, seed: 2)
    var scorer = model.scorer(for: model.participants[0])
    let scored = scorer.score(rows, count: count)
    let threshold = model.threshold(for: model.participants[0])
    try output.write(rows, shape: [count, m], to: "rows")
    try output.write(scored.scores, shape: [count], to: "score")
    try output.write(scored.parts, shape: [count, m], to: "variable_scores")
    try output.write(scored.reconstruction, shape: [count, m], to: "reconstruction")
    try output.write(
      scored.scores.map { UInt8($0 > threshold ? 1 : 0) }, shape: [count], to: "alarm")
    try output.setAttribute("threshold", to: .number(threshold))
  }

  private static func writeDecoder(
    _ model: AutoencoderModel, to output: borrowing HDF5Writer
  ) throws {
    let count = 64
    let architecture = model.architecture
    let features = architecture.features
    var random = SplitMix64(state: 11)
    let z = (0..<count * architecture.latent).map { _ in random.uniform(-3, 3) }
    let structure = ModelStructure(architecture, window: model.window)
    var decoder = structure.decoder.evaluator(model.theta, structure.decoderLayout)
    let width = decoder.outputs
    var result = [Float](repeating: 0, count: count * width)
    do {
      var span = result.mutableSpan
      decoder.evaluate(z.span, rows: count, into: &span)
    }
    let scales = structure.decoderLayout["log-scale"].map { Array(model.theta[$0.range]) }
    let floor = Double(architecture.scaleFloor)
    var mean: [Float] = []
    var sigma: [Double] = []
    for row in 0..<count {
      for feature in 0..<features {
        mean.append(result[row * width + feature])
        if let scales {
          sigma.append(max(floor, Double(scales[feature]).exponential))
        } else {
          let raw = Double(result[row * width + features + feature])
          sigma.append(floor + log1p(raw.exponential))
        }
      }
    }
    try output.write(model.theta, shape: [model.theta.count], to: "theta")
    try output.write(z, shape: [count, architecture.latent], to: "z")
    try output.write(mean, shape: [count, features], to: "mean")
    try output.write(sigma, shape: [count, features], to: "sigma")
  }
}
