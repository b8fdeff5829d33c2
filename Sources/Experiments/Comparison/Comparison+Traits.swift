import AnomalyDetection
import CollaborativeLearning
import Foundation
import GraphicalModels

// The rows of Table I of CollabDict 2024, answered by what was measured.

extension Comparison {
  func traits(
    of run: FinishedRun, _ result: ComparedDetector
  ) -> [ComparedDetector.Trait: String] {
    var traits: [ComparedDetector.Trait: String] = [:]
    switch run {
    case .autoencoder(let run):
      let model = run.detector
      let collapse = model.collapse
      traits[.dictionary] = "on demand, from \(model.architecture.latent) latent variables"
      traits[.interpretability] =
        "a reconstruction a row; \(collapse.activeUnits) of \(collapse.dimensions) latent variables "
        + "in use"
      traits[.privacy] = "sums only; no guarantee for the decoder"
      traits[.complexity] =
        "held-out rows: round \(run.report.bestRound) of \(run.report.round) kept; "
        + "\(model.theta.count) shared numbers"
    case .mixture(let run):
      let model = run.detector
      let edges = model.patterns.reduce(0) { $0 + $1.edges.count }
      let pairs = model.features * (model.features - 1) / 2 * model.patterns.count
      traits[.dictionary] =
        "deterministic, \(model.patterns.count) of \(model.startedWith) patterns kept"
      traits[.interpretability] = "centres, weights, \(edges) of \(pairs) possible edges"
      traits[.privacy] =
        run.configuration.mixture.radius == nil
        ? "sums only; with --radius a Rényi guarantee for what is exported"
        : "sums, and a Rényi guarantee for what is exported"
      traits[.complexity] =
        "ρ = \(Self.text(model.prior.penalty)) by held-out rows, the number of patterns by its "
        + "penalty"
    }
    if let deviation = Spread(result.values(\.auroc))?.deviation {
      traits[.instability] =
        "AUROC ± \(String(format: "%.4f", deviation)) over \(seeds.count) seeds"
    }
    if let training = Spread(result.trainingSeconds), let scoring = Spread(result.scoringSeconds),
      let sums = Spread(result.sums.map(Double.init)),
      let bytes = Spread(result.contributedBytes.map(Double.init))
    {
      traits[.cost] =
        "\(Self.text(training.mean)) s for \(Self.text(sums.mean)) sums of together "
        + "\(Self.text(bytes.mean / 1e6)) MB a participant; \(Self.text(scoring.mean * 1e6)) µs a "
        + "scored row"
    }
    return traits
  }

  private static func text(_ value: Double) -> String { String(format: "%.3g", value) }
}
