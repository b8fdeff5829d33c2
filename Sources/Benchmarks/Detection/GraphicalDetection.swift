import AnomalyDetection
import CollaborativeLearning
import Datasets
import Foundation
import GraphicalModels
import Metrics
import Storage

/// Detection figures of mixtures of Gaussian graphical models with one set of defaults, by each
/// kind of score, beside the Mahalanobis distance.
///
/// `Benchmarks detection-ggm [--seeds N] [--only tep,skab,smd,asd,adbench,faults]
/// [--setting NAME=VALUE]`. The data folder is `$COLLABDICT_DATA`, or `../shared/datasets`.
enum GraphicalDetection {
  static func run(_ words: [String]) throws {
    var training = GraphicalTraining()
    var seeds = 5
    var only: Set<String> = ["tep", "skab", "smd", "asd", "adbench", "faults"]
    var rest = words[...]
    while let word = rest.popFirst() {
      guard let value = rest.popFirst() else { throw ConfigurationError("\(word) needs a value") }
      switch word {
      case "--seeds": seeds = Int(value) ?? seeds
      case "--only": only = Set(value.split(separator: ",").map(String.init))
      case "--setting":
        let parts = value.split(separator: "=", maxSplits: 1).map(String.init)
        try training.configuration.set(parts[0], to: parts.count > 1 ? parts[1] : "")
      default: throw ConfigurationError("unknown option \(word)")
      }
    }
    let all = (0..<UInt64(seeds)).map { seed in
      var seeded = training
      seeded.configuration.seed = seed
      return seeded
    }
    if only.contains("faults") { try NamedFaults.synthetic(all) }
    let folder =
      ProcessInfo.processInfo.environment["COLLABDICT_DATA"] ?? "../shared/datasets"
    guard FileManager.default.fileExists(atPath: "\(folder)/tep.h5") else {
      print("skipped: no data sets in \(folder); see datasets/README.md")
      return
    }
    let protocols = Protocols(folder: folder)
    if only.contains("tep") { try tennesseeEastman(protocols, all) }
    if only.contains("skab") { try sensors("SKAB valve1", try protocols.skab(), .auroc, all) }
    if only.contains("smd") { try sensors("SMD", try protocols.fleet("smd"), .auprc, all) }
    if only.contains("asd") { try sensors("ASD", try protocols.fleet("asd"), .auprc, all) }
    if only.contains("adbench") { try tabular(protocols, all) }
    if only.contains("faults") { try NamedFaults.applicationServers(protocols, all) }
  }

  static func single(_ training: GraphicalTraining) -> GraphicalTraining {
    var training = training
    training.configuration.window = 1
    training.configuration.scoring.smoothing = 1
    return training
  }

  /// Missed detection rate at the threshold that one normal test row in a hundred exceeds.
  private static func tennesseeEastman(
    _ protocols: Protocols, _ trainings: [GraphicalTraining]
  ) throws {
    let fleet = try SensorFleet(readingHDF5: "\(protocols.folder)/tep.h5")
    guard let normal = fleet["normal"], let train = normal.train, let test = normal.test else {
      throw ConfigurationError("tep.h5 has no normal rows")
    }
    let faults = fleet.participants.filter { $0.name != "normal" }.compactMap(\.test)
    func missed(_ scorer: inout some AnomalyScorer) throws -> Double {
      let threshold = try scorer.scores(of: test).sorted()[test.rowCount - 10]
      return try faults.map { fault in
        let scores = try scorer.scores(of: fault)[160...]
        return Double(scores.count { $0 <= threshold }) / Double(scores.count)
      }.mean
    }
    for isSingle in [true, false] {
      var figures = ScoreFigures()
      var falseAlarms: [Double] = []
      var reference = Double.nan
      for given in trainings {
        let training = isSingle ? single(given) : given
        let model = try training.train([
          Series(name: "normal", train: train, test: test, labels: [])
        ])
        let own = model.participants[0]
        for kind in MixtureScore.allCases {
          var scorer = try model.scorer(for: own, kind)
          figures.add(try missed(&scorer), of: kind)
        }
        figures.note(model)
        let threshold = model.threshold(for: own)
        var scorer = try model.scorer(for: own)
        falseAlarms.append(
          Double(try scorer.scores(of: test).count { $0 > threshold }) / Double(test.rowCount))
        if var distance = try MahalanobisScorer(
          training: train, window: training.configuration.window,
          smoothing: training.configuration.scoring.smoothing)
        {
          reference = try missed(&distance)
        }
      }
      print(
        "TEP, \(isSingle ? "single rows" : "default"): missed detection rate \(figures.text), "
          + "Mahalanobis \(text(reference)); false alarms \(text(falseAlarms.mean)); "
          + figures.outcomes)
    }
  }

  private static func sensors(
    _ name: String, _ series: [Series], _ figure: Figure, _ trainings: [GraphicalTraining]
  ) throws {
    var figures = ScoreFigures()
    var reference: [Double] = []
    var counts = ConfusionCounts.zero
    for training in trainings {
      let model = try training.train(series)
      figures.note(model)
      for (i, one) in series.enumerated() {
        let own = model.participants[i]
        for kind in MixtureScore.allCases {
          var scorer = try model.scorer(for: own, kind)
          let scores = try scorer.scores(of: one.test)
          figures.add(figure.value(scores, one.labels), of: kind)
          guard kind == model.kind else { continue }
          let threshold = model.threshold(for: own)
          counts += ConfusionCounts(alarms: scores.map { $0 > threshold }, labels: one.labels)
        }
      }
    }
    for one in series {
      if var distance = try MahalanobisScorer(
        training: one.train, window: trainings[0].configuration.window,
        smoothing: trainings[0].configuration.scoring.smoothing)
      {
        reference.append(figure.value(try distance.scores(of: one.test), one.labels))
      }
    }
    print(
      "\(name): \(figure.rawValue) \(figures.text), Mahalanobis \(text(reference.mean)); pooled F1 "
        + "\(text(counts.f1 ?? .nan)), false alarms \(text(counts.falseAlarmRate ?? .nan)); "
        + figures.outcomes)
  }

  private static func tabular(
    _ protocols: Protocols, _ trainings: [GraphicalTraining]
  ) throws {
    for series in try protocols.tabular() {
      var figures = ScoreFigures()
      for given in trainings {
        let model = try single(given).train([series])
        for kind in MixtureScore.allCases {
          var scorer = try model.scorer(for: model.participants[0], kind)
          figures.add(
            Figure.auroc.value(try scorer.scores(of: series.test), series.labels), of: kind)
        }
        figures.note(model)
      }
      var distance = try MahalanobisScorer(training: series.train, window: 1, smoothing: 1)
      let reference = try distance?.scores(of: series.test)
      print(
        "ADBench \(series.name): AUROC \(figures.text), Mahalanobis "
          + text(reference.map { Figure.auroc.value($0, series.labels) } ?? .nan)
          + "; " + figures.outcomes)
    }
  }

  static func text(_ value: Double) -> String { String(format: "%.4f", value) }
}

/// Figures by each kind of score, gathered over seeds.
struct ScoreFigures {
  private var values: [MixtureScore: [Double]] = [:]
  private var notes: [String] = []

  mutating func add(_ value: Double, of kind: MixtureScore) {
    values[kind, default: []].append(value)
  }

  mutating func note(_ model: MixtureModel) { notes.append(model.summary) }

  /// The mean by each kind.
  var text: String {
    MixtureScore.allCases.map { kind in
      "\(kind.rawValue) \(GraphicalDetection.text(values[kind, default: []].mean))"
    }.joined(separator: ", ")
  }

  /// What the runs came to, each different one once.
  var outcomes: String {
    var seen: [String] = []
    for note in notes where !seen.contains(note) { seen.append(note) }
    return seen.joined(separator: " | ")
  }
}
