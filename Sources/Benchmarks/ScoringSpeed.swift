import AnomalyDetection
import Datasets
import Randomness

/// Scoring of 2,048 rows with J = 64 draws each, reconstruction probability with σ from the
/// network. Its peer is `peers/score.py`.
///
/// - Returns: the median time of a pass over all rows, in seconds.
func scoring(rows: Int = 2048, repeats: Int = 15) -> Double {
  let structure = ModelStructure(timedArchitecture, window: CausalWindow(1), seed: 1)
  var options = ScoringOptions()
  options.draws = 64
  options.observation = .gaussian
  options.smoothing = 1
  let local = LocalParameters(
    standardisation: Standardisation(
      mean: [Double](repeating: 0, count: 38), scale: [Double](repeating: 1, count: 38)),
    phi: structure.phi, noise: [Double](repeating: 1, count: 38))
  var scorer = VAEScorer(
    structure, theta: structure.theta, local: local, options: options, seed: 1)
  let data = RandomStream(seed: 3, purpose: .syntheticData).normal(rows * 38)
  _ = scorer.score(data, count: rows)
  let clock = ContinuousClock()
  var times: [Duration] = []
  for _ in 0..<repeats {
    scorer.reset()
    times.append(clock.measure { _ = scorer.score(data, count: rows) })
  }
  return median(times)
}
