import GraphicalModels
import LinearAlgebra

/// How many of a participant's rows stand behind what it tells of each pattern in one round
/// (CollabDict 2024, Sec. 6.2), added up block by block.
///
/// What is told are sums with the weights rₖ⁽ⁿ⁾, so the entropy of rₖ⁽ⁿ⁾ / Nₖ is watched; e to it is
/// the effective number of rows. Where it is near 1, sum over count is a row. Eq. (47) leaves the
/// mixture's weights and the competition of the patterns out, and so misses an outlier that owns a
/// pattern; it is kept beside under its own name.
public struct EntropyDiversity: Sendable {
  /// K.
  public let patterns: Int
  /// Σ r and Σ r ln r.
  private var counts: [Double]
  private var products: [Double]
  private var largest: [Double]
  /// Of g: the largest log density, Σ e^(l - largest), and Σ e^(l - largest) (l - largest).
  private var densities: [(largest: Double, sum: Double, product: Double)]

  public init(patterns: Int) {
    self.patterns = patterns
    counts = [Double](repeating: 0, count: patterns)
    products = counts
    largest = counts
    densities = .init(repeating: (-.infinity, 0, 0), count: patterns)
  }

  /// Adds the rows of a block.
  public mutating func add(_ block: borrowing PatternEvaluator.Block) {
    for r in 0..<block.rows.count {
      for k in 0..<patterns {
        add(share: block.shares[r * patterns + k], to: k)
        add(logDensity: block.logDensities[r * patterns + k], to: k)
      }
    }
  }

  /// Adds a row's responsibility in a pattern.
  public mutating func add(share: Double, to k: Int) {
    guard share > 0 else { return }
    counts[k] += share
    largest[k] = max(largest[k], share)
    products[k] += share * share.logarithm
  }

  private mutating func add(logDensity: Double, to k: Int) {
    guard logDensity > -.infinity else { return }
    let gap = densities[k].largest - logDensity
    if gap >= 0 {
      let term = (-gap).exponential
      densities[k].sum += term
      densities[k].product -= term * gap
    } else {
      // The new largest one is the unit from here on.
      let scale = gap.exponential
      let (sum, product) = (densities[k].sum, densities[k].product)
      let moved = densities[k].largest == -.infinity ? 0 : (product + sum * gap) * scale
      densities[k] = (logDensity, sum * scale + 1, moved)
    }
  }

  /// The figures of a round.
  public struct Figures: Sendable, Equatable {
    /// Nₖˢ, the expected numbers of rows, `[K]`.
    public var rows: [Double]
    /// The entropy of rₖ⁽ⁿ⁾ / Nₖ over the rows, in nats, `[K]`; 0 for a pattern without rows.
    public var entropies: [Double]
    /// The largest rₖ⁽ⁿ⁾ / Nₖ, `[K]`. Many rows with small weights can raise the entropy while one
    /// row still makes up much of the sum.
    public var largestShares: [Double]
    /// The entropy of g of Eq. (47), the normalised densities, `[K]`.
    public var densityEntropies: [Double]

    /// e to the entropy, `[K]`: as many rows with equal weights would tell as little of each other.
    public var effectiveRows: [Double] {
      zip(rows, entropies).map { $0 > 0 ? $1.exponential : 0 }
    }

    /// Eₛ of Eq. (48): the largest entropy of g. The pattern that tells most is the one with the
    /// smallest entropy, so that this is no warning; see ``leastEffectiveRows(resolution:)``.
    public var largestDensityEntropy: Double { densityEntropies.max() ?? 0 }

    /// The smallest effective number of rows behind a pattern, `nil` where nothing is told.
    ///
    /// - Parameter resolution: a pattern of no more rows than that is told as zeros.
    public func leastEffectiveRows(resolution: Double = 0) -> Double? {
      zip(rows, effectiveRows).filter { $0.0 > resolution }.map(\.1).min()
    }

    /// The patterns whose effective number of rows is below l₀.
    public func patterns(below least: Double, resolution: Double = 0) -> [Int] {
      rows.indices.filter { rows[$0] > resolution && effectiveRows[$0] < least }
    }
  }

  /// The figures of the rows so far.
  public var figures: Figures {
    Figures(
      rows: counts,
      entropies: (0..<patterns).map {
        counts[$0] > 0 ? max(0, counts[$0].logarithm - products[$0] / counts[$0]) : 0
      },
      largestShares: (0..<patterns).map { counts[$0] > 0 ? largest[$0] / counts[$0] : 0 },
      densityEntropies: densities.map {
        $0.sum > 0 ? max(0, $0.sum.logarithm - $0.product / $0.sum) : 0
      })
  }
}
