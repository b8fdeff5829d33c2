import Datasets
import Randomness

/// What a participant holds of the images.
public struct ParticipantShare: Sendable, Equatable {
  public let training: LabelledImages
  /// Held out from training.
  public let validation: LabelledImages
}

/// How images are dealt out to participants: Yu et al. 2023, Sec. IV-A. No image is dealt twice.
public struct ParticipantSplit: Sendable, Hashable {
  public enum Distribution: String, Sendable, Hashable, CaseIterable {
    /// Independent and identically distributed: everybody gets as many images, from all of them.
    case even = "iid"
    /// Everybody gets as many images, of exactly two classes, half of each as far as the number
    /// allows; the classes are dealt out in turns, so that each is with as many participants as
    /// any other or with one more.
    case twoClasses = "non-iid"
  }

  public var distribution: Distribution
  public var participants: Int
  /// The share of its own images that each participant holds out to judge models on.
  public var validationShare: Double
  /// Images a participant, validation included; 0 deals out as many as there are.
  public var imagesEach: Int

  /// - Precondition: a share from 0 to below 1.
  public init(
    _ distribution: Distribution, participants: Int = 50, validationShare: Double = 0,
    imagesEach: Int = 0
  ) {
    precondition(
      validationShare >= 0 && validationShare < 1 && imagesEach >= 0,
      "a validation share of \(validationShare), \(imagesEach) images each")
    self.distribution = distribution
    self.participants = participants
    self.validationShare = validationShare
    self.imagesEach = imagesEach
  }

  /// The two classes of each participant, which differ, in ascending order: class c is dealt to the
  /// participants in turns along a random order of all pairs' places.
  func classPairs(classes: Int, seed: UInt64) -> [[UInt8]] {
    // Every run through the classes is an order of its own; a pair is two neighbours in it. With an
    // odd number of classes the last of a run pairs with the first of the next, unless they are the
    // same, when the next of it is taken first.
    var hand: [UInt8] = []
    var run: UInt32 = 0
    return (0..<participants).map { _ in
      while hand.count < 2 {
        var next = RandomStream(seed: seed, round: run, purpose: .encounter)
          .permutation(classes).map { UInt8($0) }
        if let held = hand.first, next.first == held { next.swapAt(0, 1) }
        run += 1
        hand += next
      }
      defer { hand.removeFirst(2) }
      return hand.prefix(2).sorted()
    }
  }

  /// Deals the images out.
  ///
  /// - Returns: one share a participant.
  /// - Throws: ``ParticipantSplitError``.
  public func deal(
    _ images: LabelledImages, seed: UInt64
  ) throws(ParticipantSplitError) -> [ParticipantShare] {
    guard participants > 0 else { throw .noParticipant }
    guard images.count >= participants else {
      throw .tooFewImages(images.count, participants: participants, each: max(1, imagesEach))
    }
    let order = RandomStream(seed: seed, purpose: .resampling).permutation(images.count)
      .map { Int($0) }
    let dealt =
      switch distribution {
      case .even: try dealEvenly(order)
      case .twoClasses: try dealClasses(images, order, seed: seed)
      }
    var shares: [ParticipantShare] = []
    for (number, places) in dealt.enumerated() {
      let held = Int((validationShare * Double(places.count)).rounded(.up))
      guard held < places.count else {
        throw .noTrainingImage(participant: number, images: places.count)
      }
      let mixed = mixed(places, participant: number, seed: seed)
      shares.append(
        ParticipantShare(
          training: images.selecting(Array(mixed.dropFirst(held))),
          validation: images.selecting(Array(mixed.prefix(held)))))
    }
    return shares
  }

  private func mixed(_ places: [Int], participant: Int, seed: UInt64) -> [Int] {
    RandomStream(
      seed: seed, participant: UInt32(participant) + 1, purpose: .resampling
    ).permutation(places.count).map { places[Int($0)] }
  }

  private func dealEvenly(_ order: [Int]) throws(ParticipantSplitError) -> [[Int]] {
    let each = imagesEach > 0 ? imagesEach : order.count / participants
    guard each * participants <= order.count else {
      throw .tooFewImages(order.count, participants: participants, each: each)
    }
    return (0..<participants).map { Array(order[$0 * each..<($0 + 1) * each]) }
  }

  private func dealClasses(
    _ images: LabelledImages, _ order: [Int], seed: UInt64
  ) throws(ParticipantSplitError) -> [[Int]] {
    guard images.classes >= 2 else { throw .oneClass }
    let pairs = classPairs(classes: images.classes, seed: seed)
    var byClass = [[Int]](repeating: [], count: images.classes)
    for place in order { byClass[Int(images.labels[place])].append(place) }
    // The first of a pair gives the odd image.
    func wanted(_ each: Int) -> [Int] {
      var wanted = [Int](repeating: 0, count: images.classes)
      for pair in pairs {
        wanted[Int(pair[0])] += (each + 1) / 2
        wanted[Int(pair[1])] += each / 2
      }
      return wanted
    }
    let used = Set(pairs.flatMap { $0 })
    for label in used.sorted() where byClass[Int(label)].isEmpty { throw .emptyClass(label) }
    var each = imagesEach
    if each == 0 {
      each = images.count / participants
      while each > 1 && zip(wanted(each), byClass).contains(where: { $0 > $1.count }) { each -= 1 }
    }
    guard each >= 2 else {
      throw .tooFewImages(images.count, participants: participants, each: 2)
    }
    for (label, need) in wanted(each).enumerated() where need > byClass[label].count {
      throw .tooFewOfClass(UInt8(label), wanted: need, available: byClass[label].count)
    }
    return pairs.map { pair in
      let first = (each + 1) / 2
      let own = byClass[Int(pair[0])].prefix(first) + byClass[Int(pair[1])].prefix(each - first)
      byClass[Int(pair[0])].removeFirst(first)
      byClass[Int(pair[1])].removeFirst(each - first)
      return Array(own)
    }
  }
}

/// Why images cannot be dealt out to participants.
public enum ParticipantSplitError: Error, Hashable, CustomStringConvertible {
  case noParticipant
  case tooFewImages(Int, participants: Int, each: Int)
  case emptyClass(UInt8)
  case tooFewOfClass(UInt8, wanted: Int, available: Int)
  case oneClass
  case noTrainingImage(participant: Int, images: Int)

  public var description: String {
    switch self {
    case .noParticipant: "images are dealt out to no participant; ask for one or more"
    case .tooFewImages(let count, let participants, let each):
      "\(count) images do not give \(participants) participants \(each) each; ask for fewer"
    case .emptyClass(let label):
      "there is no image of class \(label), of which a participant should have some; use images of all classes, or the split iid"
    case .tooFewOfClass(let label, let wanted, let available):
      "the split needs \(wanted) images of class \(label), and there are \(available); ask for fewer images a participant, or fewer participants"
    case .oneClass:
      "images of one class cannot be dealt out two classes a participant; use the split iid"
    case .noTrainingImage(let participant, let images):
      "of its \(images) images participant \(participant + 1) has none left to train on; ask for a smaller validation share, or for fewer participants"
    }
  }
}
