import AutomaticDifferentiation
import Datasets
import VariationalInference

extension PretrainedDecoder {
  /// The group that holds θ in an HDF5 file.
  static let group = "/global"

  /// Writes the decoder in the format that the extension of `path` calls for: `.onnx`,
  /// `.safetensors` or `.h5`.
  ///
  /// - Throws: ``StorageError``, `wrongFormat` for another extension. What was at `path` is then as
  ///   it was.
  public func write(to path: String) throws(StorageError) {
    switch try ExportFormat.of(path, known: [.onnx, .safetensors, .hdf5]) {
    case .onnx:
      try onnxModel().write(to: path)
    case .safetensors:
      try SafetensorsFile(tensors: tensors, metadata: properties.texts).write(to: path)
    default:
      let output = try HDF5Writer(replacing: path)
      try properties.write(to: output)
      for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
        try output.write(tensor.values, shape: tensor.shape, to: "\(Self.group)/\(name)")
      }
      try output.commit()
    }
  }

  /// Reads a decoder that was exported as `.safetensors` or `.h5`.
  ///
  /// - Throws: ``StorageError``: `wrongFormat` for another extension or content, `noSuchObject`,
  ///   `wrongShape` and `malformed` if it lacks something or contradicts itself.
  public init(reading path: String) throws(StorageError) {
    switch try ExportFormat.of(path, known: [.safetensors, .hdf5]) {
    case .hdf5:
      let file = try HDF5File(reading: path)
      let description = try Self.description(
        ExportPropertyReader(texts: try ExportProperties.texts(of: file), file: path))
      let expected = Self.parameterCount(description.0)
      var tensors: [String: SafetensorsFile.Tensor] = [:]
      var count = 0
      for object in try file.objects()
      where object.kind == .dataSet && object.path.hasPrefix(Self.group + "/") {
        let dataSet = try file.dataSet(object.path)
        let name = String(object.path.dropFirst(Self.group.count + 1))
        // A data set may claim any size without room on the disk.
        for length in dataSet.shape where length > expected {
          throw Self.wrongShape(name, dataSet.shape, in: path)
        }
        let values = try dataSet.read(as: Float.self)
        tensors[name] = .init(shape: dataSet.shape, values: values)
        count += values.count
        if count > expected { throw Self.wrongShape(name, dataSet.shape, in: path) }
      }
      try self.init(description, tensors, file: path)
    default:
      let file = try SafetensorsFile(path: path)
      let description = try Self.description(
        ExportPropertyReader(texts: file.metadata, file: path))
      try self.init(description, file.tensors, file: path)
    }
  }

  /// θ by the names of its tensors.
  private var tensors: [String: SafetensorsFile.Tensor] {
    var tensors: [String: SafetensorsFile.Tensor] = [:]
    for slot in structure.layout.slots {
      tensors[slot.name] = .init(shape: slot.lengths, values: Array(theta[slot.range]))
    }
    return tensors
  }

  private init(
    _ description: (VAEArchitecture, CausalWindow, variableNames: [String]?),
    _ tensors: [String: SafetensorsFile.Tensor], file: String
  ) throws(StorageError) {
    let count = tensors.values.reduce(0) { $0 + $1.values.count }
    let expected = Self.parameterCount(description.0)
    // Before the layout, which takes as much memory as the properties ask for.
    guard count == expected else {
      throw StorageError(
        .wrongShape, "\(count) values are not the \(expected) that the architecture has",
        at: .init(file: file), remedy: "export the decoder again")
    }
    self.init(
      architecture: description.0, window: description.1,
      theta: [Float](repeating: 0, count: count), variableNames: description.variableNames)
    for slot in structure.layout.slots {
      let place = StorageError.Place(file: file, object: "tensor \(slot.name)")
      guard let tensor = tensors[slot.name] else {
        throw StorageError(
          .noSuchObject, "there is no such tensor", at: place, remedy: "export the decoder again")
      }
      guard tensor.shape == slot.lengths else {
        throw Self.wrongShape(slot.name, tensor.shape, in: file)
      }
      guard tensor.values.allSatisfy(\.isFinite) else {
        throw StorageError(
          .malformed, "a value is not finite", at: place, remedy: "export the decoder again")
      }
      theta.replaceSubrange(slot.range, with: tensor.values)
    }
  }

  private static func wrongShape(
    _ name: String, _ shape: [Int], in file: String
  ) -> StorageError {
    StorageError(
      .wrongShape, "the shape \(shape) is not that of the architecture",
      at: .init(file: file, object: "tensor \(name)"), remedy: "export the decoder again")
  }
}

extension ParameterSlot {
  /// The lengths of its axes.
  var lengths: [Int] { (0..<shape.rank).map { shape[$0] } }
}
