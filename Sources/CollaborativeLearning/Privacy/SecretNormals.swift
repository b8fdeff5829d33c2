import Cryptography
import LinearAlgebra

/// Normal draws from a secret key (Box and Muller 1958 over a ChaCha20 stream), in double precision.
///
/// Draws are multiples of what rounding leaves, not real numbers: none is beyond 8.6 standard
/// deviations, and the pattern of the lowest bits of a released sum can tell which number the noise
/// was added to (Mironov 2012). Whoever publishes should round what is released to far fewer digits
/// than a double has; the guarantees are those of exact arithmetic.
public struct SecretNormals {
  private var stream: KeyStream
  private var words: [UInt32] = []
  private var place = 0
  private var spare: Double?

  /// - Parameters:
  ///   - key: who does not know it cannot tell the draws from others.
  ///   - nonce: another one gives other draws of the same key.
  public init(key: SymmetricKey, nonce: UInt64 = 0) {
    stream = KeyStream(key: key, nonce: nonce)
  }

  /// Draws that nobody can repeat.
  public static func fresh() -> SecretNormals { SecretNormals(key: .random()) }

  /// A uniform number in (0, 1], a multiple of 2⁻⁵³.
  private mutating func uniform() -> Double {
    if place + 2 > words.count {
      var fresh = [UInt32](repeating: 0, count: 256)
      var span = fresh.mutableSpan
      stream.fill(&span)
      words = fresh
      place = 0
    }
    let bits = UInt64(words[place]) | UInt64(words[place + 1]) << 32
    place += 2
    return Double((bits >> 11) + 1) * 0x1p-53
  }

  /// A standard normal draw.
  public mutating func next() -> Double {
    if let draw = spare {
      spare = nil
      return draw
    }
    let length = (-2 * uniform().logarithm).squareRoot()
    let angle = 2 * Double.pi * uniform()
    spare = length * (angle - Double.pi / 2).cosine
    return length * angle.cosine
  }

  /// So many standard normal draws.
  public mutating func draws(_ count: Int) -> [Double] { (0..<count).map { _ in next() } }

  /// A draw of N(0, (λΛ)⁻¹) for Λ = L Lᵀ: L⁻ᵀ z / √λ.
  ///
  /// - Parameter factor: of Λ, order M.
  public mutating func draw(precision factor: CholeskyFactor, strength: Double) -> [Double] {
    let m = factor.order
    var values = draws(m)
    for i in stride(from: m - 1, through: 0, by: -1) {
      var rest = values[i]
      for j in (i + 1)..<max(m, i + 1) { rest -= factor.elements[j * m + i] * values[j] }
      values[i] = rest / factor.elements[i * m + i]
    }
    let scale = 1 / strength.squareRoot()
    for i in 0..<m { values[i] *= scale }
    return values
  }
}
