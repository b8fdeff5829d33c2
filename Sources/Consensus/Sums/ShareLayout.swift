import Cryptography
import LinearAlgebra
import Randomness

/// Who holds which share of which slice in one attempt at a sum.
///
/// A long vector is cut into slices; every slice is shared among other members, next to one another
/// in an order that is drawn anew for each attempt. Work and bytes are thus the same for all, and no
/// few members hold shares of everything. A short vector is one slice: what a round costs then is
/// messages, not bytes, and its few holders are others in each attempt.
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
  ///   - sliceLimit: slices, at most.
  ///   - leastSlice: fewer elements than that are not worth a slice of their own.
  ///   - seed: the same for all members.
  init(
    expected: MemberSet, count: Int, sharing: SecretSharing, sliceLimit: Int,
    leastSlice: Int = 1, seed: UInt64, slot: Slot
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
    let sliceCount = max(1, min(order.count, sliceLimit, count / leastSlice))
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
    let members = holders.members
    var rank: [Int: Int] = [:]
    for (place, member) in members.enumerated() { rank[member] = place }
    let seeds = members.map { _ in SymmetricKey.random() }
    // Every share is written where it will be sent from.
    var shares = members.map { [UInt32](repeating: 0, count: fullShareElements(of: $0)) }
    var filled = [Int](repeating: 0, count: members.count)
    for (slice, range) in slices.enumerated() where !range.isEmpty {
      let ranks = (0..<sharing.holders).compactMap { rank[holder($0, of: slice)] }
      let keys = ranks.prefix(sharing.seedCount).map { Self.seed(seeds[$0], slice: slice) }
      let full = ranks.suffix(sharing.fullShareCount)
      sharing.share(vector.span.extracting(range), seeds: keys) { k, part, write in
        let place = full[full.startIndex + k]
        let start = filled[place] + part.lowerBound
        var all = shares[place].mutableSpan
        var share = all._mutatingExtracting(start..<start + part.count)
        write(&share)
      }
      for place in full { filled[place] += range.count }
    }
    var deals: [Int: RoundMessage.Deal] = [:]
    for (place, member) in members.enumerated() {
      deals[member] = RoundMessage.Deal(seed: seeds[place].bytes, shares: shares[place])
    }
    return deals
  }

  /// The sums of a member's shares over some deals: one vector for each of its slices.
  func sums(of deals: [RoundMessage.Deal], for member: Int) -> [Int: [UInt32]] {
    var sums: [Int: [UInt32]] = [:]
    var offset = 0
    for (slice, k) in holdings(of: member) {
      let count = slices[slice].count
      var sum = [UInt32](repeating: 0, count: count)
      if k < sharing.seedCount {
        Self.addExpansions(
          deals.map { Self.seed(SymmetricKey(bytes: $0.seed), slice: slice) }, to: &sum)
      } else {
        var span = sum.mutableSpan
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

  /// Adds the pseudo-random shares of seeds, block by block of all of them, so that neither the
  /// block of the sum nor an expansion leaves the processor's nearest memory.
  private static func addExpansions(_ seeds: [SymmetricKey], to sum: inout [UInt32]) {
    var streams = seeds.map { FieldStream(seed: $0) }
    let block = SecretSharing.block
    var expansion = [UInt32](repeating: 0, count: min(block, sum.count))
    for start in Swift.stride(from: 0, to: sum.count, by: block) {
      let count = min(block, sum.count - start)
      for k in streams.indices {
        var room = expansion.mutableSpan
        var share = room._mutatingExtracting(0..<count)
        streams[k].fill(&share)
        var all = sum.mutableSpan
        var part = all._mutatingExtracting(start..<start + count)
        PrimeFieldVectors.add(expansion.span.extracting(0..<count), to: &part)
      }
    }
  }
}
