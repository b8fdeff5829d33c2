import AnomalyDetection
import CollaborativeLearning
import Datasets

extension Checkpoint {
  /// Writes the checkpoint. The file changes only when the new one is complete on the disk.
  ///
  /// - Throws: ``StorageError``.
  public func write(to path: String) throws(StorageError) {
    let writer = try HDF5Writer(replacing: path)
    try writer.setAttribute("format", to: .string(Self.format))
    try writer.setAttribute("version", to: .integer(Self.version))
    try writer.createGroup(CheckpointPath.configuration)
    for (name, value) in configuration.settings {
      try writer.setAttribute(name, of: CheckpointPath.configuration, to: .string(value))
    }
    try writer.createGroup(CheckpointPath.global)
    try writer.createGroup(CheckpointPath.participants)
    switch self {
    case .running(_, let names, let states):
      try writer.setAttribute("state", to: .string("running"))
      if let first = states.first {
        try Self.write(first.shared, to: CheckpointPath.global, writer)
      }
      for (name, state) in zip(names, states) {
        let group = CheckpointPath.participant(name)
        try writer.createGroup(group)
        try Self.write(state.local, to: group, writer)
      }
    case .finished(let run):
      try writer.setAttribute("state", to: .string("finished"))
      try Self.write(run.report, writer)
      switch run {
      case .autoencoder(let model): try Self.write(model.detector, writer)
      case .mixture(let model): try Self.write(model.detector, writer)
      }
    }
    try writer.commit()
  }

  private static func write(
    _ arrays: NamedArrays, to group: String, _ writer: borrowing HDF5Writer
  ) throws(StorageError) {
    for (name, values) in arrays.floats.sorted(by: { $0.key < $1.key }) where !values.isEmpty {
      try writer.write(values, shape: [values.count], to: "\(group)/\(name)")
    }
    for (name, values) in arrays.doubles.sorted(by: { $0.key < $1.key }) where !values.isEmpty {
      try writer.write(values, shape: [values.count], to: "\(group)/\(name)")
    }
  }

  private static func write(
    _ report: TrainingReport, _ writer: borrowing HDF5Writer
  ) throws(StorageError) {
    try writer.write(
      [
        Double(report.round), report.loss, report.divergence, report.validation,
        report.startValidation, report.bestValidation, Double(report.bestRound),
      ], shape: [7], to: "\(CheckpointPath.global)/report")
  }

  /// What a model of any class says of its variables.
  static func writeVariables(
    of detector: some DetectorModel, _ writer: borrowing HDF5Writer
  ) throws(StorageError) {
    let global = CheckpointPath.global
    try writer.setAttribute("variable_count", of: global, to: .integer(Int64(detector.variables)))
    if let names = detector.variableNames {
      try writer.setAttribute("variables", of: global, to: .strings(names))
    }
    if let units = detector.units {
      try writer.setAttribute("units", of: global, to: .strings(units))
    }
  }

  /// What a model of any class says of a participant: its rows, and the threshold that follows.
  static func writeParticipant<Model: DetectorModel>(
    _ participant: Model.Participant, of model: Model, _ arrays: [(String, [Double])],
    _ writer: borrowing HDF5Writer
  ) throws(StorageError) {
    let group = CheckpointPath.participant(participant.name)
    try writer.createGroup(group)
    try writer.setAttribute("rows", of: group, to: .integer(Int64(participant.trainingRows)))
    try writer.setAttribute("threshold", of: group, to: .number(model.threshold(for: participant)))
    for (name, values) in arrays + [
      ("calibration", participant.calibration), ("baseline", participant.baseline),
    ] where !values.isEmpty {
      try writer.write(values, shape: [values.count], to: "\(group)/\(name)")
    }
  }

  private static func write(
    _ detector: AutoencoderModel, _ writer: borrowing HDF5Writer
  ) throws(StorageError) {
    let global = CheckpointPath.global
    try writer.setAttribute("latent", of: global, to: .integer(Int64(detector.architecture.latent)))
    try writeVariables(of: detector, writer)
    try writer.write(detector.theta, shape: [detector.theta.count], to: "\(global)/theta")
    try writer.write(
      detector.startTheta, shape: [detector.startTheta.count], to: "\(global)/start-theta")
    let collapse = detector.collapse
    try writer.write(
      collapse.divergencePerDimension, shape: [collapse.dimensions],
      to: "\(global)/divergence-per-dimension")
    try writer.write(
      [
        Double(collapse.activeUnits), collapse.gainOverConstant, collapse.gainOverStart,
        collapse.correlationWithNorm,
      ], shape: [4], to: "\(global)/collapse")
    for participant in detector.participants {
      let units = participant.local.standardisation
      try writeParticipant(
        participant, of: detector,
        [
          ("mean", units.mean), ("scale", units.scale), ("noise", participant.local.noise),
          ("start-noise", participant.start.noise),
        ], writer)
      let group = CheckpointPath.participant(participant.name)
      for (name, values) in [("phi", participant.local.phi), ("start-phi", participant.start.phi)] {
        try writer.write(values, shape: [values.count], to: "\(group)/\(name)")
      }
    }
  }
}
