import AnomalyDetection
import CollaborativeLearning
import Datasets
import Foundation
import Storage

/// `collabdict evaluate`: metrics beside references, per participant and overall.
enum EvaluateCommand: Command {
  static let name = "evaluate"
  static let summary = "compare scores with labels, beside what needs no model"
  static let synopsis = "MODEL.h5 DATA.h5 [--alone] [--pooled] [--json] …"
  static let options =
    [
      OptionSpecification("as", "NAME", "score every group with this participant's model"),
      OptionSpecification("alone", nil, "train each participant without the others, too"),
      OptionSpecification("pooled", nil, "train one model on all rows together, too"),
      OptionSpecification(
        "threshold", "SCORE", "alarm above this instead of the model's threshold"),
      OptionSpecification("false-alarm-rate", "SHARE", "set thresholds anew for this rate"),
      OptionSpecification("threshold-rule", "RULE", "conformal or peaks-over-threshold"),
      OptionSpecification("threads", "N", "participants that run at the same time"),
      SharedOptions.json,
    ] + SharedOptions.layout

  /// All figures of one participant: `together` is the model's own.
  struct Result {
    let name: String
    var columns: [(name: String, metrics: DetectionMetrics)]
  }

  static func run(_ arguments: Arguments) throws {
    let paths = try arguments.exactly(2, "a model and a data file")
    let model = try ModelArguments.model(paths[0], arguments)
    let fleet = try SensorFleet(readingHDF5: paths[1], layout: try SharedOptions.layout(arguments))
    let jobs = try ModelArguments.jobs(model, fleet, paths, arguments).filter {
      $0.data.testLabels != nil
    }
    guard !jobs.isEmpty else {
      throw FileError(
        path: paths[1], cause: ConfigurationError("no participant has labelled test rows"))
    }
    var results = try jobs.map { try result(model, $0, fleet) }
    let configuration = try ModelArguments.finished(paths[0]).configuration
    let threads =
      try arguments.integer("threads", 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
    if arguments.has("alone") {
      for (index, job) in jobs.enumerated() {
        guard let train = fleet[job.name]?.train else { continue }
        let single = try trained(
          [(job.data.name, train)], configuration, threads: threads)
        results[index].columns.append(
          ("alone", try metrics(single, 0, job)))
      }
    }
    if arguments.has("pooled") {
      let all = fleet.participants.compactMap(\.train)
      if !all.isEmpty {
        let single = try trained([("pooled", JoinedRows(all))], configuration, threads: threads)
        for (index, job) in jobs.enumerated() {
          results[index].columns.append(
            ("pooled", try metrics(single, 0, job)))
        }
      }
    }
    if arguments.has("json") { try json(results).print() } else { show(results) }
  }

  private static func trained(
    _ rows: [(String, any RowSource)], _ configuration: TrainingConfiguration, threads: Int
  ) throws -> any DetectorModel {
    let fleet = SensorFleet(
      participants: rows.map { ParticipantData(name: $0.0, train: $0.1) })
    func model<Participant: FleetParticipant>(
      _ type: Participant.Type
    ) throws -> any DetectorModel {
      let training = try FleetTraining<Participant>(fleet, configuration, threads: threads)
      try training.run()
      return try training.model()
    }
    return try configuration.modelClass.withParticipantType { try model($0) }
  }

  private static func metrics(
    _ model: some DetectorModel, _ index: Int, _ job: ModelArguments.Job
  ) throws -> DetectionMetrics {
    try metrics(
      model.scorer(at: index), job, threshold: model.threshold(for: model.participants[index]))
  }

  private static func metrics(
    _ scorer: any AnomalyScorer, _ job: ModelArguments.Job, threshold: Double
  ) throws -> DetectionMetrics {
    guard let test = job.data.test, let labels = job.data.testLabels else {
      preconditionFailure("a job without labelled rows")
    }
    var scorer = scorer
    return DetectionMetrics(
      scores: try scorer.scores(of: test), labels: labels, threshold: threshold)
  }

  private static func result(
    _ model: some DetectorModel, _ job: ModelArguments.Job, _ fleet: SensorFleet
  ) throws -> Result {
    guard let test = job.data.test, let labels = job.data.testLabels else {
      preconditionFailure("a job without labelled rows")
    }
    let scorer = model.scorer(at: job.index)
    var result = Result(
      name: job.data.name,
      columns: [("together", try metrics(scorer, job, threshold: job.threshold))])
    if let start = model.startScorer(at: job.index) {
      let threshold = model.threshold(for: model.participants[job.index])
      result.columns.append(("start", try metrics(start, job, threshold: threshold)))
    }
    for reference in Reference.allCases {
      let train = fleet[job.name]?.train
      if let figures = try model.reference(reference, test: test, labels: labels, train: train) {
        result.columns.append((reference.rawValue, figures))
      }
    }
    return result
  }

  private static func mean(_ results: [Result]) -> [(name: String, metrics: DetectionMetrics)] {
    // A column may be missing where a participant has no training rows.
    var names: [String] = []
    for column in results.flatMap(\.columns) where !names.contains(column.name) {
      names.append(column.name)
    }
    return names.compactMap { name in
      let all = results.compactMap { result in
        result.columns.first { $0.name == name }?.metrics
      }
      return DetectionMetrics(mean: all).map { (name, $0) }
    }
  }

  private static func show(_ results: [Result]) {
    let header = [
      "participant", "model", "AUROC", "AUPRC", "VUS-PR", "events", "F1", "false al.", "missed",
    ]
    func row(_ name: String, _ column: (name: String, metrics: DetectionMetrics)) -> [String] {
      let m = column.metrics
      return [
        name, column.name.replacing("_", with: " "), Console.number(m.auroc),
        Console.number(m.auprc), Console.number(m.vusPR), Console.number(m.eventRecall),
        Console.number(m.f1), Console.percent(m.falseAlarmRate),
        Console.percent(m.missedAlarmRate),
      ]
    }
    var rows = results.flatMap { result in
      result.columns.enumerated().map { row($0 == 0 ? result.name : "", $1) }
    }
    rows += mean(results).enumerated().map { row($0 == 0 ? "mean" : "", $1) }
    Console.table(header, rows)
    Console.print(
      "\ntogether: the model; start: before its training; events: share found at 1 % false alarms; "
        + "F1, false alarms and missed rows at the model's threshold, the mean over all rows")
  }

  private static func json(_ results: [Result]) -> JSON {
    func figures(_ m: DetectionMetrics) -> [(String, JSON)] {
      [
        ("auroc", .number(m.auroc)), ("auprc", .number(m.auprc)), ("vus_pr", .number(m.vusPR)),
        ("event_recall", .number(m.eventRecall)), ("f1", .number(m.f1)),
        ("false_alarm_rate", .number(m.falseAlarmRate)),
        ("missed_alarm_rate", .number(m.missedAlarmRate)), ("threshold", .number(m.threshold)),
        ("rows", .integer(m.rows)),
      ]
    }
    func object(_ columns: [(name: String, metrics: DetectionMetrics)]) -> JSON {
      guard let first = columns.first else { return .null }
      return .object(
        figures(first.metrics)
          + columns.dropFirst().map { ($0.name, .object(figures($0.metrics))) })
    }
    return .object([
      ("participants", .object(results.map { ($0.name, object($0.columns)) })),
      ("mean", object(mean(results))),
    ])
  }
}
