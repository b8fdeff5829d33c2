import AnomalyDetection
import CollaborativeLearning
import Datasets
import GraphicalModels

// A finished mixture of graphical models in a checkpoint:
//
//     /global/mean        [K, D]       μₖ
//     /global/precision   [K, D, D]    Λₖ
//     /global/pattern-rows [K]         N̄ₖ
//     /global/statistics  [K, 1 + D + D (D + 1) / 2]   what the patterns came from
//     /global/prior-mean  [D]          m₀; λ₀ and ρ as attributes of /global

extension Checkpoint {
  static func write(
    _ model: MixtureModel, _ writer: borrowing HDF5Writer
  ) throws(StorageError) {
    let global = CheckpointPath.global
    let (patterns, features) = (model.patterns.count, model.features)
    try writeVariables(of: model, writer)
    try writer.setAttribute("pattern_count", of: global, to: .integer(Int64(patterns)))
    try writer.setAttribute("started_with", of: global, to: .integer(Int64(model.startedWith)))
    try writer.setAttribute("prior_strength", of: global, to: .number(model.prior.strength))
    try writer.setAttribute("penalty", of: global, to: .number(model.prior.penalty))
    try writer.setAttribute(
      "log_likelihood", of: global, to: .number(model.statistics.logLikelihood))
    try writer.write(model.prior.mean, shape: [model.prior.mean.count], to: "\(global)/prior-mean")
    try writer.write(
      model.patterns.flatMap(\.mean), shape: [patterns, features], to: "\(global)/mean")
    try writer.write(
      model.patterns.flatMap(\.precision.elements), shape: [patterns, features, features],
      to: "\(global)/precision")
    try writer.write(model.rows, shape: [patterns], to: "\(global)/pattern-rows")
    let statistics = model.statistics.flattened
    try writer.write(
      statistics, shape: [model.statistics.patterns, statistics.count / model.statistics.patterns],
      to: "\(global)/statistics")
    for participant in model.participants {
      let units = participant.standardisation
      try writeParticipant(
        participant, of: model,
        [
          ("mean", units.mean), ("scale", units.scale), ("weights", participant.weights),
          ("conditional-spread", participant.spread.factors),
          (
            "watched",
            participant.diversity.map { [$0.leastEffectiveRows, Double($0.noisedRounds)] } ?? []
          ),
        ], writer)
    }
  }
}

extension CheckpointReader {
  func mixture(
    _ configuration: TrainingConfiguration
  ) throws(StorageError) -> TrainedModel<MixtureModel> {
    let global = CheckpointPath.global
    let variables = try integer("variable_count", of: global, 1...1_000_000)
    let window = CausalWindow(configuration.window)
    let features = variables * window.length
    let patterns = try patterns(features: features)
    var participants: [MixtureParticipant] = []
    for name in try participantNames() {
      participants.append(
        try mixtureParticipant(name, window, variables, patterns.count, configuration))
    }
    guard !participants.isEmpty else {
      throw error(.malformed, "the checkpoint has no participants", object: nil)
    }
    let numbers = try doubles("\(global)/statistics", count: nil)
    let width = PatternStatistics.width(variables: features)
    guard !numbers.isEmpty, numbers.count % width == 0 else {
      throw error(
        .wrongShape, "\(numbers.count) numbers are no statistics of patterns",
        object: "data set \(global)/statistics")
    }
    var statistics = PatternStatistics(flattened: numbers, variables: features)
    if case .number(let value)? = try file.attribute("log_likelihood", of: global) {
      statistics.logLikelihood = value
    }
    let model = MixtureModel(
      variableNames: try strings("variables", of: global),
      units: try strings("units", of: global), window: window, seed: configuration.seed,
      prior: try prior(features: features), patterns: patterns,
      rows: try doubles("\(global)/pattern-rows", count: patterns.count),
      startedWith: try integer("started_with", of: global, 1...Int.max),
      statistics: statistics,
      kind: configuration.mixture.score, readingNoise: configuration.mixture.readingNoise,
      participants: participants,
      scoring: configuration.scoring)
    return TrainedModel(detector: model, configuration: configuration, report: try report())
  }

  private func patterns(features: Int) throws(StorageError) -> [GaussianPattern] {
    let global = CheckpointPath.global
    let count = try integer("pattern_count", of: global, 1...65536)
    let square = features * features
    let means = try doubles("\(global)/mean", count: count * features)
    let path = "\(global)/precision"
    let precisions = try doubles(path, count: count * square)
    return try GaussianPattern.patterns(
      means: means, precisions: precisions, features: features,
      place: .init(file: file.path, object: "data set \(path)"),
      remedy: "write it again with `collabdict train`")
  }

  private func prior(features: Int) throws(StorageError) -> PatternPrior {
    let global = CheckpointPath.global
    guard case .number(let strength)? = try file.attribute("prior_strength", of: global),
      case .number(let penalty)? = try file.attribute("penalty", of: global), strength > 0,
      penalty > 0
    else {
      throw error(
        .malformed, "the attribute prior_strength or penalty is missing or wrong", object: global)
    }
    return PatternPrior(
      mean: try doubles("\(global)/prior-mean", count: features), strength: strength,
      penalty: penalty)
  }

  private func mixtureParticipant(
    _ name: String, _ window: CausalWindow, _ variables: Int, _ patterns: Int,
    _ configuration: TrainingConfiguration
  ) throws(StorageError) -> MixtureParticipant {
    let group = CheckpointPath.participant(name)
    let weights = try doubles("\(group)/weights", count: patterns)
    guard weights.allSatisfy({ $0 >= 0 }), weights.contains(where: { $0 > 0 }) else {
      throw error(.malformed, "weights of patterns are not shares", object: "\(group)/weights")
    }
    let features = variables * window.length
    let factors = try doubles("\(group)/conditional-spread", count: patterns * features)
    guard factors.allSatisfy({ $0 > 0 }) else {
      throw error(.malformed, "a spread is not positive", object: "\(group)/conditional-spread")
    }
    return MixtureParticipant(
      name: name, standardisation: try standardisation(group, variables, configuration),
      weights: weights,
      spread: ConditionalSpread(patterns: patterns, variables: features, factors: factors),
      calibration: try calibration(group),
      trainingRows: try integer("rows", of: group, 0...Int.max),
      baseline: try doubles("\(group)/baseline", count: variables),
      diversity: try diversity(group))
  }

  private func diversity(_ group: String) throws(StorageError) -> WatchedDiversity? {
    let path = "\(group)/watched"
    guard file.exists(path) else { return nil }
    let numbers = try doubles(path, count: 2)
    guard let rounds = Int(exactly: numbers[1]), rounds >= 0 else {
      throw error(.malformed, "\(numbers[1]) is no count", object: "data set \(path)")
    }
    return WatchedDiversity(leastEffectiveRows: numbers[0], noisedRounds: rounds)
  }
}
