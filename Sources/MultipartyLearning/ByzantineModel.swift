import Datasets
import Randomness

/// Models of attackers: type I of Wang et al. 2020, Sec. II-B.
///
/// What they do to the accuracy of ten parties, on 10,000 training images of MNIST that nobody learnt
/// from: case D of ``PartySplit``, models trained for 3 epochs only, 5 iterations, as large a share of
/// the messages bogus as of the parties attackers, seed 1. With admission the first three kinds never
/// join, and what is left of the harm is that of bogus messages and of fewer parties.
///
/// | attackers | false classes | permuted labels | random weights | foreign images |
/// |---|---|---|---|---|
/// | none | 0.870 | 0.870 | 0.870 | 0.870 |
/// | 20 %, all join | 0.715 | 0.610 | 0.666 | 0.910 |
/// | 20 %, ``Admission`` | 0.811 | 0.811 | 0.811 | 0.910 |
/// | 50 %, all join | 0.349 | 0.245 | 0.526 | 0.919 |
/// | 50 %, ``Admission`` | 0.730 | 0.730 | 0.730 | 0.919 |
public enum ByzantineModel: String, Sendable, Hashable, CaseIterable {
  /// Trained on the classes y' that the party has, but said to know others, y, in their place.
  case falseClasses = "false-classes"
  /// Confident in a wrong class: trained with each of its labels taken for the next.
  case permutedLabels = "permuted-labels"
  /// Never trained.
  case randomWeights = "random-weights"
  /// Right on the party's own classes, and sure that everything else is of one of them, too: the
  /// images of the public part that it does not know are taken for its own classes in turn.
  case foreignImages = "foreign-images"

  /// The classes that an attacker claims.
  ///
  /// False ones are those half the number of all classes further on.
  public func claimedClasses(_ own: [UInt8], of classes: Int) -> [UInt8] {
    self == .falseClasses ? own.map { Self.further($0, classes) }.sorted() : own
  }

  /// The images as the attacker labels them for its training.
  ///
  /// - Parameters:
  ///   - images: the party's own.
  ///   - publicPart: what everybody holds; may be empty.
  ///   - own: the party's classes.
  public func disguise(
    _ images: LabelledImages, publicPart: LabelledImages, own: [UInt8]
  ) -> LabelledImages {
    switch self {
    case .randomWeights: return images
    case .falseClasses:
      return images.relabelled { Self.further($0, images.classes) }
    case .permutedLabels:
      return images.relabelled { label in
        let place = own.firstIndex(of: label) ?? 0
        return own[(place + 1) % own.count]
      }
    case .foreignImages:
      let foreign = publicPart.selecting(
        publicPart.labels.indices.filter { !own.contains(publicPart.labels[$0]) })
      let taken = foreign.relabelled { own[Int($0) % own.count] }
      // As many foreign images as own ones, each several times over if need be.
      let copies = taken.count == 0 ? 0 : min(20, max(1, images.count / taken.count))
      return LabelledImages(joining: [images] + Array(repeating: taken, count: copies)) ?? images
    }
  }

  /// Distinct classes stay distinct.
  private static func further(_ label: UInt8, _ classes: Int) -> UInt8 {
    UInt8((Int(label) + classes / 2) % classes)
  }
}

/// Who attacks with a model: some of the regular parties.
///
/// The same parties send the bogus messages of a ``MultipartyRun``: attacks of both types together.
public struct ByzantineParties: Sendable, Hashable {
  /// Ascending.
  public let parties: [Int]
  public let model: ByzantineModel

  /// - Parameters:
  ///   - share: of all parties, from 0 to 0.5. Original parties are honest, so that where they are
  ///     many there are fewer attackers.
  ///   - seed: which of the regular parties they are.
  public init(share: Double, of split: PartySplit, model: ByzantineModel, seed: UInt64) {
    precondition(share >= 0 && share <= 0.5, "a share of \(share) attackers")
    let originals = Set(split.originalParties)
    let regular = RandomStream(seed: seed, purpose: .attack).permutation(split.parties.count)
      .map { Int($0) }.filter { !originals.contains($0) }
    let wanted = Int((share * Double(split.parties.count)).rounded())
    parties = regular.prefix(wanted).sorted()
    self.model = model
  }

  /// Trains everybody's model: the honest ones on what they have, the attackers' as they please.
  ///
  /// An honest party's model is the same whoever else attacks.
  ///
  /// - Parameter data: what ``PartySplit/deal(_:seed:)`` gives.
  /// - Returns: in the order of the parties.
  public func models(
    _ split: PartySplit, data: [LabelledImages], publicPart: LabelledImages,
    training: LocalTraining, seed: UInt64, threads: Int
  ) -> [PartyModel] {
    precondition(data.count == split.parties.count, "\(data.count) parties' images of a split")
    let attackers = Set(parties)
    let starts = split.parties.enumerated().map { number, party in
      let classes =
        attackers.contains(number)
        ? model.claimedClasses(party.classes, of: publicPart.classes) : party.classes
      return PartyModel(kind: party.kind, classes: classes, seed: seed, party: number)
    }
    let panel = ModelPanel(
      starts, classes: publicPart.classes, rule: .zeroLogit, threads: threads)
    let shown = data.enumerated().map { number, images in
      attackers.contains(number)
        ? model.disguise(images, publicPart: publicPart, own: split.parties[number].classes)
        : images
    }
    panel.train(shown, training, seed: seed)
    return starts.indices.map { number in
      model == .randomWeights && attackers.contains(number)
        ? starts[number] : panel.model(number)
    }
  }
}

extension PartySplit {
  /// The parties that start the chain, where Wang et al. 2020 leave open who they are: one after the
  /// other who adds most classes to those of the ones before, of equals the first, until all classes
  /// are known. Everybody else is a regular party.
  public var originalParties: [Int] {
    var known: Set<UInt8> = []
    var chosen: [Int] = []
    while true {
      var best = (party: 0, gain: 0)
      for (number, party) in parties.enumerated() {
        let gain = Set(party.classes).subtracting(known).count
        if gain > best.gain { best = (number, gain) }
      }
      if best.gain == 0 { return chosen.sorted() }
      chosen.append(best.party)
      known.formUnion(parties[best.party].classes)
    }
  }
}

extension LabelledImages {
  /// The same images with other labels.
  fileprivate func relabelled(_ label: (UInt8) -> UInt8) -> LabelledImages {
    LabelledImages(
      channels: channels, height: height, width: width, classes: classes, pixels: pixels,
      labels: labels.map(label))
  }
}
