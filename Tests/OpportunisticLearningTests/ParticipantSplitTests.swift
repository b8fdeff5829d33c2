import Datasets
import Testing

@testable import OpportunisticLearning

@Suite struct ParticipantSplitTests {
  let all = Samples.numbered((0..<1000).map { UInt8(($0 * 7) % 10) })

  func numbers(_ share: ParticipantShare) -> [Int] {
    Samples.numbers(share.training) + Samples.numbers(share.validation)
  }

  @Test func evenSharesAreAPartition() throws {
    let shares = try ParticipantSplit(.even, participants: 50).deal(all, seed: 3)
    #expect(shares.count == 50)
    #expect(shares.allSatisfy { $0.training.count == 20 && $0.validation.count == 0 })
    #expect(shares.flatMap(numbers).sorted() == Array(0..<1000))
    for share in shares {
      for (number, label) in zip(Samples.numbers(share.training), share.training.labels) {
        #expect(all.labels[number] == label)
      }
    }
    // Drawn from all images: no participant has the order of the file.
    #expect(shares.allSatisfy { numbers($0) != numbers($0).sorted() })
  }

  /// What does not divide evenly is left over.
  @Test func sharesAreOfOneSize() throws {
    let shares = try ParticipantSplit(.even, participants: 7).deal(all, seed: 3)
    #expect(shares.allSatisfy { $0.training.count == 142 })
    #expect(Set(shares.flatMap(numbers)).count == 7 * 142)
  }

  @Test(arguments: [5, 10, 50], [1, 8] as [UInt64])
  func twoClassesEach(_ participants: Int, seed: UInt64) throws {
    let split = ParticipantSplit(.twoClasses, participants: participants)
    let shares = try split.deal(all, seed: seed)
    let dealt = shares.flatMap(numbers)
    // A hundred images a class and two classes each: nothing is left over.
    #expect(dealt.sorted() == Array(0..<1000))
    var holders = [Int](repeating: 0, count: 10)
    for share in shares {
      #expect(share.training.count == 1000 / participants)
      let classes = Set(share.training.labels)
      #expect(classes.count == 2)
      for label in classes {
        holders[Int(label)] += 1
        #expect(share.training.labels.count { $0 == label } == 500 / participants)
      }
    }
    #expect(holders == [Int](repeating: participants / 5, count: 10))
    // The classes are paired anew for others: not all hold the same two.
    if participants > 5 { #expect(Set(shares.map { Set($0.training.labels) }).count > 5) }
  }

  /// Three classes cannot be paired off: all the same everybody has two that differ.
  @Test func anOddNumberOfClasses() throws {
    let images = Samples.numbered((0..<300).map { UInt8($0 % 3) }, classes: 3)
    let shares = try ParticipantSplit(.twoClasses, participants: 7, imagesEach: 11)
      .deal(images, seed: 2)
    #expect(shares.allSatisfy { Set($0.training.labels).count == 2 && $0.training.count == 11 })
    #expect(Set(shares.flatMap(numbers)).count == 77)
  }

  @Test func validationIsHeldOut() throws {
    let split = ParticipantSplit(
      .twoClasses, participants: 10, validationShare: 0.25, imagesEach: 40)
    let shares = try split.deal(all, seed: 4)
    for share in shares {
      #expect(share.training.count == 30 && share.validation.count == 10)
      #expect(
        Set(Samples.numbers(share.training)).isDisjoint(with: Samples.numbers(share.validation)))
      #expect(Set(share.validation.labels) == Set(share.training.labels))
    }
    #expect(Set(shares.flatMap(numbers)).count == 400)
  }

  @Test(arguments: ParticipantSplit.Distribution.allCases)
  func seeds(_ distribution: ParticipantSplit.Distribution) throws {
    let split = ParticipantSplit(distribution, participants: 10, validationShare: 0.2)
    let one = try split.deal(all, seed: 1)
    #expect(try split.deal(all, seed: 1) == one)
    #expect(try split.deal(all, seed: 2) != one)
  }

  @Test func whatCannotBeDealt() throws {
    func problem(_ split: ParticipantSplit, _ images: LabelledImages) -> ParticipantSplitError? {
      do throws(ParticipantSplitError) {
        _ = try split.deal(images, seed: 1)
        return nil
      } catch {
        #expect(!error.description.contains("\n"))
        return error
      }
    }
    #expect(problem(ParticipantSplit(.even, participants: 0), all) == .noParticipant)
    #expect(
      problem(ParticipantSplit(.even, participants: 1001), all)
        == .tooFewImages(1000, participants: 1001, each: 1))
    #expect(
      problem(ParticipantSplit(.even, participants: 50, imagesEach: 21), all)
        == .tooFewImages(1000, participants: 50, each: 21))
    #expect(
      problem(ParticipantSplit(.twoClasses, participants: 10, imagesEach: 102), all)
        == .tooFewOfClass(0, wanted: 102, available: 100))
    let holes = all.selecting(labels: [0, 1, 2, 4, 5, 6, 7, 8, 9])
    #expect(problem(ParticipantSplit(.twoClasses, participants: 10), holes) == .emptyClass(3))
    #expect(problem(ParticipantSplit(.even, participants: 10), holes) == nil)
    #expect(
      problem(ParticipantSplit(.even, participants: 1000, validationShare: 0.5), all)
        == .noTrainingImage(participant: 0, images: 1))
    let one = Samples.numbered([0, 0, 0, 0], classes: 1)
    #expect(problem(ParticipantSplit(.twoClasses, participants: 2), one) == .oneClass)
  }
}
