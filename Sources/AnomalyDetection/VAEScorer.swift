import Datasets
import LinearAlgebra
import VariationalInference

/// Scores rows by the reconstruction probability of a multi-task variational autoencoder.
///
/// The score of a row is -(1/J) Σⱼ ln p(x | zⱼ) over its variables, zⱼ drawn from the encoder's
/// q(z | window that ends at the row): CollabDict 2024, Eqs. (39) and (40). To it is added, with a
/// weight, how unlikely the row is given only the rows before it in the window (with windows of one
/// row: given nothing), under the decoder's linear path. The sum is then averaged over the last rows.
///
/// Where σ is one number a variable, it is the participant's own: the square root of the variance
/// that its own training rows have around their reconstruction.
public struct VAEScorer: AnomalyScorer {
  public let variables: Int
  package let structure: ModelStructure
  package let options: ScoringOptions
  package let standardisation: Standardisation
  private var encoder: NetworkEvaluator
  private var decoder: NetworkEvaluator
  package let draws: LatentDraws
  package let kernel: ObservationKernel
  /// ln σ of the newest row's variables, unless σ comes from the network.
  package let logScale: [Float]?
  package let prediction: Prediction?
  private var smoothedScores: CausalMean
  private var smoothedParts: CausalMean

  // The last rows of the series, standardised, and memory for a block of rows.
  private var context: [Float] = []
  private var memory = Memory()

  private struct Memory {
    var windows: [Float] = []
    var targets: [Float] = []
    var moments: [Float] = []
    var samples: [Float] = []
    var outputs: [Float] = []
    var parts: [Float] = []
    var means: [Float] = []
    var predictions: [Float] = []
  }

  /// Rows that go through the networks together. Always this many, padded with zeros, so that a
  /// matrix product treats a row the same in every company.
  static let block = 16

  /// Rows of a block whose draws are decoded together, a power of two: few enough that the hidden
  /// units of some 256 draws stay in the cache, and the same in every call.
  private var decodedRows: Int {
    var rows = Self.block
    while rows > 1 && rows * draws.count > 256 { rows /= 2 }
    return rows
  }

  /// - Parameters:
  ///   - theta: the shared decoder.
  ///   - local: the participant's own parameters.
  ///   - seed: of the fixed draws.
  public init(
    _ structure: ModelStructure, theta: [Float], local: LocalParameters, options: ScoringOptions,
    seed: UInt64
  ) {
    let architecture = structure.architecture
    let variables = structure.variables
    self.structure = structure
    self.options = options
    self.variables = variables
    standardisation = local.standardisation
    encoder = structure.encoder.evaluator(local.phi, structure.encoderLayout)
    let sharedScale = architecture.scale != .network
    decoder = structure.decoder.evaluator(theta, structure.decoderLayout, features: variables)
    draws = LatentDraws(count: options.draws, dimensions: architecture.latent, seed: seed)
    kernel = options.observation.kernel(scaleFloor: architecture.scaleFloor)
    logScale =
      sharedScale
      ? local.noise.prefix(variables).map { Float(0.5 * max($0, 1e-30).logarithm) } : nil
    prediction = Prediction(structure, theta: theta, noise: local.noise, options: options)
    smoothedScores = CausalMean(length: options.smoothing, width: 1)
    smoothedParts = CausalMean(length: options.smoothing, width: variables)
  }

  public mutating func reset() {
    context = []
    smoothedScores.reset()
    smoothedParts.reset()
  }

  public mutating func score(_ rows: [Float], count: Int) -> ScoredRows {
    precondition(
      rows.count >= count * variables, "\(rows.count) values are not \(count) rows of \(variables)")
    var result = ScoredRows(variables: variables)
    var standardised: [Float] = []
    standardisation.apply(rows, count: count, into: &standardised)
    let before = context.count / variables
    var series = context
    series.append(contentsOf: standardised.prefix(count * variables))
    var start = 0
    while start < count {
      let size = min(Self.block, count - start)
      scoreBlock(series, before + start, size, into: &result)
      start += size
    }
    let kept = min(before + count, structure.window.length - 1) * variables
    context = Array(series.suffix(kept))
    for row in 0..<count {
      smoothedScores.apply(&result.scores, at: row)
      smoothedParts.apply(&result.parts, at: row * variables)
    }
    return result
  }

  /// Scores rows `first ..< first + size` of `series`, all of one block.
  private mutating func scoreBlock(
    _ series: [Float], _ first: Int, _ size: Int, into result: inout ScoredRows
  ) {
    // Out of self meanwhile, so that its arrays can be lent beside the networks.
    var m = Memory()
    swap(&m, &memory)
    defer { swap(&m, &memory) }
    fillWindows(series, first, size, &m)
    Self.resize(&m.moments, Self.block * 2 * draws.dimensions)
    do {
      let windows = m.windows
      var span = m.moments.mutableSpan
      encoder.evaluate(windows.span, rows: Self.block, into: &span)
    }
    prediction?.predict(m.windows, rows: Self.block, into: &m.predictions)
    var parts: [Float] = []
    var means: [Float] = []
    swap(&parts, &m.parts)
    swap(&means, &m.means)
    Self.resize(&parts, variables)
    Self.resize(&means, variables)
    let width = draws.count * decoder.outputs
    for row in 0..<size {
      let place = row % decodedRows
      if place == 0 { decodeDraws(of: row..<row + decodedRows, &m) }
      do {
        var partsSpan = parts.mutableSpan
        var meansSpan = means.mutableSpan
        kernel.score(
          output: m.outputs.span.extracting(place * width..<(place + 1) * width),
          logScale: logScale,
          target: m.targets.span.extracting(row * variables..<(row + 1) * variables),
          parts: &partsSpan, reconstruction: &meansSpan, draws: draws.count, variables: variables)
      }
      var total = 0.0
      for v in 0..<variables {
        var part = Double(parts[v])
        if let prediction {
          part += prediction.part(
            of: m.targets[row * variables + v], predicted: m.predictions[row * variables + v],
            variable: v)
        }
        total += part
        result.parts.append(part)
        result.reconstruction.append(standardisation.restore(Double(means[v]), column: v))
      }
      result.scores.append(total)
    }
    swap(&parts, &m.parts)
    swap(&means, &m.means)
  }

  /// The windows of a block for the encoder, zeros for missing values, and the newest rows as they
  /// are for the likelihood.
  private func fillWindows(_ series: [Float], _ first: Int, _ size: Int, _ m: inout Memory) {
    let features = structure.architecture.features
    Self.resize(&m.windows, Self.block * features)
    Self.resize(&m.targets, Self.block * variables)
    do {
      var span = m.windows.mutableSpan
      for row in 0..<size {
        structure.window.write(
          endingAt: first + row, of: series, columns: variables, into: &span, at: row * features)
      }
      for i in size * features..<span.count { span[i] = 0 }
    }
    for row in 0..<size {
      for v in 0..<variables { m.targets[row * variables + v] = m.windows[row * features + v] }
    }
    for i in 0..<size * features where m.windows[i].isNaN { m.windows[i] = 0 }
  }

  /// Decodes J draws of some rows of the block: `[decodedRows · J, outputs]`.
  private mutating func decodeDraws(of rows: Range<Int>, _ m: inout Memory) {
    let d = draws.dimensions
    let count = rows.count * draws.count
    Self.resize(&m.samples, count * d)
    Self.resize(&m.outputs, count * decoder.outputs)
    do {
      let moments = m.moments
      var span = m.samples.mutableSpan
      GaussianKernels.draws(
        moments: moments.span.extracting(rows.lowerBound * 2 * d..<rows.upperBound * 2 * d),
        noise: draws.noise.span, into: &span, rows: rows.count, draws: draws.count, dimensions: d,
        range: structure.architecture.logVariance)
    }
    let samples = m.samples
    var span = m.outputs.mutableSpan
    decoder.evaluate(samples.span, rows: count, into: &span)
  }

  private static func resize(_ array: inout [Float], _ count: Int) {
    if array.count != count { array = [Float](repeating: 0, count: count) }
  }
}
