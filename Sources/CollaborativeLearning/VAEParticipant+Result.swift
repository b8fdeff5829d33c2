import AnomalyDetection
import AutomaticDifferentiation
import Datasets
import LinearAlgebra
import Metrics
import VariationalInference

/// What a finished participant hands out: its own part of the model, θ, and its view of collapse.
public struct ParticipantResult: Sendable {
  public let architecture: VAEArchitecture
  public let theta: [Float]
  public let startTheta: [Float]
  public let detector: AutoencoderParticipant
  public let collapse: CollapseReport
  public let report: TrainingReport
}

extension VAEParticipant {
  /// The result of a finished run.
  ///
  /// - Precondition: the run is finished.
  public func result(name: String) throws -> ParticipantResult {
    guard isFinished, let networks, let start else {
      preconditionFailure("a result before the run is finished")
    }
    let structure = networks.structure
    let end = networks.snapshot
    let trained = end != start
    let noise = trained ? try ownNoise(structure, end) : startNoise
    let local = LocalParameters(
      standardisation: view.standardisation, phi: end.phi, noise: noise)
    let scores = try trainingScores(structure, end, local)
    return ParticipantResult(
      architecture: structure.architecture, theta: end.theta, startTheta: start.theta,
      detector: AutoencoderParticipant(
        name: name, local: local,
        start: LocalParameters(
          standardisation: view.standardisation, phi: start.phi, noise: startNoise),
        calibration: calibration, trainingRows: data.source.rowCount, baseline: scores.baseline),
      collapse: try collapseReport(structure, end, local, scores),
      report: report)
  }

  private struct TrainingScores {
    var scores: [Double] = []
    var norms: [Double] = []
    var baseline: [Double] = []
  }

  /// Scores of at most about 4,000 training rows, in pieces spread over the series.
  private func trainingScores(
    _ structure: ModelStructure, _ snapshot: Snapshot, _ local: LocalParameters
  ) throws -> TrainingScores {
    var options = configuration.scoring
    options.smoothing = 1
    var scorer = VAEScorer(
      structure, theta: snapshot.theta, local: local, options: options, seed: configuration.seed)
    let width = data.source.columnCount
    var result = TrainingScores(baseline: [Double](repeating: 0, count: width))
    for part in samplePieces {
      let rows = try SelectedRows(data.source, parts: [part]).readAll()
      scorer.reset()
      let scored = scorer.score(rows, count: part.count)
      result.scores += scored.scores
      for (i, value) in scored.parts.enumerated() { result.baseline[i % width] += value }
      var standardised: [Float] = []
      local.standardisation.apply(rows, count: part.count, into: &standardised)
      for r in 0..<part.count {
        var norm = 0.0
        for v in 0..<width where !standardised[r * width + v].isNaN {
          norm += Double(standardised[r * width + v] * standardised[r * width + v])
        }
        result.norms.append(norm)
      }
    }
    let count = Double(max(1, result.scores.count))
    result.baseline = result.baseline.map { $0 / count }
    return result
  }

  /// Up to sixteen pieces of 256 rows, spread evenly over the series.
  private var samplePieces: [Range<Int>] {
    let rows = data.source.rowCount
    let length = 256
    if rows <= 16 * length { return [0..<rows] }
    return (0..<16).map { i in
      let start = i * (rows - length) / 15
      return start..<start + length
    }
  }

  private func collapseReport(
    _ structure: ModelStructure, _ snapshot: Snapshot, _ local: LocalParameters,
    _ scores: TrainingScores
  ) throws -> CollapseReport {
    let d = structure.architecture.latent
    let features = structure.architecture.features
    var encoder = structure.encoder.evaluator(snapshot.phi, structure.encoderLayout)
    var decoder = structure.decoder.evaluator(snapshot.theta, structure.decoderLayout)
    var divergence = [Double](repeating: 0, count: d)
    var sums = [Double](repeating: 0, count: d)
    var squares = sums
    var rows = 0
    var residual = 0.0
    var spread = 0.0
    var values = 0.0
    let range = structure.architecture.logVariance
    try view.forEachPiece(of: 256, in: samplePieces) { piece, windows in
      let count = piece.count
      var seen = Array(windows.prefix(count * features))
      for i in seen.indices where seen[i].isNaN { seen[i] = 0 }
      var moments = [Float](repeating: 0, count: count * 2 * d)
      do {
        var span = moments.mutableSpan
        encoder.evaluate(seen.span, rows: count, into: &span)
      }
      var means: [Float] = []
      for r in 0..<count {
        for k in 0..<d {
          let m = Double(moments[r * 2 * d + k])
          let logVariance = Double(
            min(max(moments[r * 2 * d + d + k], range.floor), range.ceiling))
          divergence[k] += 0.5 * (logVariance.exponential + m * m - 1 - logVariance)
          sums[k] += m
          squares[k] += m * m
          means.append(Float(m))
        }
      }
      var output = [Float](repeating: 0, count: count * decoder.outputs)
      do {
        var span = output.mutableSpan
        decoder.evaluate(means.span, rows: count, into: &span)
      }
      for r in 0..<count {
        for f in 0..<features where !windows[r * features + f].isNaN {
          let value = Double(windows[r * features + f])
          let error = value - Double(output[r * decoder.outputs + f])
          residual += error * error
          spread += value * value
          values += 1
        }
      }
      rows += count
    }
    let n = Double(max(1, rows))
    let active = (0..<d).count { k in
      squares[k] / n - (sums[k] / n) * (sums[k] / n) > CollapseReport.activityThreshold
    }
    // A constant decoder predicts the mean, 0; both spreads as one Gaussian a value.
    let gain =
      values == 0 || residual <= 0 ? 0 : 0.5 * (spread / residual).logarithm * values / n
    return CollapseReport(
      divergencePerDimension: divergence.map { $0 / n }, activeUnits: active,
      gainOverConstant: gain,
      gainOverStart: report.startValidation.isNaN
        ? 0 : report.startValidation - report.bestValidation,
      correlationWithNorm: RankCorrelation.spearman(scores.scores, scores.norms) ?? 0)
  }
}
