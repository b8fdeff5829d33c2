import Storage
import Testing

/// Files that are not what a pretrained decoder should be, by class of mistake.
@Suite struct ExportBadDecoderTests {
  let directory = try! TemporaryDirectory()

  /// A good file of sample's decoder, to be spoilt.
  private func good() throws -> SafetensorsFile {
    try ExportSample().model.exportDecoder(to: directory("good.safetensors"))
    return try SafetensorsFile(path: directory("good.safetensors"))
  }

  private func error(_ file: SafetensorsFile) throws -> StorageError? {
    try file.write(to: directory("bad.safetensors"))
    return storageError { _ = try PretrainedDecoder(reading: directory("bad.safetensors")) }
  }

  @Test(arguments: [
    ("features", "16"), ("features", "-15"), ("features", "x"), ("variables", "0"),
    ("variables", "3"), ("window", "0"), ("window", "99999999999999999999"), ("latent", "0"),
    ("latent", "3.0"), ("hidden", "7,"), ("hidden", "0"), ("hidden", "7,-1"),
    ("hidden", "16777217"), ("linear_path", "yes"), ("scale", "global"), ("activation", "RELU"),
    ("scale_floor", "0"), ("scale_floor", "nan"), ("scale_floor", "inf"),
    ("degrees_of_freedom", "-1"), ("observation", "poisson"), ("log_variance_floor", "6"),
    ("format_version", "0"), ("variable_names.5", "sixth"),
  ])
  func propertiesThatMakeNoSense(name: String, value: String) throws {
    var file = try good()
    file.metadata[name] = value
    let error = try error(file)
    #expect(error?.code == .malformed, "\(error as Any)")
    #expect(error?.place.object?.hasPrefix("property ") == true)
  }

  @Test func propertiesThatAreMissing() throws {
    let file = try good()
    for name in file.metadata.keys where name != "format" {
      var less = file
      less.metadata[name] = nil
      let error = try error(less)
      #expect(error?.code == .noSuchObject, "\(name)")
      #expect(error?.place.object == "property \(name)")
    }
  }

  @Test func otherFormatsAndLaterVersions() throws {
    var file = try good()
    file.metadata["format_version"] = "2"
    #expect(try error(file)?.code == .wrongFormat)
    file.metadata["format"] = "CollabDict scorer"
    #expect(try error(file)?.code == .wrongFormat)
    file.metadata = [:]
    #expect(try error(file)?.code == .wrongFormat)
    let numbers = fixture("numbers.h5")
    #expect(storageError { _ = try PretrainedDecoder(reading: numbers) }?.code == .wrongFormat)
  }

  @Test func parametersThatDoNotFit() throws {
    let file = try good()
    var other = file
    // Asks for terabytes; must be refused before they are.
    other.metadata["hidden"] = "16777216,16777216"
    #expect(try error(other)?.code == .wrongShape)
    other = file
    other.tensors["more"] = .init(shape: [1], values: [0])
    #expect(try error(other)?.code == .wrongShape)
    other = file
    other.tensors["log-scale"] = nil
    #expect(try error(other)?.code == .wrongShape)
    other.tensors["log_scale"] = file.tensors["log-scale"]
    #expect(try error(other)?.code == .noSuchObject)
    other = file
    let weight = try #require(file.tensors["linear.weight"])
    other.tensors["linear.weight"] = .init(shape: [15, 3], values: weight.values)
    #expect(try error(other)?.place.object == "tensor linear.weight")
    other.tensors["linear.weight"] = .init(
      shape: weight.shape, values: weight.values.dropLast() + [.nan])
    #expect(try error(other)?.code == .malformed)
  }

  @Test func hdf5ThatDoesNotFit() throws {
    for shape in [[1_000_000, 1_000_000], [100], [15, 2]] {
      let output = try HDF5Writer(replacing: directory("bad.h5"))
      try ExportSample().model.exportDecoder(to: directory("good.h5"))
      let good = try HDF5File(reading: directory("good.h5"))
      for name in try good.attributeNames() {
        if let value = try good.attribute(name) { try output.setAttribute(name, to: value) }
      }
      // No room on the disk until values are written.
      _ = try output.createDataSet(
        "/global/linear.weight", shape: shape, of: Float.self, layout: .chunked(rows: 1))
      try output.commit()
      let error = storageError { _ = try PretrainedDecoder(reading: directory("bad.h5")) }
      #expect(error?.code == .wrongShape)
    }
  }
}
