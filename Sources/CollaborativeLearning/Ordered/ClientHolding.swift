import GraphicalModels
import LinearAlgebra

/// What the chain holds of one client: its last statistics, in the patterns of the present
/// dictionary, and what they are worth.
///
/// A silent client's responsibilities stay as they were. Expectation and maximisation then is the
/// incremental kind (Neal and Hinton 1998): what grows from round to round is the lower bound of
/// Eq. (8), 2018, whose part of this client is, with the responsibilities r it had,
///
///     Σₙ Σₖ rₙₖ { ln N(xₙ | μₖ, Λₖ⁻¹) + ln πₖ − ln rₙₖ } = Σₖ Eₖ + slack,
///
/// where Eₖ follows from the statistics and any dictionary, and the slack, at the weights that suit r
/// best, does not depend on the dictionary at all. So a silent client counts with this bound where
/// others count with their log likelihoods, of which it never is above.
///
/// Where two patterns become one, their statistics add up. The bound above stays one, with the two
/// as copies of the same pattern (log sum inequality). Where a pattern was discarded, its rows go, all
/// of them together, to the pattern that expects them most; that is another choice of r, with the same
/// slack as two copies.
struct ClientHolding: Sendable, Equatable {
  /// The block in which the client reported.
  var height: UInt64
  /// In the patterns of the present dictionary.
  var statistics: PatternStatistics
  /// Not above 0, but for rounding.
  var slack: Double

  /// The holding of a report under the present dictionary.
  ///
  /// - Parameters:
  ///   - weights: those of the report's responsibilities, `[K]`; empty where rows were given whole to
  ///     one pattern each.
  init(
    height: UInt64, _ statistics: PatternStatistics, weights: [Double],
    under densities: [ExpectedDensity]
  ) {
    self.height = height
    self.statistics = statistics
    let counts = statistics.counts
    let total = counts.reduce(0, +)
    slack = weights.isEmpty ? 0 : statistics.logLikelihood
    for k in counts.indices where counts[k] > 0 {
      slack += counts[k] * (counts[k] / total).logarithm
      if weights.isEmpty { continue }
      slack -= counts[k] * weights[k].logarithm
      slack -= densities[k].expectation(statistics, k)
    }
  }

  /// A lower bound of the log likelihood of the client's rows under a dictionary of as many patterns.
  func bound(under densities: [ExpectedDensity]) -> Double {
    var bound = slack
    for k in 0..<statistics.patterns where statistics.count(k) > 0 {
      bound += densities[k].expectation(statistics, k)
    }
    return bound
  }

  /// Takes the statistics along to the patterns' successors.
  ///
  /// - Parameter densities: of the dictionary after the step.
  mutating func carry(_ succession: PatternDictionary.Succession, to densities: [ExpectedDensity]) {
    precondition(
      succession.count == statistics.patterns,
      "a succession of \(succession.count) for \(statistics.patterns) patterns")
    let width = PatternStatistics.width(variables: statistics.variables)
    let before = statistics.flattened
    var after = [Double](repeating: 0, count: densities.count * width)
    for (k, successor) in succession.enumerated() where statistics.count(k) > 0 {
      let place =
        successor
        ?? densities.indices.max {
          densities[$0].expectation(statistics, k) < densities[$1].expectation(statistics, k)
        } ?? 0
      for i in 0..<width { after[place * width + i] += before[k * width + i] }
    }
    statistics = PatternStatistics(flattened: after, variables: statistics.variables)
  }
}

/// ln N(x | μ, Λ⁻¹) in expectation over rows of which the statistics are known.
struct ExpectedDensity: Sendable {
  private let pattern: GaussianPattern
  private let constant: Double

  /// - Throws: `MixtureError`.
  static func all(_ patterns: [GaussianPattern]) throws(MixtureError) -> [ExpectedDensity] {
    var all: [ExpectedDensity] = []
    for (k, pattern) in patterns.enumerated() {
      guard let factor = pattern.precision.choleskyFactor() else {
        throw .notPositiveDefinite(pattern: k)
      }
      let scale = Double(pattern.variables) * (2 * Double.pi).logarithm
      all.append(
        ExpectedDensity(pattern: pattern, constant: 0.5 * (factor.logDeterminant - scale)))
    }
    return all
  }

  /// Σₙ rₙₖ ln N(xₙ | μ, Λ⁻¹) over the rows of one pattern's statistics.
  func expectation(_ statistics: PatternStatistics, _ k: Int) -> Double {
    let (rows, sum, scatter) = (
      statistics.count(k), statistics.sum(k), statistics.scatter(k)
    )
    let mean = pattern.mean
    var trace = 0.0
    for i in 0..<mean.count {
      for j in 0..<mean.count {
        let about =
          scatter[i, j] - mean[i] * sum[j] - sum[i] * mean[j] + rows * mean[i] * mean[j]
        trace += pattern.precision[i, j] * about
      }
    }
    return rows * constant - 0.5 * trace
  }
}
