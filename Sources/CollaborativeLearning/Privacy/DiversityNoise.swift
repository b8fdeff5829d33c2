import Cryptography
import GraphicalModels
import LinearAlgebra

/// The statistics of one pattern from rows with noise on them: what a participant tells of a pattern
/// behind which too few of its rows stand (CollabDict 2024, Sec. 6.2).
///
/// The noise is the zero-mean part N(0, (λₖ Λₖ)⁻¹) of the posterior; drawn about wₖ, as the paper has
/// it, it would move the pattern. With λₖ = λ₀ + Nₖˢ, the participant's own posterior, the sum of few
/// rows has noise of the pattern's own spread, and all rows together scatter by no more than one row
/// does: Nₖˢ / (λ₀ + Nₖˢ) Λₖ⁻¹. The pooled λ₀ + N̄ₖ makes the noise so much smaller as others have
/// rows, and hides nothing of a row that stands alone.
///
/// Each round has noise of its own: sums of T rounds, were they seen, average it down to 1/√T. It is
/// a function of the key, so that a resumed round has the same again.
public struct DiversityNoise {
  private let factor: CholeskyFactor
  private let strength: Double
  private let radius: Double?
  private var normals: SecretNormals
  private var accumulator: PatternAccumulator
  private var values: [Double] = []
  private var shares: [Double] = []

  /// A row with a smaller responsibility changes no sum.
  private static let negligible = 0x1p-60

  /// - Parameters:
  ///   - precision: a factor of Λₖ, order M.
  ///   - strength: λₖ, positive.
  ///   - key: the participant's own secret for this round.
  ///   - pattern: k.
  ///   - radius: of the ball that rows stay in with their noise; `nil` for all of space.
  public init(
    precision factor: CholeskyFactor, strength: Double, key: SymmetricKey, pattern: Int,
    radius: Double? = nil
  ) {
    precondition(strength > 0, "λ = \(strength)")
    self.radius = radius
    self.factor = factor
    self.strength = strength
    normals = SecretNormals(key: key, nonce: UInt64(pattern))
    accumulator = PatternAccumulator(patterns: 1, variables: factor.order)
  }

  /// Adds rows in their order, each with noise.
  ///
  /// - Parameters:
  ///   - rows: `[count, M + 1]`, a one behind each row.
  ///   - responsibilities: `[count, K]`, of which column k counts.
  public mutating func add(
    _ rows: [Double], responsibilities: [Double], pattern k: Int, of patterns: Int, count: Int
  ) {
    let width = factor.order + 1
    precondition(
      rows.count >= count * width && responsibilities.count >= count * patterns && k < patterns,
      "\(rows.count) values and \(responsibilities.count) shares of \(count) rows")
    values.removeAll(keepingCapacity: true)
    shares.removeAll(keepingCapacity: true)
    for r in 0..<count {
      let share = responsibilities[r * patterns + k]
      guard share > Self.negligible else { continue }
      var row = normals.draw(precision: factor, strength: strength)
      var square = 0.0
      for i in 0..<factor.order {
        row[i] += rows[r * width + i]
        square += row[i] * row[i]
      }
      let scale = radius.map { min(1, $0 / square.squareRoot()) } ?? 1
      for value in row { values.append(scale * value) }
      values.append(1)
      shares.append(share)
    }
    accumulator.add(values, shares: shares, count: shares.count)
  }

  /// The statistics of the rows with noise, one pattern.
  public consuming func finish() -> PatternStatistics { accumulator.finish() }
}
