import GraphicalModels
import LinearAlgebra
import Randomness

/// A mixture with known patterns, and rows of participants that use them to different degrees.
struct KnownMixture {
  var patterns: [GaussianPattern] = []
  /// πˢ, by participant.
  var weights: [[Double]] = []
  /// Rows of each participant, `[count, variables]`.
  var participants: [[Float]] = []
  let variables: Int

  init(
    seed: UInt64, patterns count: Int, variables m: Int, participants: Int, rows: Int,
    distance: Double = 1.2
  ) {
    variables = m
    func uniform(_ n: Int, _ part: UInt32) -> [Double] {
      RandomStream(seed: seed, participant: part, purpose: .syntheticData).uniform(n)
        .map { Double($0) }
    }
    func normal(_ n: Int, _ part: UInt32) -> [Double] {
      RandomStream(seed: seed, participant: part, round: 1, purpose: .syntheticData).normal(n)
        .map { Double($0) }
    }
    var spreads: [CholeskyFactor] = []
    for k in 0..<count {
      var precision = SymmetricMatrix(identityOfOrder: m)
      var draws = uniform(3 * m * m, UInt32(1000 + k))[...]
      for i in 0..<m {
        for j in 0..<i where draws.removeFirst() < 0.2 {
          let sign = draws.removeFirst() < 0.5 ? -1.0 : 1.0
          let value = sign * (0.3 + 0.3 * draws.removeFirst())
          precision[i, j] = value
          precision[j, i] = value
        }
      }
      for i in 0..<m {
        let others = (0..<m).reduce(0) { $0 + ($1 == i ? 0 : precision[i, $1].magnitude) }
        precision[i, i] = others + 0.5
      }
      let mean = normal(m, UInt32(2000 + k)).map { distance * $0 }
      patterns.append(GaussianPattern(mean: mean, precision: precision))
      guard let factor = precision.choleskyFactor()?.inverse().choleskyFactor() else { continue }
      spreads.append(factor)
    }
    for s in 0..<participants {
      let raw = uniform(count, UInt32(3000 + s)).map { $0 * $0 * $0 + 1e-3 }
      let total = raw.reduce(0, +)
      weights.append(raw.map { $0 / total })
      let choices = uniform(rows, UInt32(4000 + s))
      let noise = normal(rows * m, UInt32(5000 + s))
      var values: [Float] = []
      for r in 0..<rows {
        var (k, rest) = (0, choices[r])
        while k < count - 1 && rest > weights[s][k] {
          rest -= weights[s][k]
          k += 1
        }
        for i in 0..<m {
          var value = patterns[k].mean[i]
          for j in 0...i { value += spreads[k].elements[i * m + j] * noise[r * m + j] }
          values.append(Float(value))
        }
      }
      self.participants.append(values)
    }
  }

  /// A start as participants make one: clusters of each one's own rows.
  func start(
    seed: UInt64, clusters: Int, prior: PatternPrior, cardinalityPenalty: Double,
    tolerance: Double = 1e-7
  ) throws -> PatternDictionary {
    let slots = participants.count * clusters
    var accumulator = PatternAccumulator(patterns: slots, variables: variables)
    for (s, rows) in participants.enumerated() {
      let groups = RowClusters(
        of: rows, variables: variables, clusters: clusters,
        stream: RandomStream(seed: seed, participant: UInt32(s), purpose: .initialisation))
      let count = rows.count / variables
      var values: [Double] = []
      var shares = [Double](repeating: 0, count: count * slots)
      for r in 0..<count {
        values += rows[r * variables..<(r + 1) * variables].map { Double($0) } + [1]
        shares[r * slots + s * clusters + groups.assignment[r]] = 1
      }
      accumulator.add(values, shares: shares, count: count)
    }
    var dictionary = PatternDictionary(
      prior: prior, cardinalityPenalty: cardinalityPenalty, fewestRows: Double(variables + 1))
    dictionary.tolerance = tolerance
    try dictionary.update(with: accumulator.finish())
    return dictionary
  }
}
