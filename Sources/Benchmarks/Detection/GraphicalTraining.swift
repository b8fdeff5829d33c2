import AnomalyDetection
import CollaborativeLearning
import Datasets
import Foundation
import GraphicalModels
import Metrics

/// Mixtures of Gaussian graphical models on the public data sets.
struct GraphicalTraining {
  var configuration = TrainingConfiguration()
  var settings = MixtureSettings()

  /// Names of settings beside those of ``TrainingConfiguration``.
  static let settingNames = [
    "start", "start-patterns", "pattern-limit", "penalty", "prior-strength",
    "cardinality-penalty", "fewest-rows", "score", "reading-noise",
  ]

  /// Changes a setting of the mixture or of the configuration, by its name.
  mutating func set(_ name: String, to value: String) throws {
    guard Self.settingNames.contains(name) else {
      try configuration.set(name, to: value)
      return
    }
    let number = Double(value)
    let whole = Int(value)
    switch (name, number, whole) {
    case ("start", _, _):
      guard let start = MixtureStart(rawValue: value) else { break }
      settings.start = start
      return
    case ("score", _, _):
      guard let score = MixtureScore(rawValue: value) else { break }
      settings.score = score
      return
    case ("start-patterns", _, let whole?) where whole >= 1:
      settings.startPatterns = whole
      return
    case ("pattern-limit", _, let whole?) where whole >= 1:
      settings.patternLimit = whole
      return
    case ("penalty", let number?, _) where number > 0:
      settings.penalty = number
      return
    case ("reading-noise", let number?, _) where number >= 0:
      settings.readingNoise = number
      return
    case ("prior-strength", let number?, _) where number > 0:
      settings.priorStrength = number
      return
    case ("cardinality-penalty", let number?, _) where number >= 0:
      settings.cardinalityPenalty = number
      return
    case ("fewest-rows", let number?, _) where number >= 0:
      settings.fewestRows = number
      return
    default: break
    }
    throw ConfigurationError("\(name) cannot be \(value)")
  }

  /// The participants at the end of a run over all series.
  func train(_ series: [Series]) throws -> CollabDict<GGMParticipant> {
    let (configuration, settings) = (configuration, settings)
    let loop = try CollabDict(
      names: series.map(\.name), threads: ProcessInfo.processInfo.activeProcessorCount
    ) { index in
      try GGMParticipant(
        LocalData(series[index].train, configuration), index: index, of: series.count,
        configuration: configuration, settings: settings)
    }
    try loop.run()
    return loop
  }

  /// The score above which a row gives an alarm.
  func threshold(_ calibration: [Double]) -> Double {
    AlarmThreshold.conformal(
      calibrationScores: calibration, falseAlarmRate: configuration.scoring.falseAlarmRate)
      ?? calibration.last ?? .infinity
  }
}

extension GGMParticipant.Outcome {
  /// Patterns, ρ and edges, in a few words.
  var summary: String {
    let edges = patterns.reduce(0) { $0 + $1.edges.count }
    let pairs = patterns.reduce(0) { $0 + $1.variables * ($1.variables - 1) / 2 }
    let share = 100 * Double(edges) / Double(max(1, pairs))
    return "K \(patterns.count), ρ \(penalty), \(Int(share.rounded())) % edges"
  }
}
