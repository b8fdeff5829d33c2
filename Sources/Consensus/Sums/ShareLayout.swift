import Cryptography
import LinearAlgebra
import Randomness

/// Who holds which share of which slice in one attempt at a sum.
///
/// The vector is cut into slices; every slice is shared among other members, next to one another in
/// an order that is drawn anew for each attempt. Work and bytes are thus the same for all, and no
/// few members hold shares of everything.
struct ShareLayout: Sendable {
  /// Those who are expected, in the order of this attempt.
  let order: [Int]
  let sharing: SecretSharing
  /// The elements of each slice.
  let slices: [Range<Int>]
  /// All who hold shares.
  let holders: MemberSet
  private let stride: Int

  /// - Parameters:
  ///   - expected: at least as many as there are holders of a slice.
  ///   - seed: the same for all members.
  init(
    expected: MemberSet, count: Int, sharing: SecretSharing, sliceLimit: Int, seed: UInt64,
    slot: Slot
  ) {
    var members = expected.members.map { Int32($0) }
    let stream = RandomStream(
      seed: seed, participant: slot.epoch << 8 &+ slot.attempt, round: slot.round,
      purpose: .nodeLabels)
    var scratch: [UInt32] = []
    var span = members.mutableSpan
    stream.shuffle(&span, scratch: &scratch)
    order = members.map { Int($0) }
    self.sharing = sharing
    let sliceCount = min(order.count, sliceLimit)
    stride = order.count / sliceCount
    // Whole blocks of the key stream, as sharing likes them.
    let length = (count + sliceCount - 1) / sliceCount
    slices = (0..<sliceCount).map { min($0 * length, count)..<min(($0 + 1) * length, count) }
    var holders = MemberSet()
    for slice in 0..<sliceCount {
      for k in 0..<sharing.holders { holders.insert(order[(slice * stride + k) % order.count]) }
    }
    self.holders = holders
  }

  /// Holder k of a slice; the first is the one that puts its shares together.
  func holder(_ k: Int, of slice: Int) -> Int {
    order[(slice * stride + k) % order.count]
  }

  /// What a member holds: slices in ascending order, and which holder of each it is.
  func holdings(of member: Int) -> [(slice: Int, holder: Int)] {
    guard let rank = order.firstIndex(of: member) else { return [] }
    var holdings: [(slice: Int, holder: Int)] = []
    for slice in slices.indices {
      let k = (rank - slice * stride % order.count + order.count) % order.count
      if k < sharing.holders { holdings.append((slice, k)) }
    }
    return holdings
  }

  /// Elements of the full shares that a member gets from each contributor.
  func fullShareElements(of member: Int) -> Int {
    holdings(of: member).reduce(0) {
      $0 + ($1.holder >= sharing.seedCount ? slices[$1.slice].count : 0)
    }
  }

  /// The seed of a holder's pseudo-random share of a slice.
  static func seed(_ seed: SymmetricKey, slice: Int) -> SymmetricKey {
    seed.derived(for: [
      UInt8(truncatingIfNeeded: slice), UInt8(truncatingIfNeeded: slice >> 8),
    ])
  }

  /// The message for each holder, from secure randomness.
  func deals(of vector: [UInt32]) -> [Int: RoundMessage.Deal] {
    var seeds: [Int: SymmetricKey] = [:]
    var shares: [Int: [UInt32]] = [:]
    for member in holders.members {
      seeds[member] = SymmetricKey.random()
      var own: [UInt32] = []
      own.reserveCapacity(fullShareElements(of: member))
      shares[member] = own
    }
    var buffer: [UInt32] = []
    for (slice, range) in slices.enumerated() where !range.isEmpty {
      let keys = (0..<sharing.seedCount).compactMap { k in
        seeds[holder(k, of: slice)].map { Self.seed($0, slice: slice) }
      }
      let needed = sharing.fullShareCount * range.count
      if buffer.count != needed { buffer = [UInt32](repeating: 0, count: needed) }
      var span = buffer.mutableSpan
      sharing.share(vector.span.extracting(range), seeds: keys, into: &span)
      for k in sharing.seedCount..<sharing.holders {
        let start = (k - sharing.seedCount) * range.count
        shares[holder(k, of: slice)]?.append(contentsOf: buffer[start..<start + range.count])
      }
    }
    var deals: [Int: RoundMessage.Deal] = [:]
    for member in holders.members {
      guard let seed = seeds[member], let own = shares[member] else { continue }
      deals[member] = RoundMessage.Deal(seed: seed.bytes, shares: own)
    }
    return deals
  }

  /// The sums of a member's shares over some deals: one vector for each of its slices.
  func sums(of deals: [RoundMessage.Deal], for member: Int) -> [Int: [UInt32]] {
    var sums: [Int: [UInt32]] = [:]
    var offset = 0
    var expansion: [UInt32] = []
    for (slice, k) in holdings(of: member) {
      let count = slices[slice].count
      var sum = [UInt32](repeating: 0, count: count)
      var span = sum.mutableSpan
      if k < sharing.seedCount {
        if expansion.count != count { expansion = [UInt32](repeating: 0, count: count) }
        for deal in deals {
          var share = expansion.mutableSpan
          SecretSharing.expand(
            Self.seed(SymmetricKey(bytes: deal.seed), slice: slice), into: &share)
          PrimeFieldVectors.add(expansion.span, to: &span)
        }
      } else {
        for deal in deals {
          PrimeFieldVectors.add(
            deal.shares.span.extracting(offset..<offset + count), to: &span)
        }
        offset += count
      }
      sums[slice] = sum
    }
    return sums
  }
}
