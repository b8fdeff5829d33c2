import Randomness

/// The fixed noise v of CollabDict 2024, Eqs. (31) and (39), for scoring: the same J draws for every
/// row, so that a score is a function of its row.
///
/// Draws come in pairs v and -v, and each dimension is scaled to unit variance: the mean of a linear
/// function over them is exact, and so is a dimension's variance.
package struct LatentDraws: Sendable {
  package let count: Int
  let dimensions: Int
  /// `[count, dimensions]`.
  package let noise: [Float]

  init(count: Int, dimensions: Int, seed: UInt64) {
    precondition(count > 0, "\(count) draws")
    self.count = count
    self.dimensions = dimensions
    if count == 1 {
      noise = [Float](repeating: 0, count: dimensions)  // the mean of q alone
      return
    }
    let half = count / 2
    var noise = RandomStream(seed: seed, purpose: .scoringNoise).normal(half * dimensions)
    for d in 0..<dimensions {
      var squares = 0.0
      for j in 0..<half { squares += Double(noise[j * dimensions + d] * noise[j * dimensions + d]) }
      let factor = Float(1 / max(squares / Double(half), 1e-12).squareRoot())
      for j in 0..<half { noise[j * dimensions + d] *= factor }
    }
    let mirrored = noise.map { -$0 }
    noise.append(contentsOf: mirrored)
    if count % 2 == 1 { noise.append(contentsOf: repeatElement(0, count: dimensions)) }
    self.noise = noise
  }
}
