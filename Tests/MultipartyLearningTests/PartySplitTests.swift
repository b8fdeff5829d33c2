import Datasets
import Testing

@testable import MultipartyLearning

@Suite struct PartySplitTests {
  /// Images that know their number.
  func images(_ perClass: Int) -> LabelledImages {
    let count = perClass * 10
    return LabelledImages(
      channels: 1, height: 1, width: 2, classes: 10,
      pixels: (0..<count).flatMap { [UInt8($0 / 256), UInt8($0 % 256)] },
      labels: (0..<count).map { UInt8($0 % 10) })
  }

  func numbers(_ images: LabelledImages) -> [Int] {
    (0..<images.count).map { Int(images.image($0)[0]) * 256 + Int(images.image($0)[1]) }
  }

  @Test(arguments: PartySplit.Case.allCases, [1, 2])
  func noImageIsDealtTwice(_ division: PartySplit.Case, parts: Int) throws {
    let split = PartySplit(division, parts: parts, publicImages: 50)
    let all = images(60)
    let (parties, publicPart) = try split.deal(all, seed: 3)
    let known = Set(numbers(publicPart))
    #expect(known.count == (division == .d ? 50 : 0))
    var dealt: [Int] = []
    for (party, images) in zip(split.parties, parties) {
      let own = numbers(images)
      #expect(Set(own).count == own.count)
      #expect(Set(images.labels) == Set(party.classes))
      #expect(zip(own, images.labels).allSatisfy { all.labels[$0] == $1 })
      // What is public everybody has, as far as it is of the party's classes.
      #expect(
        Set(own).intersection(known) == known.filter { party.classes.contains(all.labels[$0]) })
      dealt += own.filter { !known.contains($0) }
    }
    #expect(Set(dealt).count == dealt.count)
    #expect(Set(dealt).union(known).count == 600)
  }

  @Test func casesAsDocumented() {
    #expect(PartySplit(.a).parties.map(\.classes) == [Array(0...9), Array(0...9)])
    #expect(PartySplit(.c).parties.map(\.classes) == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]])
    let d = PartySplit(.d)
    #expect(d.parties[8].classes == [0, 8, 9] && d.parties[9].classes == [0, 1, 9])
    #expect(
      d.parties.map(\.kind)
        == Array(repeating: .leNet5, count: 3) + Array(repeating: .leNet4, count: 3)
        + Array(repeating: .perceptron, count: 4))
    #expect(PartySplit(.d, parts: 5).parties.count == 50)
  }

  @Test func sharesAreEqual() throws {
    let (parties, _) = try PartySplit(.a).deal(images(31), seed: 1)
    for label in 0..<UInt8(10) {
      let counts = parties.map { $0.labels.count { $0 == label } }
      #expect(counts.sorted() == [15, 16])
    }
  }

  @Test func seeds() throws {
    let split = PartySplit(.b)
    let one = try split.deal(images(20), seed: 1)
    #expect(try split.deal(images(20), seed: 1).parties == one.parties)
    #expect(try split.deal(images(20), seed: 2).parties != one.parties)
  }

  @Test func whatCannotBeDealt() {
    #expect(throws: SplitError.noParty) { try PartySplit(parties: []).deal(images(2), seed: 1) }
    #expect(throws: SplitError.tooFewImages(500, available: 100)) {
      try PartySplit(.d).deal(images(10), seed: 1)
    }
    // Three parties know each class, of which there are two images.
    let error = #expect(throws: SplitError.self) {
      try PartySplit(.d, publicImages: 0).deal(images(2), seed: 1)
    }
    guard case .emptyClass = error else {
      Issue.record("\(error.debugDescription)")
      return
    }
    #expect(error?.description.contains("\n") == false)
  }

  @Test func originalPartiesKnowAllClasses() {
    #expect(PartySplit(.a).originalParties == [0])
    #expect(PartySplit(.b).originalParties == [0, 2])
    #expect(PartySplit(.c).originalParties == [0, 1, 2, 3, 4])
    #expect(PartySplit(.d).originalParties == [0, 3, 6, 7])
    #expect(PartySplit(.d, parts: 5).originalParties == [0, 15, 30, 35])
  }
}
