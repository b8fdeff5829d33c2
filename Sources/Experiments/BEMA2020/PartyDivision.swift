import Datasets
import MultipartyLearning

/// Who has which images and which model, and how each trains on its own: from this and the images
/// follow the parties' local models, which all runs of a comparison share.
public struct PartyDivision: Sendable, Hashable {
  /// For tables, as in `case D`.
  public var name: String
  public var split: PartySplit
  public var training = LocalTraining()
  public var seed: UInt64

  public init(_ name: String, _ split: PartySplit, seed: UInt64) {
    self.name = name
    self.split = split
    self.seed = seed
  }

  /// Case D of Wang et al. 2020, Fig. 5, each of its ten parties cut into some: Table I.
  public init(parties: Int, seed: UInt64, publicImages: Int = PartySplit.publicImages) {
    precondition(parties > 0 && parties.isMultiple(of: 10), "\(parties) parties are not tens")
    self.init(
      "\(parties) parties", PartySplit(.d, parts: parties / 10, publicImages: publicImages),
      seed: seed)
  }

  /// Everything that the local models depend on, but the images.
  var key: String {
    let parties = split.parties.map { party in
      party.kind.rawValue + ":" + party.classes.map { "\($0)" }.joined()
    }
    // Equal neighbours are counted, lest fifty parties fill a page.
    var runs: [(text: String, count: Int)] = []
    for party in parties {
      if runs.last?.text == party {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((party, 1))
      }
    }
    let who = runs.map { $0.count == 1 ? $0.text : "\($0.count)x\($0.text)" }
    return who.joined(separator: " ") + "; public \(split.publicImages); \(training.key); "
      + "seed \(seed)"
  }
}

extension LocalTraining {
  /// The settings in one line.
  var key: String {
    "epochs \(epochs) batch \(batchSize) rate \(learningRate) decay \(weightDecay) shift \(shift)"
  }
}
