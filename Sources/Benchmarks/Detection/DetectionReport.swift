import AnomalyDetection
import CollaborativeLearning
import Datasets
import Foundation
import Metrics
import Storage

/// Detection figures of the default configuration on public data, each beside its references.
///
/// `Benchmarks detection [--seeds N] [--only tep,skab,smd,asd,adbench] [--setting NAME=VALUE]`.
/// The data folder is `$COLLABDICT_DATA`, or `../shared/datasets`.
enum DetectionReport {
  static func run(_ words: [String]) throws {
    var configuration = TrainingConfiguration()
    var seeds = 5
    var only: Set<String> = ["tep", "skab", "smd", "asd", "adbench"]
    var rest = words[...]
    while let word = rest.popFirst() {
      guard let value = rest.popFirst() else { throw ConfigurationError("\(word) needs a value") }
      switch word {
      case "--seeds": seeds = Int(value) ?? seeds
      case "--only": only = Set(value.split(separator: ",").map(String.init))
      case "--setting":
        let parts = value.split(separator: "=", maxSplits: 1).map(String.init)
        try configuration.set(parts[0], to: parts.count > 1 ? parts[1] : "")
      default: throw ConfigurationError("unknown option \(word)")
      }
    }
    let folder =
      ProcessInfo.processInfo.environment["COLLABDICT_DATA"] ?? "../shared/datasets"
    guard FileManager.default.fileExists(atPath: "\(folder)/tep.h5") else {
      print("skipped: no data sets in \(folder); see datasets/README.md")
      return
    }
    let protocols = Protocols(folder: folder)
    let all = (0..<UInt64(seeds)).map { seed in
      var seeded = configuration
      seeded.seed = seed
      return seeded
    }
    print("mean over \(seeds) seeds; 'start' is the model before its training\n")
    if only.contains("tep") { try tennesseeEastman(protocols, all) }
    if only.contains("skab") {
      try sensors("SKAB valve1", try protocols.skab(), .auroc, few: 80, protocols, all)
    }
    if only.contains("smd") {
      try sensors("SMD", try protocols.fleet("smd"), .auprc, few: 500, protocols, all)
    }
    if only.contains("asd") {
      try sensors("ASD", try protocols.fleet("asd"), .auprc, few: 500, protocols, all)
    }
    if only.contains("adbench") { try tabular(protocols, all) }
  }

  /// Missed detection rate at the threshold that one normal test row in a hundred exceeds.
  private static func tennesseeEastman(
    _ protocols: Protocols, _ configurations: [TrainingConfiguration]
  ) throws {
    let fleet = try SensorFleet(readingHDF5: "\(protocols.folder)/tep.h5")
    guard let normal = fleet["normal"], let train = normal.train, let test = normal.test else {
      throw ConfigurationError("tep.h5 has no normal rows")
    }
    let faults = fleet.participants.filter { $0.name != "normal" }.compactMap(\.test)
    func missed(_ scorer: inout some AnomalyScorer) throws -> Double {
      let threshold = try scorer.scores(of: test).sorted()[test.rowCount - 10]
      var rates: [Double] = []
      for fault in faults {
        let scores = try scorer.scores(of: fault)[160...]
        rates.append(Double(scores.count { $0 <= threshold }) / Double(scores.count))
      }
      return rates.mean
    }
    for single in [true, false] {
      var trained: [Double] = []
      var started: [Double] = []
      var falseAlarms: [Double] = []
      var reference = 0.0
      for var configuration in configurations {
        if single {
          configuration.window = 1
          configuration.scoring.smoothing = 1
        }
        let series = Series(name: "normal", train: train, test: test, labels: [])
        let model = try protocols.train([series], configuration)
        var scorer = model.scorer(for: model.participants[0])
        trained.append(try missed(&scorer))
        let threshold = model.threshold(for: model.participants[0])
        falseAlarms.append(
          Double(try scorer.scores(of: test).count { $0 > threshold }) / Double(test.rowCount))
        var start = model.scorer(for: model.participants[0], .start)
        started.append(try missed(&start))
        if var distance = try MahalanobisScorer(
          training: train, window: configuration.window,
          smoothing: configuration.scoring.smoothing)
        {
          reference = try missed(&distance)
        }
      }
      print(
        "TEP, \(single ? "single rows" : "default"): missed detection rate \(text(trained.mean)), "
          + "start \(text(started.mean)), Mahalanobis \(text(reference)); false alarms on normal "
          + "test rows at the model's own threshold \(text(falseAlarms.mean))")
    }
  }

  private static func sensors(
    _ name: String, _ series: [Series], _ figure: Figure, few: Int, _ protocols: Protocols,
    _ configurations: [TrainingConfiguration]
  ) throws {
    for limit in [nil, few] {
      let chosen = series.map { $0.limited(to: limit) }
      var together = [Double](repeating: 0, count: chosen.count)
      var alone = together
      var start = together
      var reference = together
      var counts = ConfusionCounts.zero
      let share = 1 / Double(configurations.count)
      for configuration in configurations {
        let model = try protocols.train(chosen, configuration)
        for (i, one) in chosen.enumerated() {
          var scorer = model.scorer(for: model.participants[i])
          let scores = try scorer.scores(of: one.test)
          together[i] += share * figure.value(scores, one.labels)
          let threshold = model.threshold(for: model.participants[i])
          counts += ConfusionCounts(alarms: scores.map { $0 > threshold }, labels: one.labels)
          var begun = model.scorer(for: model.participants[i], .start)
          start[i] += share * figure.value(try begun.scores(of: one.test), one.labels)
          let single = try protocols.train([one], configuration)
          var own = single.scorer(for: single.participants[0])
          alone[i] += share * figure.value(try own.scores(of: one.test), one.labels)
          if var distance = try MahalanobisScorer(
            training: one.train, window: configuration.window,
            smoothing: configuration.scoring.smoothing)
          {
            reference[i] += share * figure.value(try distance.scores(of: one.test), one.labels)
          }
        }
      }
      let better = zip(together, alone).count { $0 > $1 }
      print(
        "\(name), \(limit.map { "\($0) training rows each" } ?? "all rows"): \(figure.rawValue) "
          + "together \(text(together.mean)), alone \(text(alone.mean)) (together better on "
          + "\(better) of \(chosen.count)), start \(text(start.mean)), Mahalanobis "
          + "\(text(reference.mean)); pooled F1 \(text(counts.f1 ?? .nan)), false alarms "
          + text(counts.falseAlarmRate ?? .nan))
    }
  }

  private static func tabular(
    _ protocols: Protocols, _ configurations: [TrainingConfiguration]
  ) throws {
    for series in try protocols.tabular() {
      var trained: [Double] = []
      var started: [Double] = []
      for var configuration in configurations {
        configuration.window = 1
        configuration.scoring.smoothing = 1
        let model = try protocols.train([series], configuration)
        var scorer = model.scorer(for: model.participants[0])
        trained.append(Figure.auroc.value(try scorer.scores(of: series.test), series.labels))
        var start = model.scorer(for: model.participants[0], .start)
        started.append(Figure.auroc.value(try start.scores(of: series.test), series.labels))
      }
      var distance = try MahalanobisScorer(training: series.train, window: 1, smoothing: 1)
      let reference = try distance?.scores(of: series.test)
      print(
        "ADBench \(series.name): AUROC \(text(trained.mean)), start \(text(started.mean)), ‖z‖² "
          + "\(text(Figure.auroc.value(try squaredNorms(series), series.labels))), Mahalanobis "
          + text(reference.map { Figure.auroc.value($0, series.labels) } ?? .nan))
    }
  }

  /// ‖z‖² of each test row, standardised by the training rows.
  private static func squaredNorms(_ series: Series) throws -> [Double] {
    let units = Standardisation(try DataSummary(series.train), bound: .greatestFiniteMagnitude)
    var z: [Float] = []
    units.apply(try series.test.readAll(), count: series.test.rowCount, into: &z)
    return (0..<series.test.rowCount).map { row in
      (0..<units.columnCount).reduce(0.0) { sum, column in
        let value = Double(z[row * units.columnCount + column])
        return sum + value * value
      }
    }
  }

  private static func text(_ value: Double) -> String { String(format: "%.4f", value) }
}
