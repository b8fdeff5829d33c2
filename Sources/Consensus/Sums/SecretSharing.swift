import Cryptography
import LinearAlgebra

/// Secret sharing of vectors over the prime field of p = 2³¹ - 1: any `threshold` of the `holders`
/// shares give the secret, and fewer tell nothing of it.
///
/// Shamir, “How to share a secret” (1979): element by element, the secret is the value at 0 of a
/// random polynomial of degree below the threshold t, and holder k's share its value at k + 1.
/// Sums of shares are shares of the sum.
///
/// The first t - 1 shares are expansions of seeds of 32 bytes: drawn first, they are as random as
/// the polynomial's coefficients would be, and with the secret they fix it. Only the other
/// n - t + 1 shares travel in full. That t - 1 shares tell nothing then holds against whoever
/// cannot tell ChaCha20 from randomness.
public struct SecretSharing: Sendable, Hashable {
  /// The largest number of holders.
  public static let largestCount = 64

  /// t: how many shares give the secret.
  public let threshold: Int
  /// n: how many shares there are.
  public let holders: Int

  /// How many holders, the first ones, get seeds: t - 1.
  public var seedCount: Int { threshold - 1 }
  /// How many holders, the last ones, get full shares: n - t + 1.
  public var fullShareCount: Int { holders - threshold + 1 }

  /// Elements of one pass, so that expansions stay near the processor; a multiple of 16, as
  /// ``FieldStream`` asks.
  static let block = 4096

  /// - Throws: ``SecretSharingError/parameters(threshold:holders:)`` unless
  ///   1 ≤ threshold ≤ holders ≤ 64.
  public init(threshold: Int, holders: Int) throws(SecretSharingError) {
    guard 1 <= threshold, threshold <= holders, holders <= Self.largestCount else {
      throw .parameters(threshold: threshold, holders: holders)
    }
    self.threshold = threshold
    self.holders = holders
  }

  /// The shares of holders t - 1 ..< n.
  ///
  /// - Parameters:
  ///   - secret: elements of the field.
  ///   - seeds: the seeds of holders 0 ..< t - 1, secret, independent and of this secret alone:
  ///     two secrets shared with the same seeds betray their difference to every full share's
  ///     holder.
  ///   - shares: gets them, `[n - t + 1, secret.count]`.
  public func share(
    _ secret: Span<UInt32>, seeds: [SymmetricKey], into shares: inout MutableSpan<UInt32>
  ) {
    let count = secret.count
    precondition(
      shares.count == fullShareCount * count,
      "\(shares.count) elements for \(fullShareCount) shares of \(count)")
    share(secret, seeds: seeds) { k, part, write in
      let start = k * count + part.lowerBound
      var share = shares._mutatingExtracting(start..<start + part.count)
      write(&share)
    }
  }

  /// The shares of holders t - 1 ..< n, each as long as the secret.
  public func share(_ secret: Span<UInt32>, seeds: [SymmetricKey]) -> [[UInt32]] {
    let zeros = [UInt32](repeating: 0, count: secret.count)
    var shares = [[UInt32]](repeating: zeros, count: fullShareCount)
    share(secret, seeds: seeds) { k, part, write in
      var span = shares[k].mutableSpan
      var share = span._mutatingExtracting(part)
      write(&share)
    }
    return shares
  }

  /// Part after part, asks for the place of each full share's elements, to be written.
  func share(
    _ secret: Span<UInt32>, seeds: [SymmetricKey],
    place: (_ share: Int, _ part: Range<Int>, _ write: (inout MutableSpan<UInt32>) -> Void) -> Void
  ) {
    precondition(seeds.count == seedCount, "\(seeds.count) seeds instead of \(seedCount)")
    let count = secret.count
    let nodes = (0..<threshold).map { FieldElement($0) }
    let coefficients = (threshold...holders).map {
      FieldElement.interpolation(at: FieldElement($0), from: nodes).map(\.value)
    }
    var streams = seeds.map { FieldStream(seed: $0) }
    let stride = min(Self.block, count)
    var expansions = [UInt32](repeating: 0, count: seedCount * stride)
    for start in Swift.stride(from: 0, to: count, by: Self.block) {
      let range = start..<min(start + Self.block, count)
      let part = secret.extracting(range)
      precondition(
        PrimeFieldVectors.firstOther(in: part) == nil, "a secret of words that are no elements")
      for k in streams.indices {
        var rows = expansions.mutableSpan
        var row = rows._mutatingExtracting(k * stride..<k * stride + part.count)
        streams[k].fill(&row)
      }
      for k in coefficients.indices {
        let factors = coefficients[k]
        place(k, range) { share in
          PrimeFieldVectors.combine(
            part, rows: expansions.span, stride: stride, coefficients: factors.span, into: &share)
        }
      }
    }
  }

  /// The share of a holder with a seed.
  public static func expand(_ seed: SymmetricKey, into share: inout MutableSpan<UInt32>) {
    var stream = FieldStream(seed: seed)
    stream.fill(&share)
  }

  /// The share of a holder with a seed, of as many elements.
  public static func expand(_ seed: SymmetricKey, count: Int) -> [UInt32] {
    var share = [UInt32](repeating: 0, count: count)
    var span = share.mutableSpan
    expand(seed, into: &span)
    return share
  }
}

extension SecretSharing {
  /// No sharing at all: one holder, who gets the values themselves.
  public static let plain = SecretSharing()

  private init() {
    threshold = 1
    holders = 1
  }
}
