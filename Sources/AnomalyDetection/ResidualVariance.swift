import LinearAlgebra
import VariationalInference

/// How far a participant's standardised windows lie from their reconstruction, on the average over
/// rows and over q(z | x): the closed-form σ² of each feature.
public struct ResidualVariance {
  private let structure: ModelStructure
  private var encoder: NetworkEvaluator
  private var decoder: NetworkEvaluator
  private var squares: [Double]
  private var counts: [Double]

  public init(_ structure: ModelStructure, phi: [Float], theta: [Float]) {
    self.structure = structure
    encoder = structure.encoder.evaluator(phi, structure.encoderLayout)
    decoder = structure.decoder.evaluator(theta, structure.decoderLayout)
    squares = [Double](repeating: 0, count: structure.architecture.features)
    counts = squares
  }

  /// Adds windows, `[rows, features]`; a missing value counts for nothing.
  public mutating func add(_ windows: [Float], rows: Int) {
    let features = structure.architecture.features
    let d = structure.architecture.latent
    var seen = Array(windows.prefix(rows * features))
    for i in seen.indices where seen[i].isNaN { seen[i] = 0 }
    var moments = [Float](repeating: 0, count: rows * 2 * d)
    do {
      var span = moments.mutableSpan
      encoder.evaluate(seen.span, rows: rows, into: &span)
    }
    let draws = LatentDraws(count: 8, dimensions: d, seed: 0)
    var z = [Float](repeating: 0, count: rows * d)
    var output = [Float](repeating: 0, count: rows * features)
    for j in 0..<draws.count {
      var noise: [Float] = []
      noise.reserveCapacity(rows * d)
      for _ in 0..<rows { noise.append(contentsOf: draws.noise[j * d..<(j + 1) * d]) }
      do {
        var span = z.mutableSpan
        GaussianKernels.sample(
          moments: moments.span, noise: noise.span, into: &span, rows: rows, dimensions: d,
          range: structure.architecture.logVariance)
      }
      do {
        var span = output.mutableSpan
        decoder.evaluate(z.span, rows: rows, into: &span)
      }
      for i in 0..<rows * features where !windows[i].isNaN {
        let residual = Double(windows[i]) - Double(output[i])
        squares[i % features] += residual * residual
        counts[i % features] += 1
      }
    }
  }

  /// The variances, `[features]`, where `prior` counts as `priorRows` rows more.
  public func variance(prior: [Double], priorRows: Double, floor: Double) -> [Double] {
    squares.indices.map { i in
      let rows = counts[i] / Double(8)
      let mean = counts[i] > 0 ? squares[i] / counts[i] : prior[i]
      return max((rows * mean + priorRows * prior[i]) / (rows + priorRows), floor)
    }
  }
}
