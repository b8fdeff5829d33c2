import AnomalyDetection
import Datasets
import NeuralNetworks
import Randomness
import VariationalInference

/// A model with random parameters, and what a test needs to know of it.
struct SampleModel {
  let structure: ModelStructure
  var theta: [Float]
  var local: LocalParameters
  var options = ScoringOptions()
  var seed: UInt64 = 3

  /// - Parameter change: changes the architecture before it is built.
  init(
    variables: Int, window: Int = 1, latent: Int, hidden: [Int] = [],
    _ change: (inout VAEArchitecture) -> Void = { _ in }
  ) {
    var architecture = VAEArchitecture(
      features: variables * window, hidden: hidden, activation: .tanh, latent: latent)
    change(&architecture)
    structure = ModelStructure(architecture, window: CausalWindow(window))
    theta = RandomStream(seed: 1, purpose: .initialisation).normal(structure.theta.count)
      .map { 0.4 * $0 }
    let phi = RandomStream(seed: 2, purpose: .initialisation).normal(structure.phi.count)
      .map { 0.4 * $0 }
    let spread = RandomStream(seed: 3, purpose: .initialisation).uniform(architecture.features)
    local = LocalParameters(
      standardisation: Standardisation(
        mean: [Double](repeating: 0, count: variables),
        scale: [Double](repeating: 1, count: variables)),
      phi: phi, noise: spread.map { 0.2 + Double($0) })
    options.smoothing = 1
    options.predictionWeight = 0
    options.draws = 8
  }

  var scorer: VAEScorer {
    VAEScorer(structure, theta: theta, local: local, options: options, seed: seed)
  }

  /// Scores rows in one call.
  func score(_ rows: [Float]) -> ScoredRows {
    var scorer = scorer
    return scorer.score(rows, count: rows.count / structure.variables)
  }

  /// Entries of a layer of φ or θ, in Double.
  func encoder(_ name: String) -> [Double] {
    structure.encoderLayout[name].map { $0.range.map { Double(local.phi[$0]) } } ?? []
  }

  func decoder(_ name: String) -> [Double] {
    structure.decoderLayout[name].map { $0.range.map { Double(theta[$0]) } } ?? []
  }

  /// Moments of q(z | window) of a linear encoder: means and variances.
  func posterior(_ window: [Double]) -> (mean: [Double], variance: [Double]) {
    let d = structure.architecture.latent
    let weight = encoder("linear.weight")
    var output = encoder("linear.bias")
    for (i, x) in window.enumerated() {
      for k in 0..<2 * d { output[k] += x * weight[i * 2 * d + k] }
    }
    return (Array(output[..<d]), output[d...].map { $0.exponential })
  }

  /// What a linear decoder makes of z.
  func decoded(_ z: [Double]) -> [Double] {
    let outputs = structure.architecture.features
    let weight = decoder("linear.weight")
    var output = decoder("linear.bias")
    for (k, value) in z.enumerated() {
      for i in 0..<outputs { output[i] += value * weight[k * outputs + i] }
    }
    return output
  }

  /// The fixed draws that a score averages over, as its documentation says: pairs of v and -v, each
  /// dimension scaled to unit variance.
  var draws: [[Double]] {
    let d = structure.architecture.latent
    let half = options.draws / 2
    let noise = RandomStream(seed: seed, purpose: .scoringNoise).normal(half * d)
    let scale = (0..<d).map { k in
      let squares = (0..<half).reduce(0.0) { $0 + Double(noise[$1 * d + k] * noise[$1 * d + k]) }
      return 1 / (squares / Double(half)).squareRoot()
    }
    let first = (0..<half).map { j in (0..<d).map { Double(noise[j * d + $0]) * scale[$0] } }
    return first + first.map { $0.map { -$0 } }
  }
}

/// Random rows; some values may be missing.
func sampleRows(_ count: Int, _ variables: Int, missingEvery: Int? = nil) -> [Float] {
  var rows = RandomStream(seed: 7, purpose: .syntheticData).normal(count * variables)
  if let missingEvery {
    for i in stride(from: 1, to: rows.count, by: missingEvery) { rows[i] = .nan }
  }
  return rows
}

func isNear(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  (a - b).magnitude <= tolerance * max(1, b.magnitude)
}
