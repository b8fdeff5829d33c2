import Cryptography

/// Why a value could not be masked.
public enum MaskError: Error, Equatable, CustomStringConvertible {
  /// Nobody shares a key with this participant.
  case noKeys(participant: Int)
  /// A key is said to be shared with oneself.
  case ownKey(participant: Int)
  /// Masked values would not be exact in double precision.
  case tooFine(magnitude: Double, resolution: Double, peers: Int)
  /// A value is not finite, or as large as a mask, which could not hide it.
  case outOfRange(value: Double, index: Int, magnitude: Double)

  public var description: String {
    switch self {
    case .noKeys(let participant):
      "participant \(participant) shares a key with nobody and cannot be masked; agree on keys "
        + "with at least as many others as may collude, plus one"
    case .ownKey(let participant):
      "participant \(participant) is listed as sharing a key with itself; remove it"
    case .tooFine(let magnitude, let resolution, let peers):
      "masks of magnitude \(magnitude) from \(peers) others at a resolution of \(resolution) need "
        + "more than double precision; take smaller masks or a coarser resolution"
    case .outOfRange(let value, let index, let magnitude):
      "value \(value) at place \(index) cannot be hidden by masks of magnitude \(magnitude)"
    }
  }
}

/// Zero-sum masks for the iterative consensus on reals: for each pair that shares a key, one adds
/// and the other subtracts the same secret numbers, so that the sum over all participants stays
/// what it is (Bonawitz et al., "Practical secure aggregation for privacy-preserving machine
/// learning", 2017; here on a grid of reals instead of residues).
///
/// **What a coalition learns.** Everything it may hear in an iterative consensus is a function of
/// the masked start values, and it knows its own masks. Take the graph whose edges are the shared
/// keys, without the coalition: of each component the sum is learnt
/// (``CommunicationGraph/components(without:)``). Within a component, two inputs with the same sum
/// look alike but for a total variation distance of at most Σ_e |f_e| / 2A for each number, where
/// the flow f along the component's edges carries one input into the other: masks of reals have a
/// size, and hide only what is small beside A. An exact sum modulo a prime has no such term.
/// With two participants each learns the other's value from the sum: private sums need S ≥ 3.
///
/// **What it costs.** Start values have the size of the masks, so a relative tolerance ε would be
/// an error of εA in the value: count rounds with ``ConsensusPlan/rounds(toError:amplitude:)`` and
/// ``amplitude``.
public struct PairwiseMasks: Sendable {
  /// The number of this participant.
  public let participant: Int
  /// A: each pair's mask is uniform on the grid in −A ..< A; a power of two.
  public let magnitude: Double
  /// The grid on which masks and masked values lie; a power of two. On a grid, adding a mask is
  /// exact, and no last bits of a value stick out of its mask.
  public let resolution: Double

  private let keys: [(peer: Int, key: SymmetricKey)]
  private let bits: Int

  /// - Parameters:
  ///   - keys: by the number of the participant with whom it is shared; used for nothing but masks
  ///     (``SymmetricKey/derived(for:)``). Both ends must agree on `magnitude` and `resolution`.
  ///   - magnitude: rounded up to a power of two.
  ///   - resolution: rounded down to a power of two.
  /// - Throws: ``MaskError``.
  /// - Precondition: 0 < `resolution` ≤ `magnitude`, finite.
  public init(
    participant: Int, keys: [Int: SymmetricKey], magnitude: Double, resolution: Double
  ) throws(MaskError) {
    precondition(
      resolution > 0 && resolution <= magnitude && magnitude.isFinite,
      "masks of magnitude \(magnitude) at resolution \(resolution)")
    if keys.isEmpty { throw .noKeys(participant: participant) }
    if keys[participant] != nil { throw .ownKey(participant: participant) }
    self.participant = participant
    self.magnitude = magnitude == magnitude.binade ? magnitude : 2 * magnitude.binade
    self.resolution = resolution.binade
    self.keys = keys.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    bits = Int(self.magnitude.exponent) - Int(self.resolution.exponent)
    guard bits <= 52, Double(keys.count + 1) * self.magnitude / self.resolution <= 0x1p53 else {
      throw .tooFine(
        magnitude: self.magnitude, resolution: self.resolution, peers: keys.count)
    }
  }

  /// A bound on masked values: A for each pair and for the value itself.
  public var amplitude: Double { Double(keys.count + 1) * magnitude }

  /// The sum of this participant's masks, `[count]`. Over all participants it adds up to zero.
  ///
  /// - Parameter round: never twice for different values: the difference would be seen.
  public func mask(count: Int, round: UInt64) -> [Double] {
    var total = [Int64](repeating: 0, count: count)
    for (peer, key) in keys {
      var stream = UniformStream(key: key, nonce: round)
      let words = stream.integers(count: count, bits: bits)
      // The smaller number adds, the larger subtracts.
      if participant < peer {
        for i in total.indices { total[i] += words[i] }
      } else {
        for i in total.indices { total[i] -= words[i] }
      }
    }
    return total.map { Double($0) * resolution }
  }

  /// What may enter the consensus: the value, rounded to the grid, under its masks. `[count]`.
  ///
  /// - Throws: ``MaskError/outOfRange(value:index:magnitude:)``.
  public func masked(_ value: [Double], round: UInt64) throws(MaskError) -> [Double] {
    var masked = mask(count: value.count, round: round)
    for i in value.indices {
      // Written so that NaN fails as well.
      guard value[i].magnitude < magnitude else {
        throw .outOfRange(value: value[i], index: i, magnitude: magnitude)
      }
      masked[i] += (value[i] / resolution).rounded() * resolution
    }
    return masked
  }
}
