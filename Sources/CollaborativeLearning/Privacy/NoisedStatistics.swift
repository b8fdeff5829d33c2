import GraphicalModels
import LinearAlgebra

/// Gaussian noise on all of (Nₖ, Sₖ, Cₖ), after Analyze Gauss (Dwork, Talwar, Thakurta and Zhang
/// 2014).
///
/// A row within the ball of radius B adds uₖ = rₖ v vᵀ with v = (1, x/B) to the matrices
/// [[Nₖ, Sₖᵀ/B], [Sₖ/B, Cₖ/B²]]. In the Frobenius norm over all patterns
/// ‖u‖² = Σ rₖ² ‖v‖⁴ ≤ 4, as responsibilities are at least 0 and add up to 1; and
/// ⟨u, ũ⟩ = Σ rₖ r̃ₖ (vᵀṽ)² ≥ 0. So a row in another's place moves them by ‖u - ũ‖ ≤ √(4 + 4). Both
/// x̃ = -x on the sphere in one pattern and rows of two patterns reach it.
///
/// Noise with variance σ² along every direction of symmetric matrices, that is σ² on the diagonal
/// and σ²/2 beside it, gives D_α ≤ α Δ² / (2σ²) (Mironov 2017, Prop. 7).
struct NoisedStatistics {
  /// Δ for one row in another's place.
  static let sensitivity = 8.0.squareRoot()

  /// σ, in rows.
  let deviation: Double

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
    let beside = deviation / 2.0.squareRoot()
    var numbers = statistics.flattened
    var place = 0
    for _ in 0..<statistics.patterns {
      numbers[place] += deviation * normals.next()
      place += 1
      for _ in 0..<m {
        numbers[place] += radius * beside * normals.next()
        place += 1
      }
      for i in 0..<m {
        for j in 0...i {
          numbers[place] += radius * radius * (i == j ? deviation : beside) * normals.next()
          place += 1
        }
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
