import GraphicalModels
import LinearAlgebra

/// Gaussian noise on all of (Nₖ, Sₖ, Cₖ), after Analyze Gauss (Dwork, Talwar, Thakurta and Zhang
/// 2014).
///
/// A row within the ball of radius B adds uₖ = rₖ v vᵀ with v = (s, x/B) to the matrices
/// [[s² Nₖ, s Sₖᵀ/B], [s Sₖ/B, Cₖ/B²]]. In the Frobenius norm over all patterns
/// ‖u‖ = ‖r‖ ‖v‖² ≤ 1 + s², as responsibilities are at least 0 and add up to 1; and
/// ⟨u, ũ⟩ = Σ rₖ r̃ₖ (vᵀṽ)² ≥ 0. So a row in another's place moves them by
/// ‖u - ũ‖ ≤ √2 (1 + s²). Rows on the sphere that lie in two patterns reach it.
///
/// Noise with variance σ² along every direction of symmetric matrices, that is σ² on the diagonal
/// and σ²/2 beside it, gives D_α ≤ α Δ² / (2σ²) (Mironov 2017, Prop. 7).
struct NoisedStatistics {
  /// s². The noise hurts the scatter most, and the counts least: with a smaller s more of the
  /// guarantee is spent on the scatter.
  static let countWeight = 0.25
  /// Δ for one row in another's place.
  static let sensitivity = 2.0.squareRoot() * (1 + countWeight)

  /// σ.
  let deviation: Double
  /// Of the noise on Nₖ, in rows.
  var countDeviation: Double { deviation / Self.countWeight }
  /// Of the noise on an entry of Cₖ beside the diagonal.
  ///
  /// - Parameter radius: B.
  func scatterDeviation(radius: Double) -> Double {
    radius * radius * deviation / 2.0.squareRoot()
  }

  /// - Parameters:
  ///   - rate: ε/α that the noise has to give.
  ///   - rowsPerUnit: rows that change together; they move the statistics by as many times Δ.
  init(rate: Double, rowsPerUnit: Int) {
    precondition(rate > 0 && rowsPerUnit >= 1, "a rate of \(rate), \(rowsPerUnit) rows")
    deviation = Double(rowsPerUnit) * Self.sensitivity / (2 * rate).squareRoot()
  }

  /// The statistics with noise.
  ///
  /// - Parameter radius: B.
  func draw(
    _ statistics: PatternStatistics, radius: Double, _ normals: inout SecretNormals
  ) -> PatternStatistics {
    let m = statistics.variables
    let beside = scatterDeviation(radius: radius)
    let sumDeviation = beside / (radius * Self.countWeight.squareRoot())
    var numbers = statistics.flattened
    var place = 0
    func add(_ deviation: Double) {
      numbers[place] += deviation * normals.next()
      place += 1
    }
    for _ in 0..<statistics.patterns {
      add(countDeviation)
      for _ in 0..<m { add(sumDeviation) }
      for i in 0..<m {
        for j in 0...i { add(i == j ? beside * 2.0.squareRoot() : beside) }
      }
    }
    return PatternStatistics(flattened: numbers, variables: m)
  }
}

extension SymmetricMatrix {
  /// The nearest positive semidefinite matrix in the Frobenius norm: negative eigenvalues become 0.
  /// `nil` when an entry is not finite.
  var positivePart: SymmetricMatrix? {
    guard let (values, vectors) = eigendecomposition() else { return nil }
    var result = self
    for i in 0..<order {
      for j in 0...i {
        var sum = 0.0
        for e in 0..<order where values[e] > 0 {
          sum += values[e] * vectors[e * order + i] * vectors[e * order + j]
        }
        result[i, j] = sum
        result[j, i] = sum
      }
    }
    return result
  }
}
