import Cryptography

/// Random chunks that add up to a value, one consensus session for each (CollabDict 2024,
/// Sec. 4.2, Eq. 6).
///
/// **Leaks.** The paper's method, kept for comparison. A participant that records its neighbours'
/// values over the rounds of a session can solve for everybody's chunk, as the graph is known; it
/// does so in each session, and the chunks add up to the values. Other labels for each session
/// (``CommunicationGraph/relabelled(seed:session:)``) do not help, as everybody knows them. It
/// protects only against one who hears a single round. Use ``PairwiseMasks``, or shares of a
/// secret over encrypted channels.
public struct RandomChunking: Sendable {
  /// C, the number of chunks and of sessions.
  public let chunks: Int
  /// All chunks but the last are uniform in ±magnitude.
  public let magnitude: Double

  /// - Precondition: at least one chunk; a positive, finite magnitude.
  public init(chunks: Int, magnitude: Double) {
    precondition(chunks >= 1, "\(chunks) chunks")
    precondition(magnitude > 0 && magnitude.isFinite, "chunks of magnitude \(magnitude)")
    self.chunks = chunks
    self.magnitude = magnitude
  }

  /// ξˢ as ξˢ[1] + … + ξˢ[C], `[chunks][count]`, from secure randomness. They add up to within
  /// C rounding errors of the magnitude.
  public func split(_ value: [Double]) -> [[Double]] {
    var stream = UniformStream(key: .random(), nonce: 0)
    var rest = value
    var parts: [[Double]] = []
    for _ in 1..<chunks {
      let part = stream.integers(count: value.count, bits: 52).map {
        Double($0) * 0x1p-52 * magnitude
      }
      for i in rest.indices { rest[i] -= part[i] }
      parts.append(part)
    }
    parts.append(rest)
    return parts
  }

  /// ξ̄ = ξ̄[1] + … + ξ̄[C], `[count]` (Eq. 6). It holds for sums as well.
  public func combine(_ sessions: [[Double]]) -> [Double] {
    precondition(sessions.count == chunks, "\(sessions.count) sessions of \(chunks) chunks")
    var total = sessions[0]
    for part in sessions.dropFirst() {
      precondition(part.count == total.count, "\(part.count) and \(total.count) numbers")
      for i in total.indices { total[i] += part[i] }
    }
    return total
  }
}

/// Uniform whole numbers from a secret key.
struct UniformStream {
  private var stream: KeyStream

  init(key: SymmetricKey, nonce: UInt64) { stream = KeyStream(key: key, nonce: nonce) }

  /// Each in −2^bits ..< 2^bits, equally likely.
  mutating func integers(count: Int, bits: Int) -> [Int64] {
    precondition((0...62).contains(bits), "\(bits) bits")
    var words = [UInt32](repeating: 0, count: 2 * count)
    var span = words.mutableSpan
    stream.fill(&span)
    return (0..<count).map { i in
      let word = UInt64(words[2 * i]) | UInt64(words[2 * i + 1]) << 32
      // An arithmetic shift keeps bits + 1 of the 64, sign included.
      return Int64(bitPattern: word) >> Int64(63 - bits)
    }
  }
}
