import AnomalyDetection
import CollaborativeLearning
import Datasets
import VariationalInference

extension Checkpoint {
  /// Reads a checkpoint.
  ///
  /// - Throws: ``StorageError`` that says what is missing, or that the file is of another kind,
  ///   version or shape.
  public init(reading path: String) throws(StorageError) {
    let file = try HDF5File(reading: path)
    let reader = CheckpointReader(file: file)
    try reader.requireFormat(Self.format, version: Self.version)
    let configuration = try reader.configuration()
    guard case .string(let state)? = try file.attribute("state") else {
      throw reader.error(.malformed, "the attribute state is missing", object: nil)
    }
    if state == "running" {
      let names = try reader.participantNames()
      let shared = try reader.arrays(in: CheckpointPath.global)
      var states: [ParticipantState] = []
      for name in names {
        var state = ParticipantState()
        state.shared = shared
        state.local = try reader.arrays(in: CheckpointPath.participant(name))
        states.append(state)
      }
      self = .running(configuration: configuration, names: names, states: states)
    } else {
      switch configuration.modelClass {
      case .vae: self = .finished(.autoencoder(try reader.autoencoder(configuration)))
      case .ggm: self = .finished(.mixture(try reader.mixture(configuration)))
      }
    }
  }
}

/// Reads the parts of a checkpoint and checks their shapes against one another.
struct CheckpointReader {
  let file: HDF5File

  func error(_ code: StorageError.Code, _ problem: String, object: String?) -> StorageError {
    StorageError(
      code, problem, at: StorageError.Place(file: file.path, object: object),
      remedy: "write it again with `collabdict train`")
  }

  func requireFormat(_ format: String, version: Int64) throws(StorageError) {
    guard case .string(let found)? = try file.attribute("format") else {
      throw error(.wrongFormat, "the file is no checkpoint of collabdict", object: nil)
    }
    guard found == format else {
      throw error(.wrongFormat, "the file is a \(found), not a \(format)", object: nil)
    }
    let stored = try file.attribute("version")
    guard case .integer(version)? = stored else {
      let other =
        switch stored {
        case .integer(let number)?: "\(number)"
        case nil: "none"
        default: "unknown"
        }
      throw error(
        .wrongFormat, "the checkpoint has version \(other); this program reads \(version)",
        object: nil)
    }
  }

  func configuration() throws(StorageError) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    for name in try file.attributeNames(of: CheckpointPath.configuration) {
      guard
        case .string(let value)? = try file.attribute(name, of: CheckpointPath.configuration)
      else { continue }
      do {
        try configuration.set(name, to: value)
      } catch {
        throw self.error(.malformed, error.description, object: CheckpointPath.configuration)
      }
    }
    do {
      try configuration.validate()
    } catch {
      throw self.error(.malformed, error.description, object: CheckpointPath.configuration)
    }
    return configuration
  }

  func participantNames() throws(StorageError) -> [String] {
    let prefix = CheckpointPath.participants + "/"
    var names: [String] = []
    for object in try file.objects() where object.path.hasPrefix(prefix) {
      let rest = object.path.dropFirst(prefix.count)
      if !rest.contains("/") { names.append(String(rest)) }
    }
    return names.sorted(by: SensorFleet.naturally)
  }

  /// All data sets of a group, as named arrays.
  func arrays(in group: String) throws(StorageError) -> NamedArrays {
    var arrays = NamedArrays()
    let prefix = group + "/"
    for object in try file.objects() where object.path.hasPrefix(prefix) {
      guard case .dataSet = object.kind else { continue }
      let name = String(object.path.dropFirst(prefix.count))
      let dataSet = try file.dataSet(object.path)
      if case .float(bits: 32) = dataSet.elementType {
        arrays.floats[name] = try dataSet.read(as: Float.self)
      } else {
        arrays.doubles[name] = try dataSet.read(as: Double.self)
      }
    }
    return arrays
  }

  func autoencoder(
    _ configuration: TrainingConfiguration
  ) throws(StorageError) -> TrainedModel<AutoencoderModel> {
    let global = CheckpointPath.global
    let variables = try integer("variable_count", of: global, 1...1_000_000)
    let latent = try integer("latent", of: global, 1...65536)
    let architecture = configuration.architecture(variables: variables, latent: latent)
    let window = CausalWindow(configuration.window)
    let structure = ModelStructure(architecture, window: window)
    let collapse = try doubles("\(global)/collapse", count: 4)
    var participants: [AutoencoderParticipant] = []
    for name in try participantNames() {
      participants.append(try participant(name, structure, configuration))
    }
    guard !participants.isEmpty else {
      throw error(.malformed, "the checkpoint has no participants", object: nil)
    }
    let detector = AutoencoderModel(
      variableNames: try strings("variables", of: global),
      units: try strings("units", of: global), architecture: architecture, window: window,
      seed: configuration.seed,
      theta: try floats("\(global)/theta", count: structure.theta.count),
      startTheta: try floats("\(global)/start-theta", count: structure.theta.count),
      participants: participants, scoring: configuration.scoring,
      collapse: CollapseReport(
        divergencePerDimension: try doubles("\(global)/divergence-per-dimension", count: latent),
        activeUnits: try whole(collapse[0], "\(global)/collapse"), gainOverConstant: collapse[1],
        gainOverStart: collapse[2],
        correlationWithNorm: collapse[3]))
    return TrainedModel(detector: detector, configuration: configuration, report: try report())
  }

  /// How the finished run went.
  func report() throws(StorageError) -> TrainingReport {
    let path = "\(CheckpointPath.global)/report"
    let numbers = try doubles(path, count: 7)
    var report = TrainingReport()
    report.stage = "finished"
    report.round = try whole(numbers[0], path)
    report.rounds = report.round
    report.loss = numbers[1]
    report.divergence = numbers[2]
    report.validation = numbers[3]
    report.startValidation = numbers[4]
    report.bestValidation = numbers[5]
    report.bestRound = try whole(numbers[6], path)
    return report
  }

  private func participant(
    _ name: String, _ structure: ModelStructure, _ configuration: TrainingConfiguration
  ) throws(StorageError) -> AutoencoderParticipant {
    let group = CheckpointPath.participant(name)
    let features = structure.architecture.features
    let units = try standardisation(group, structure.variables, configuration)
    return AutoencoderParticipant(
      name: name,
      local: LocalParameters(
        standardisation: units, phi: try floats("\(group)/phi", count: structure.phi.count),
        noise: try doubles("\(group)/noise", count: features)),
      start: LocalParameters(
        standardisation: units, phi: try floats("\(group)/start-phi", count: structure.phi.count),
        noise: try doubles("\(group)/start-noise", count: features)),
      calibration: try calibration(group),
      trainingRows: try integer("rows", of: group, 0...Int.max),
      baseline: try doubles("\(group)/baseline", count: structure.variables))
  }

  /// A participant's units.
  func standardisation(
    _ group: String, _ variables: Int, _ configuration: TrainingConfiguration
  ) throws(StorageError) -> Standardisation {
    let scale = try doubles("\(group)/scale", count: variables)
    guard scale.allSatisfy({ $0 > 0 }) else {
      throw error(.malformed, "a scale is not positive", object: "\(group)/scale")
    }
    return Standardisation(
      mean: try doubles("\(group)/mean", count: variables), scale: scale,
      bound: configuration.bound)
  }

  /// A participant's scores of unseen normal rows, of which there may be none.
  func calibration(_ group: String) throws(StorageError) -> [Double] {
    file.exists("\(group)/calibration") ? try doubles("\(group)/calibration", count: nil) : []
  }

  /// A count that is stored among other numbers.
  private func whole(_ value: Double, _ path: String) throws(StorageError) -> Int {
    guard let count = Int(exactly: value), count >= 0 else {
      throw error(.malformed, "\(value) is no count", object: "data set \(path)")
    }
    return count
  }

  func integer(
    _ name: String, of object: String, _ range: ClosedRange<Int>
  ) throws(StorageError) -> Int {
    guard case .integer(let value)? = try file.attribute(name, of: object),
      range.contains(Int(value))
    else { throw error(.malformed, "the attribute \(name) is missing or wrong", object: object) }
    return Int(value)
  }

  func strings(_ name: String, of object: String) throws(StorageError) -> [String]? {
    switch try file.attribute(name, of: object) {
    case .strings(let texts): texts
    case .string(let text): [text]
    default: nil
    }
  }

  func doubles(_ path: String, count: Int?) throws(StorageError) -> [Double] {
    let values = try file.read(path, as: Double.self)
    if let count, values.count != count {
      throw error(
        .wrongShape, "\(values.count) numbers instead of \(count)", object: "data set \(path)")
    }
    return values
  }

  func floats(_ path: String, count: Int) throws(StorageError) -> [Float] {
    let values = try file.read(path, as: Float.self)
    guard values.count == count else {
      throw error(
        .wrongShape, "\(values.count) numbers instead of \(count)", object: "data set \(path)")
    }
    return values
  }
}
