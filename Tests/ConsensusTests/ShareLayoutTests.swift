import Cryptography
import Testing

@testable import Consensus

@Suite struct ShareLayoutTests {
  private static let shapes: [(threshold: Int, holders: Int)] = [
    (1, 1), (1, 3), (2, 3), (3, 3), (3, 5), (2, 7), (7, 7), (5, 9),
  ]

  private func layouts(_ body: (ShareLayout, MemberSet, Int) throws -> Void) throws {
    var random = TestRandom(11)
    for size in [3, 4, 5, 7, 8, 13, 16, 17, 33, 40] {
      for (threshold, holders) in Self.shapes where holders <= size {
        for count in [0, 1, 2, size - 1, size, size + 1, 15, 16, 17, 100, 257] {
          var members = MemberSet()
          while members.count < size { members.insert(random.below(80)) }
          let layout = ShareLayout(
            expected: members, count: count,
            sharing: try SecretSharing(threshold: threshold, holders: holders),
            sliceLimit: [16, 3, 1, 64][random.below(4)], seed: random.next(),
            slot: Slot(
              epoch: UInt32(random.below(3)), round: UInt32(random.below(9)),
              attempt: UInt32(random.below(3))))
          try body(layout, members, count)
        }
      }
    }
  }

  @Test func everySliceHasDifferentHoldersAndEveryElementASlice() throws {
    try layouts { layout, members, count in
      #expect(layout.order.sorted() == members.members)
      #expect(layout.slices.first?.lowerBound == 0 && layout.slices.last?.upperBound == count)
      for (a, b) in zip(layout.slices, layout.slices.dropFirst()) {
        #expect(a.upperBound == b.lowerBound)
      }
      var all = MemberSet()
      for slice in layout.slices.indices {
        let holders = (0..<layout.sharing.holders).map { layout.holder($0, of: slice) }
        #expect(Set(holders).count == layout.sharing.holders)
        #expect(MemberSet(holders).isSubset(of: members))
        all = all.union(MemberSet(holders))
        for (k, holder) in holders.enumerated() {
          #expect(layout.holdings(of: holder).filter { $0.slice == slice }.map(\.holder) == [k])
        }
      }
      #expect(layout.holders == all)
      let held = members.members.reduce(0) { $0 + layout.holdings(of: $1).count }
      #expect(held == layout.slices.count * layout.sharing.holders)
      for stranger in 0..<81 where !members.contains(stranger) {
        #expect(layout.holdings(of: stranger).isEmpty)
      }
    }
  }

  @Test func sharesOfAnyEnoughHoldersGiveTheExactSum() throws {
    var random = TestRandom(12)
    try layouts { layout, members, count in
      let contributors = Array(members.members.shuffled(using: &random).prefix(4))
      let vectors = contributors.map { _ in random.elements(count) }
      let deals = vectors.map { layout.deals(of: $0) }
      for deal in deals { #expect(MemberSet(deal.keys) == layout.holders) }
      var sums: [Int: [Int: [UInt32]]] = [:]
      for holder in layout.holders.members {
        for deal in deals {
          #expect(deal[holder]?.shares.count == layout.fullShareElements(of: holder))
        }
        sums[holder] = layout.sums(of: deals.compactMap { $0[holder] }, for: holder)
      }
      var total: [UInt32] = []
      for slice in layout.slices.indices {
        let chosen = (0..<layout.sharing.holders).shuffled(using: &random)
          .prefix(layout.sharing.threshold)
        total += try layout.sharing.reconstruct(
          chosen.map { (holder: $0, share: sums[layout.holder($0, of: slice)]?[slice] ?? []) })
        // All shares are on one polynomial: whoever is asked, the sum is the same.
        _ = try layout.sharing.reconstruct(
          (0..<layout.sharing.holders).map {
            (holder: $0, share: sums[layout.holder($0, of: slice)]?[slice] ?? [])
          })
      }
      #expect(total == (try ExactSum().sum(vectors)))
    }
  }

  /// A new attempt deals anew: another order, or seeds and shares that have nothing in common.
  @Test func noTwoDealsAreAlike() throws {
    let layout = ShareLayout(
      expected: MemberSet(0..<5), count: 40, sharing: try SecretSharing(threshold: 3, holders: 5),
      sliceLimit: 16, seed: 1, slot: Slot(epoch: 0, round: 0))
    let vector = [UInt32](repeating: 1, count: 40)
    let (a, b) = (layout.deals(of: vector), layout.deals(of: vector))
    var seeds = Set<[UInt8]>()
    for deal in Array(a.values) + Array(b.values) { #expect(seeds.insert(deal.seed).inserted) }
    for member in 0..<5 { #expect(a[member]?.shares != b[member]?.shares) }
    // The slices of one seed are not the same numbers either.
    let seed = SymmetricKey(bytes: [UInt8](repeating: 1, count: 32))
    #expect(
      SecretSharing.expand(ShareLayout.seed(seed, slice: 0), count: 8)
        != SecretSharing.expand(ShareLayout.seed(seed, slice: 1), count: 8))
  }

  // MARK: Whose sum can be given

  private func isSummable(
    _ set: MemberSet, _ layout: ShareLayout, _ reports: [Int: MemberSet]
  ) -> Bool {
    layout.slices.indices.allSatisfy { slice in
      let able = (0..<layout.sharing.holders).filter {
        reports[layout.holder($0, of: slice)].map { set.isSubset(of: $0) } ?? false
      }
      return able.count >= layout.sharing.threshold
    }
  }

  @Test func theSetThatIsProposedCanBeSummedAndIsAboutAsLargeAsAny() throws {
    var random = TestRandom(13)
    var largest = 0
    var cases = 0
    for _ in 0..<3000 {
      let size = 3 + random.below(5)
      let holders = 1 + random.below(size)
      let layout = ShareLayout(
        expected: MemberSet(0..<size), count: 20,
        sharing: try SecretSharing(threshold: 1 + random.below(holders), holders: holders),
        sliceLimit: 16, seed: random.next(), slot: Slot(epoch: 0, round: 0))
      // Members that crashed, shares that did not arrive.
      let missing = 2 + random.below(12)
      var reports: [Int: MemberSet] = [:]
      for member in 0..<size where !random.happens(6) {
        reports[member] = MemberSet((0..<size).filter { $0 == member || !random.happens(missing) })
      }
      let found = layout.largestSummableSet(reports)
      var best = MemberSet()
      for bits in 1..<(1 << size) {
        let set = MemberSet((0..<size).filter { bits >> $0 & 1 == 1 })
        if set.count > best.count && isSummable(set, layout, reports) { best = set }
      }
      #expect(found.isEmpty || isSummable(found, layout, reports))
      #expect(found.count <= best.count)
      // What everybody who is needed has is never given up.
      if best.count == size { #expect(found == best) }
      if best.isEmpty { continue }
      cases += 1
      if found.count == best.count { largest += 1 }
    }
    #expect(cases > 1500)
    // The greedy rule is no search: it finds the largest set nearly always.
    #expect(Double(largest) > 0.9 * Double(cases), "\(largest) of \(cases)")
  }

  /// The common case, crashes without losses: exactly those whose shares have arrived.
  @Test func whoseSharesArrivedNowhereIsLeftOut() throws {
    let layout = ShareLayout(
      expected: MemberSet(0..<8), count: 100, sharing: try SecretSharing(threshold: 3, holders: 5),
      sliceLimit: 16, seed: 5, slot: Slot(epoch: 0, round: 0))
    let there = MemberSet([0, 1, 2, 3, 4, 5, 6])
    let reports = Dictionary(uniqueKeysWithValues: there.members.map { ($0, there) })
    #expect(layout.largestSummableSet(reports) == there)
    #expect(layout.largestSummableSet([:]).isEmpty)
    // Too few holders of some slice are left.
    #expect(layout.largestSummableSet([0: there, 1: there]).isEmpty)
  }
}
