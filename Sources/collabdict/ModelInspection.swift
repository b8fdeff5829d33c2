import AnomalyDetection
import CollaborativeLearning
import Cryptography
import Storage

/// What `inspect` says of a checkpoint.
enum ModelInspection {
  static func run(_ path: String, _ arguments: Arguments) throws {
    let json = arguments.has("json")
    for option in ["pattern", "least"] where arguments.has(option) && !arguments.has("graph") {
      throw UsageError("--\(option) goes with --graph")
    }
    if let output = arguments["graph"] {
      return try GraphFile(output, arguments).write(try ModelArguments.finished(path), at: path)
    }
    switch try Checkpoint(reading: path) {
    case .running(let configuration, let names, let states):
      let round = states.first.flatMap { configuration.modelClass.round(in: $0) } ?? 0
      if json {
        try JSON.object([
          ("state", .text("running")), ("round", .integer(round)),
          ("participants", .list(names.map { .text($0) })), ("settings", settings(configuration)),
        ]).print()
      } else {
        Console.print(
          "\(path): a run on its way, round \(round) of \(configuration.rounds), "
            + "\(names.count) participants; go on with collabdict train … --resume")
      }
    case .finished(let run):
      if json { try self.json(run).print() } else { show(path, run) }
    }
  }

  static func show(_ path: String, _ run: FinishedRun) {
    switch run {
    case .autoencoder(let model): show(path, model)
    case .mixture(let model): MixtureInspection.show(path, model)
    }
  }

  static func json(_ run: FinishedRun) -> JSON {
    switch run {
    case .autoencoder(let model): json(model)
    case .mixture(let model): MixtureInspection.json(model)
    }
  }

  /// Each participant with what its threshold comes from, and what more the class has to say.
  static func participants<Model: DetectorModel>(
    _ model: Model, _ more: [(header: String, cell: (Model.Participant) -> String)] = []
  ) {
    Console.table(
      ["participant", "rows", "threshold", "normal scores", "median", "highest"]
        + more.map(\.header),
      model.participants.map { participant in
        let scores = participant.calibration
        return [
          participant.name, "\(participant.trainingRows)",
          Console.number(model.threshold(for: participant)), "\(scores.count)",
          Console.number(scores.isEmpty ? nil : scores[scores.count / 2]),
          Console.number(scores.last),
        ] + more.map { $0.cell(participant) }
      })
    Console.print()
  }

  /// By which people see whether they hold the same θ.
  private static func thetaDigest(_ detector: AutoencoderModel) -> String {
    var hash = SHA256()
    hash.update(memoryOf: detector.theta.span)
    return hash.finalise().description
  }

  static func show(_ path: String, _ model: TrainedModel<AutoencoderModel>) {
    let detector = model.detector
    let report = model.report
    Console.print(
      "\(path): \(detector.participants.count) participants, \(detector.variables) variables, "
        + "windows of \(detector.window.length) rows, \(detector.architecture.latent) latent "
        + "variables")
    Console.print("θ: \(detector.theta.count) numbers, SHA-256 \(thetaDigest(detector))")
    participants(detector)
    if !report.startValidation.isNaN {
      Console.print(
        "held-out loss: \(Console.number(report.startValidation)) at the closed-form start, "
          + "\(Console.number(report.bestValidation)) after \(report.bestRound) rounds "
          + "(nats a row)")
    }
    let collapse = detector.collapse
    Console.print(
      "latent variables in use: \(collapse.activeUnits) of \(collapse.dimensions); divergence "
        + "\(Console.number(collapse.divergencePerDimension.reduce(0, +), 2)) nats a row; gain over "
        + "a constant decoder \(Console.number(collapse.gainOverConstant, 2)); rank correlation of "
        + "score and ‖x‖² \(Console.number(collapse.correlationWithNorm, 2))")
    if let warning = collapse.warning { Console.print("warning: \(warning)") }
  }

  static func settings(_ configuration: TrainingConfiguration) -> JSON {
    .object(configuration.settings.map { ($0.name, .text($0.value)) })
  }

  static func json(_ model: TrainedModel<AutoencoderModel>) -> JSON {
    let detector = model.detector
    return .object([
      ("state", .text("finished")), ("model", .text(ModelClass.vae.rawValue)),
      ("variables", .integer(detector.variables)),
      ("latent", .integer(detector.architecture.latent)),
      ("window", .integer(detector.window.length)),
      ("theta_sha256", .text(thetaDigest(detector))),
      ("settings", settings(model.configuration)),
      ("best_round", .integer(model.report.bestRound)),
      ("held_out_loss_start", .number(model.report.startValidation)),
      ("held_out_loss", .number(model.report.bestValidation)),
      (
        "collapse",
        .object([
          ("active_units", .integer(detector.collapse.activeUnits)),
          (
            "divergence_per_dimension",
            .list(detector.collapse.divergencePerDimension.map { .number($0) })
          ),
          ("gain_over_constant", .number(detector.collapse.gainOverConstant)),
          ("gain_over_start", .number(detector.collapse.gainOverStart)),
          ("rank_correlation_with_norm", .number(detector.collapse.correlationWithNorm)),
          ("warning", detector.collapse.warning.map { .text($0) } ?? .null),
        ])
      ),
      (
        "participants",
        .object(
          detector.participants.map { participant in
            (
              participant.name,
              .object([
                ("rows", .integer(participant.trainingRows)),
                ("threshold", .number(detector.threshold(for: participant))),
              ])
            )
          })
      ),
    ])
  }
}
