/// How a participant serves those who learn from it: honestly, or as one of the attackers of Yu et
/// al. 2023, Secs. II-D, III-B and IV-D.
///
/// Only the contribution differs. As learners all merge and train as the algorithm says, but for
/// label flippers, whose own images are mislabelled.
public enum NeighbourBehaviour: Sendable, Hashable {
  /// Does what the algorithm asks for.
  case honest
  /// Has mislabelled images, and trains on them: Sec. IV-C.
  case labelFlipping(LabelPermutation = .cyclic)
  /// Hands over a network that nobody has trained, drawn anew each time.
  case randomWeights
  /// Hands back the learner's own model.
  case unchangedWeights
  /// Hands over the present model of an honest participant, drawn anew each time.
  case copiedWeights
  /// Hands back the learner's own model with normal noise of this standard deviation on each
  /// parameter.
  case noisyWeights(deviation: Float)
  /// Moves the learner's model towards one trained on mislabelled images, as far as the model is
  /// still valid on the attacker's own images: Sec. IV-D-2.
  case patient(LabelPermutation = .cyclic, ValidationRule)

  public var isHonest: Bool { self == .honest }

  /// What a participant of this behaviour takes its images for, whoever it trains for.
  func taught(_ labels: [UInt8]) -> [UInt8] {
    if case .labelFlipping(let permutation) = self { permutation(labels) } else { labels }
  }
}

/// A mapping of labels to others that leaves none where it is.
public struct LabelPermutation: Sendable, Hashable {
  /// The wrong label of each.
  public let images: [UInt8]

  /// - Returns: `nil` unless each label stands once, and none at its own place.
  public init?(_ images: [UInt8]) {
    guard images.sorted() == images.indices.map({ UInt8($0) }),
      images.indices.allSatisfy({ Int(images[$0]) != $0 })
    else { return nil }
    self.images = images
  }

  private init(known images: [UInt8]) { self.images = images }

  /// k ↦ (k + 1) mod 10.
  public static let cyclic = LabelPermutation(known: [1, 2, 3, 4, 5, 6, 7, 8, 9, 0])
  /// Pairs of CIFAR-10 that look alike, among them the paper's truck and airplane, deer and dog:
  /// airplane ↔ truck, automobile ↔ ship, bird ↔ frog, cat ↔ horse, deer ↔ dog.
  public static let similarPairs = LabelPermutation(known: [9, 8, 6, 7, 5, 4, 2, 3, 1, 0])

  /// - Precondition: no label beyond the permutation's.
  public func callAsFunction(_ labels: [UInt8]) -> [UInt8] { labels.map { images[Int($0)] } }
}
