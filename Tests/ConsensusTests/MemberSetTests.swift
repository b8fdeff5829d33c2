import Testing

@testable import Consensus

@Suite struct MemberSetTests {
  /// Members at the edges of words, and at both ends of all.
  private static let edges = [0, 1, 62, 63, 64, 65, 127, 128, 191, 192, 1000, 65534, 65535]

  private func members(_ random: inout TestRandom) -> Set<Int> {
    Set(
      (0..<random.below(12)).map { _ in
        random.happens(3) ? Self.edges.randomElement(using: &random)! : random.below(200)
      })
  }

  @Test func operationsAreThoseOfSets() {
    var random = TestRandom(1)
    for _ in 0..<2000 {
      let (a, b) = (members(&random), members(&random))
      let (x, y) = (MemberSet(a), MemberSet(b))
      #expect(x.members == a.sorted())
      #expect(x.count == a.count && x.isEmpty == a.isEmpty)
      #expect(x.union(y).members == a.union(b).sorted())
      #expect(x.intersection(y).members == a.intersection(b).sorted())
      #expect(x.subtracting(y).members == a.subtracting(b).sorted())
      #expect(x.symmetricDifference(y).members == a.symmetricDifference(b).sorted())
      #expect(x.isSubset(of: y) == a.isSubset(of: b))
      #expect(x.isSubset(of: x.union(y)) && x.intersection(y).isSubset(of: y))
      #expect((x == y) == (a == b))
      for member in Self.edges { #expect(x.contains(member) == a.contains(member)) }
    }
  }

  /// Equal sets are equal values with equal hashes, whatever they went through.
  @Test func insertingAndRemovingLeavesNoTrace() {
    var random = TestRandom(2)
    for _ in 0..<500 {
      var set = MemberSet()
      var expected = Set<Int>()
      for _ in 0..<30 {
        let member = Self.edges.randomElement(using: &random)!
        if random.happens(2) {
          set.insert(member)
          expected.insert(member)
        } else {
          set.remove(member)
          expected.remove(member)
        }
        #expect(set == MemberSet(expected) && set.hashValue == MemberSet(expected).hashValue)
        #expect(set.words.last != 0)
      }
    }
  }

  @Test func whoIsNoMemberIsInNoSet() {
    let set = MemberSet(Self.edges)
    for stranger in [-1, Int.min, 65536, Int.max] { #expect(!set.contains(stranger)) }
    var same = set
    same.remove(-1)
    same.remove(Int.max)
    #expect(same == set)
    #expect(MemberSet([5, 0, 2]).description == "{0, 2, 5}")
  }
}
