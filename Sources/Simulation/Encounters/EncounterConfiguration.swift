import Datasets
import Incentives
import NeuralNetworks
import OpportunisticLearning
import Settings

/// Everything that a simulation of iDML is made from. Defaults are those of Yu et al. 2023, Sec. IV and
/// Table I, at a size that two processors train in minutes; what the paper leaves open is documented
/// where it is.
public struct EncounterConfiguration: Sendable, Hashable {
  public enum Algorithm: String, Sendable, Hashable, CaseIterable { case gossip, oppcl }

  /// What attackers do as neighbours.
  public enum Attack: String, Sendable, Hashable, CaseIterable {
    case labelFlipping = "label-flipping"
    case similarLabels = "similar-labels"
    case randomWeights = "random-weights"
    case unchangedWeights = "unchanged-weights"
    case copiedWeights = "copied-weights"
    case noisyWeights = "noisy-weights"
    case patient
  }

  public enum Layers: String, Sendable, Hashable, CaseIterable {
    case six = "6"
    case ten = "10"
    case fourteen = "14"
    /// The three sizes in turns, as the paper has them for OppCL.
    case mixed
  }

  public var algorithm = Algorithm.oppcl
  public var distribution = ParticipantSplit.Distribution.even
  public var participants = 50
  /// Images of each participant, with those that it judges by; 0 for all there are.
  public var imagesEach = 600
  /// The share of them that it judges by and does not train on.
  public var validationShare = 0.35
  /// Of the test images, the first so many; 0 for all.
  public var testImages = 500
  public var layers = Layers.six
  public var rounds = 9
  /// Encounters of each participant in a round.
  public var meetings = 1
  /// Whether both of a pair learn from it: two encounters.
  public var isSymmetric = true
  /// Three passes over 390 images are eighteen steps of 64. After five or six steps a flipper's model is
  /// not yet worse by what validators tolerate.
  public var epochs = 3
  /// Passes over its own images before anybody meets.
  public var epochsAlone = 5
  /// With steps of 32 at the same rate an honest session moves a good model so far that every fifteenth
  /// is refused at τ = 0.03; with 64 every seventieth.
  public var batchSize = 64
  public var learningRate: Float = 0.05
  public var merge = MergeRule.average
  /// What validators judge in gossip learning.
  public var gossipJudged = GossipLearning.JudgedModel.merged
  public var seed: UInt64 = 1

  public var attackers = 0
  public var attack = Attack.labelFlipping
  /// The standard deviation of noisy weights.
  public var noise: Float = 0.001
  /// How attackers vote.
  public var attackerVotes = ValidatorBehaviour.alwaysYes

  /// Without it every contribution is taken over.
  public var hasContract = true
  public var metric = ModelQuality.accuracy
  /// τ.
  public var tolerance = 0.03
  public var terms = Self.defaultTerms
  /// r. With 70 a neighbour whose stake is the initial one falls below the threshold when it is refused
  /// for the second time.
  public var prepayment: TokenAmount = 70
  /// p_r^n. Of a prepayment of 70, a tenth leaves each of three validators two tokens. With 0.7, whoever
  /// says yes to everything gets seven for each vote that most share, which makes up for refusals of what
  /// it contributes.
  public var neighbourShare: Double = 0.9
  public var partPaymentShare: Double = 0.1
  /// The share of the prepayment that learners offer on top for rare data.
  public var rareDataBonus: Double = 0
  /// Encounters that a learner and a neighbour may have within a window of blocks; 0 for any number.
  public var pairLimit = 0
  /// Blocks; by default those of ten rounds of one meeting.
  public var pairWindow: UInt64 = 80
  /// What a neighbour's reward loses from a pair's second encounter within a window on.
  public var pairDiscount: Double = 0

  /// Whoever falls below the threshold can no longer collaborate (Yu et al. 2023, Sec. IV): it does not
  /// learn either. Otherwise an attacker lives on what others pay it that have fallen.
  ///
  /// A block of the simulation holds a whole step of all encounters of a stage: other times than those
  /// of blocks with one transaction each, in which Table I counts 50,000.
  static var defaultTerms: EncounterTerms {
    var terms = EncounterTerms()
    terms.learnersNeedStake = true
    terms.acceptanceBlocks = 8
    terms.reportBlocks = 16
    terms.commitBlocks = 16
    terms.waitingBlocks = 40
    return terms
  }

  public init() {}

  /// What attackers do, with images of so many classes.
  ///
  /// - Throws: ``SettingError`` if labels cannot be flipped so.
  func behaviour(classes: Int) throws(SettingError) -> NeighbourBehaviour {
    // The pairs are those of CIFAR-10.
    let next = LabelPermutation((0..<classes).map { UInt8(($0 + 1) % classes) })
    guard let permutation = attack == .similarLabels ? .similarPairs : next,
      attack != .similarLabels || classes == 10
    else {
      throw SettingError(
        "labels of \(classes) classes cannot be flipped by \(attack.rawValue); choose another attack"
      )
    }
    return switch attack {
    case .labelFlipping, .similarLabels: .labelFlipping(permutation)
    case .randomWeights: .randomWeights
    case .unchangedWeights: .unchangedWeights
    case .copiedWeights: .copiedWeights
    case .noisyWeights: .noisyWeights(deviation: noise)
    case .patient: .patient(permutation, validation)
    }
  }

  var gossip: GossipLearning { GossipLearning(merge: merge, judged: gossipJudged) }
  var oppCL: CollaborativeOpportunisticLearning {
    CollaborativeOpportunisticLearning(merge: merge)
  }

  public var validation: ValidationRule { ValidationRule(metric, tolerance: tolerance) }

  /// The contract's terms, with what the settings say of them. The time for commitments is shorter
  /// than the waiting time, whatever that is.
  public var agreedTerms: EncounterTerms {
    var terms = terms
    terms.price = .global(prepayment)
    terms.neighbourShare = UInt64((neighbourShare * 1000).rounded())
    terms.partPaymentShare = UInt64((partPaymentShare * 1000).rounded())
    terms.toleranceMillionths = UInt64((tolerance * 1e6).rounded())
    terms.rareDataBonus = UInt64((rareDataBonus * 1000).rounded())
    terms.commitBlocks = min(terms.commitBlocks, max(2, terms.waitingBlocks) - 1)
    if pairLimit > 0 || pairDiscount > 0 {
      terms.diversity = EncounterTerms.DiversityRule(
        window: pairWindow, limit: pairLimit > 0 ? pairLimit : 1_000_000,
        discount: UInt64((pairDiscount * 1000).rounded()))
    }
    return terms
  }

  public var training: OpportunisticTraining {
    var training = OpportunisticTraining()
    training.epochs = epochs
    training.batchSize = batchSize
    training.learningRate = learningRate
    return training
  }

  func architecture(_ number: Int, _ images: LabelledImages) -> ConvolutionalArchitecture {
    let depth: ConvolutionalArchitecture.Depth =
      switch layers {
      case .six: .six
      case .ten: .ten
      case .fourteen: .fourteen
      case .mixed: ConvolutionalArchitecture.Depth.allCases[number % 3]
      }
    return ConvolutionalArchitecture(
      depth, channels: images.channels, height: images.height, width: images.width,
      classes: images.classes)
  }
}
