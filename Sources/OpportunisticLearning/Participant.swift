import Datasets
import NeuralNetworks

/// A device that learns: its images, its model, and how it behaves towards those who learn from it.
public struct Participant: Sendable, Equatable {
  /// Counted from 0.
  public let number: Int
  /// What it trains on.
  public let training: LabelledImages
  /// What it judges models on and does not train on; may be empty, see ``judging``.
  public let validation: LabelledImages
  public var behaviour: NeighbourBehaviour
  public var model: ModelSnapshot

  public init(
    number: Int, training: LabelledImages, validation: LabelledImages,
    behaviour: NeighbourBehaviour = .honest, model: ModelSnapshot
  ) {
    precondition(number >= 0, "a participant number \(number)")
    self.number = number
    self.training = training
    self.validation = validation
    self.behaviour = behaviour
    self.model = model
  }

  /// One participant for each share of a split, all with the same start and honest.
  ///
  /// - Parameter architecture: of each participant by its number. Gossip needs the same for all;
  ///   OppCL does not, and the paper uses three sizes.
  public static func all(
    of shares: [ParticipantShare], seed: UInt64,
    architecture: (Int) -> ConvolutionalArchitecture
  ) -> [Participant] {
    shares.indices.map { number in
      Participant(
        number: number, training: shares[number].training, validation: shares[number].validation,
        model: ModelSnapshot(architecture(number), seed: seed))
    }
  }

  /// The images on which the participant judges models: the validation part, or where there is none
  /// the images that it trains on.
  public var judging: LabelledImages { validation.count > 0 ? validation : training }

  /// What it takes its training images for: their labels, or a label flipper's.
  var taughtLabels: [UInt8] { behaviour.taught(training.labels) }
}
