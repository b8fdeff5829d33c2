import Datasets
import NeuralNetworks
import Randomness

/// Who has which images and which kind of model.
///
/// The drawing of the splits in Wang et al. 2020 (Fig. 5) is lost; these follow its words. No image
/// is at two parties but those of the public part, which everybody holds.
public struct PartySplit: Sendable, Hashable {
  public struct Party: Sendable, Hashable {
    public var kind: ImageClassifierKind
    /// Y_i, ascending.
    public var classes: [UInt8]

    public init(kind: ImageClassifierKind, classes: [UInt8]) {
      self.kind = kind
      self.classes = classes
    }
  }

  /// The cases of Fig. 5.
  public enum Case: String, Sendable, Hashable, CaseIterable {
    /// Two parties with all classes, half of the images each.
    case a
    /// Three parties with the classes 0-4, 2-6 and 5-9.
    case b
    /// Five parties with two classes each, which no other has.
    case c
    /// Ten parties with three consecutive classes each: three with LeNet-5, three with LeNet-4, four
    /// with a perceptron; and a small public part.
    case d
  }

  public var parties: [Party]
  /// How many training images everybody holds.
  public var publicImages: Int

  public init(parties: [Party], publicImages: Int = 0) {
    self.parties = parties
    self.publicImages = publicImages
  }

  /// - Parameter parts: into how many each party is cut: 2 and 5 in Table I.
  public init(_ division: Case, parts: Int = 1, publicImages: Int = Self.publicImages) {
    let whole: [Party]
    switch division {
    case .a: whole = Array(repeating: Party(kind: .leNet5, classes: Array(0...9)), count: 2)
    case .b:
      whole = [0...4, 2...6, 5...9].map { Party(kind: .leNet5, classes: Array($0)) }
    case .c:
      whole = (0..<5).map { Party(kind: .leNet5, classes: [2 * $0, 2 * $0 + 1]) }
    case .d:
      whole = (0..<10).map { (k: UInt8) in
        Party(
          kind: k < 3 ? .leNet5 : k < 6 ? .leNet4 : .perceptron,
          classes: [k, (k + 1) % 10, (k + 2) % 10].sorted())
      }
    }
    parties = whole.flatMap { Array(repeating: $0, count: parts) }
    self.publicImages = division == .d ? publicImages : 0
  }

  /// The default size of the public part.
  public static let publicImages = 500

  /// Deals the images out: of each class, everybody who knows it gets an equal share.
  ///
  /// - Returns: each party's own images, with those of the public part that are of its classes; and
  ///   the public part.
  /// - Throws: ``SplitError``.
  public func deal(
    _ images: LabelledImages, seed: UInt64
  ) throws(SplitError) -> (parties: [LabelledImages], publicPart: LabelledImages) {
    guard !parties.isEmpty else { throw .noParty }
    guard publicImages < images.count else {
      throw .tooFewImages(publicImages, available: images.count)
    }
    let order = RandomStream(seed: seed, purpose: .resampling).permutation(images.count).map {
      Int($0)
    }
    let publicPlaces = Array(order.prefix(publicImages))
    var own = [[Int]](repeating: publicPlaces, count: parties.count)
    for (party, place) in parties.indices.map({ ($0, parties[$0]) }) {
      own[party].removeAll { !place.classes.contains(images.labels[$0]) }
    }
    for label in (0..<images.classes).map(UInt8.init) {
      let holders = parties.indices.filter { parties[$0].classes.contains(label) }
      let places = order.dropFirst(publicImages).filter { images.labels[$0] == label }
      for (number, holder) in holders.enumerated() {
        let share =
          places[
            number * places.count / holders.count..<(number + 1) * places.count / holders.count]
        guard !share.isEmpty else { throw .emptyClass(label, party: holder) }
        own[holder] += share
      }
    }
    return (own.map { images.selecting($0) }, images.selecting(publicPlaces))
  }
}

/// Why images cannot be dealt out.
public enum SplitError: Error, Hashable, CustomStringConvertible {
  case noParty
  case tooFewImages(Int, available: Int)
  case emptyClass(UInt8, party: Int)

  public var description: String {
    switch self {
    case .noParty: "the split names no party"
    case .tooFewImages(let wanted, let available):
      "\(wanted) public images are more than the \(available) there are; ask for fewer"
    case .emptyClass(let label, let party):
      "no image of class \(label) is left for party \(party + 1); ask for fewer parties, or for fewer public images"
    }
  }
}
