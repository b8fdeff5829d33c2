import AnomalyDetection

extension AutoencoderModel {
  static let scorerFormat = "CollabDict scorer"
  static let scorerFormatVersion = 1

  /// Writes a participant's scorer as an ONNX model, which runs without this program.
  ///
  /// Input `rows`, `[rows, variables]`, single precision: one series from its first row, in the
  /// variables' own units, NaN where a value is missing. Outputs:
  /// - `score`, `[rows]`: after the mean over the last rows.
  /// - `variable_scores`, `[rows, variables]`: each variable's part in the score.
  /// - `reconstruction`, `[rows, variables]`: in the variables' own units.
  /// - `alarm`, `[rows]`: whether the score is above the participant's threshold.
  ///
  /// The numbers are those of ``VAEScorer`` but for rounding: both compute networks and likelihood in
  /// single precision, and the rest in double, but sum in other orders.
  ///
  /// Memory grows with rows times draws. To score a long series in pieces, give before each piece as
  /// many of the rows before it as the property `context_rows` says, and leave out their results.
  ///
  /// - Parameters:
  ///   - participant: its name.
  ///   - path: ends in `.onnx`.
  /// - Throws: ``StorageError``: `wrongFormat` for another extension, `noSuchObject` for a
  ///   participant that the model does not have. What was at `path` is then as it was.
  public func exportScorer(participant: String, to path: String) throws(StorageError) {
    _ = try ExportFormat.of(path, known: [.onnx])
    guard let detector = self[participant] else {
      let names = participants.prefix(6).map(\.name).joined(separator: ", ")
      let rest = participants.count > 6 ? " and \(participants.count - 6) more" : ""
      throw StorageError(
        .noSuchObject, "the model has no participant \"\(participant)\"", at: .init(file: path),
        remedy: "name one of \(names)\(rest)")
    }
    try scorerModel(detector).write(to: path)
  }

  /// The ONNX model that ``exportScorer(participant:to:)`` writes.
  func scorerModel(_ participant: AutoencoderParticipant) -> ONNXModel {
    var builder = ScorerGraph(self, participant)
    builder.build()
    var properties = ExportProperties()
    properties["format"] = .text(Self.scorerFormat)
    properties["format_version"] = .integer(Self.scorerFormatVersion)
    properties["participant"] = .text(participant.name)
    properties["variables"] = .integer(variables)
    if let variableNames, variableNames.count == variables {
      properties["variable_names"] = .texts(variableNames)
    }
    properties["window"] = .integer(window.length)
    properties["smoothing"] = .integer(scoring.smoothing)
    properties["context_rows"] = .integer(window.length + scoring.smoothing - 2)
    properties["draws"] = .integer(scoring.draws)
    properties["observation"] = .text(scoring.observation.description)
    properties["false_alarm_rate"] = .text("\(scoring.falseAlarmRate)")
    properties["threshold"] = .text("\(threshold(for: participant))")
    return ONNXModel(
      builder.graph,
      documentation: "Anomaly scores of consecutive rows, in nats, under the reconstruction "
        + "probability of a variational autoencoder.",
      metadata: properties.texts)
  }
}
