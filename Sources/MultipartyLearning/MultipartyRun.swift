import Datasets
import Randomness

/// Which system learns.
public enum MultipartySystem: String, Sendable, Hashable, CaseIterable {
  /// Wang et al. 2020: secure margins, validation, all models that know a class.
  case bema
  /// Heterogeneous model reuse, Wu, Liu and Zhou 2019: margins of the surest models, every message
  /// applied, the surest model classifies.
  case hmr
}

/// What is repeated until the budget is spent.
public struct CalibrationPlan: Sendable, Hashable {
  public var iterations = 50
  /// Messages that are broadcast in one iteration: the budget of Sec. IV-C-1.
  public var messages = 200
  /// The share of them that is bogus.
  public var bogusShare = 0.0
  public var bogusClass = BogusClass.strongest
  /// Images that each party looks at in one iteration at most, in search of samples.
  public var searchLimit = 512

  public init() {}
}

/// What one iteration did.
public struct IterationOutcome: Sendable, Hashable {
  public var honest = 0
  public var bogus = 0
  /// Of them, applied.
  public var validHonest = 0
  public var validBogus = 0
  /// Images that were looked at.
  public var searched = 0

  public init() {}
}

/// What all parties send in one iteration.
public struct IterationBroadcast: Sendable {
  public struct Message: Sendable, Hashable {
    public let message: ReuseMessage
    /// The party that sends it: of bogus messages the owner of the image.
    public let sender: Int
    public let isBogus: Bool
  }

  public let messages: [Message]
  /// Images that were looked at.
  public let searched: Int

  /// - Parameter verdicts: one a message; `nil` for one that nobody took.
  public func outcome(_ verdicts: [CalibrationVerdict?]) -> IterationOutcome {
    precondition(verdicts.count == messages.count, "one verdict a message")
    var outcome = IterationOutcome()
    outcome.searched = searched
    for (message, verdict) in zip(messages, verdicts) {
      let valid = verdict == .valid ? 1 : 0
      if message.isBogus {
        outcome.bogus += 1
        outcome.validBogus += valid
      } else {
        outcome.honest += 1
        outcome.validHonest += valid
      }
    }
    return outcome
  }
}

/// Parties that calibrate one another's models, in one process and without a chain: what the blocks
/// do to the models, and nothing else.
public struct MultipartyRun: ~Copyable {
  public let system: MultipartySystem
  public let rules: CalibrationRules
  public let plan: CalibrationPlan
  public let panel: ModelPanel
  public private(set) var iteration = 0
  /// The parties that look for samples.
  private let honest: [Int]
  private var searches: [SampleSearch]
  /// The parties that send bogus messages.
  private let forgers: [Int]
  /// The images of which bogus messages are made.
  private let attackersImages: [LabelledImages]
  private let seed: UInt64

  /// - Parameters:
  ///   - models: trained on their parties' own images.
  ///   - data: of the parties, in the same order.
  ///   - members: the parties whose models are on the chain, all by default; see
  ///     ``Admission/members(_:data:originals:rule:)``. Honest parties that were not admitted send
  ///     nothing; attackers send bogus messages all the same.
  ///   - attackers: the parties that send them, and no others. Without any named, bogus messages are
  ///     made of everybody's images, as in Table I.
  public init(
    _ system: MultipartySystem, models: [PartyModel], data: [LabelledImages],
    rules: CalibrationRules, plan: CalibrationPlan, seed: UInt64, threads: Int,
    members: [Int]? = nil, attackers: [Int] = []
  ) {
    precondition(models.count == data.count && !data.isEmpty, "as many models as parties")
    let members = members ?? Array(models.indices)
    let honest = members.filter { !attackers.contains($0) }
    precondition(!honest.isEmpty, "nobody is honest")
    self.system = system
    self.rules = rules
    self.plan = plan
    self.seed = seed
    panel = ModelPanel(
      members.map { models[$0] }, classes: data[0].classes, rule: rules.scoreRule,
      threads: threads)
    self.honest = honest
    searches = honest.map { SampleSearch(data[$0], seed: seed, party: $0) }
    forgers = attackers.isEmpty ? honest : attackers
    attackersImages = forgers.map { data[$0] }
  }

  /// The share of images that the models together classify rightly.
  public func accuracy(_ images: LabelledImages) -> Double {
    let predictor = system == .hmr ? Predictor.maxModel : rules.predictor
    return predictor.accuracy(panel.scores(images), images.labels, share: rules.memberShare)
  }

  /// Broadcasts a budget of messages, and calibrates by what is valid of them.
  public mutating func runIteration() -> IterationOutcome {
    let broadcast = broadcast()
    let messages = broadcast.messages.map(\.message)
    var verdicts: [CalibrationVerdict] = []
    switch system {
    case .hmr:
      panel.reuse(messages, by: rules)
      verdicts = messages.map { _ in .valid }
    case .bema:
      for start in stride(from: 0, to: messages.count, by: rules.blockSize) {
        let block = messages[start..<min(messages.count, start + rules.blockSize)]
        verdicts += panel.calibrate(block.map(\.sample), by: rules)
      }
    }
    return broadcast.outcome(verdicts)
  }

  /// The messages of an iteration, in the order in which they are to be applied. Whoever applies them
  /// elsewhere, on a chain, replaces the panel's models before the next.
  public mutating func broadcast() -> IterationBroadcast {
    let bogusCount = Int((Double(plan.messages) * plan.bogusShare).rounded())
    let (honest, searched) = search(plan.messages - bogusCount)
    let all = honest + forge(bogusCount)
    let order = RandomStream(
      seed: seed, participant: .max, round: UInt32(iteration), purpose: .calibration
    ).permutation(all.count)
    iteration += 1
    return IterationBroadcast(messages: order.map { all[Int($0)] }, searched: searched)
  }

  // MARK: Looking for samples

  /// Honest parties' valid samples, the same number of each as far as they find some.
  private mutating func search(
    _ wanted: Int
  ) -> (messages: [IterationBroadcast.Message], searched: Int) {
    var searched = 0
    let quota = (wanted + searches.count - 1) / searches.count
    var found = searches.map { _ in [IterationBroadcast.Message]() }
    var looked = 0
    // A part at a time: who has enough stops looking.
    while wanted > 0 && looked < plan.searchLimit {
      let part = min(64, plan.searchLimit - looked)
      looked += part
      let busy = searches.indices.filter { found[$0].count < quota }
      let parts = busy.map { searches[$0].next(part) }
      guard let images = LabelledImages(joining: parts) else { break }
      let owners = zip(busy, parts).flatMap { party, images in images.labels.map { _ in party } }
      searched += images.count
      let table = panel.scores(images)
      for (image, owner) in owners.enumerated() {
        if let message = sample(table, image, images) {
          found[owner].append(.init(message: message, sender: honest[owner], isBogus: false))
        }
      }
    }
    // Everybody in turn, so that no party's samples crowd out the others'.
    let rounds = found.map(\.count).max() ?? 0
    let all = (0..<rounds).flatMap { turn in
      found.compactMap { turn < $0.count ? $0[turn] : nil }
    }
    return (Array(all.prefix(wanted)), searched)
  }

  /// The message that an image makes, if it makes one.
  private func sample(
    _ table: ScoreTable, _ image: Int, _ images: LabelledImages
  ) -> ReuseMessage? {
    let label = images.labels[image]
    switch system {
    case .hmr:
      guard let margin = MaximumMargin(table, image: image, label: label), margin.value <= 0 else {
        return nil
      }
      return message(
        images.image(image), label, margin.wrongLabel, margin.right, margin.wrong, table)
    case .bema:
      guard
        let margin = SecureMargin(
          table, image: image, label: label, share: rules.memberShare, by: rules.wrongClass),
        margin.verdict(rules) == .valid
      else { return nil }
      return message(images.image(image), label, margin.wrongLabel, 0, 0, table)
    }
  }

  private func message(
    _ image: [UInt8], _ label: UInt8, _ wrongLabel: UInt8, _ right: Int, _ wrong: Int,
    _ table: ScoreTable
  ) -> ReuseMessage {
    ReuseMessage(
      sample: CalibrationMessage(image: image, label: label, wrongLabel: wrongLabel), right: right,
      wrong: wrong, classes: table.classes)
  }

  // MARK: Attacks

  /// Bogus messages by Eq. (1): for a sample with ρ(x, y, y⁻) > 0 the attacker sends (x, y⁻, y).
  private func forge(_ wanted: Int) -> [IterationBroadcast.Message] {
    var messages: [IterationBroadcast.Message] = []
    var attempt: UInt32 = 0
    // Hardly an image has no positive margin; a hundred lots without any means that there is none.
    while messages.count < wanted && attempt < 100 {
      let lot = 2 * wanted
      let draws = RandomStream(
        seed: seed, participant: attempt, round: UInt32(iteration), purpose: .attack
      ).uniform(3 * lot)
      attempt += 1
      let owners = (0..<lot).map { below(attackersImages.count, draws[3 * $0]) }
      let parts = (0..<lot).map { turn in
        let images = attackersImages[owners[turn]]
        return images.selecting([below(images.count, draws[3 * turn + 1])])
      }
      guard let images = LabelledImages(joining: parts) else { break }
      let table = panel.scores(images)
      for image in 0..<images.count where messages.count < wanted {
        if let message = forged(table, image, images, draws[3 * image + 2]) {
          messages.append(.init(message: message, sender: forgers[owners[image]], isBogus: true))
        }
      }
    }
    return messages
  }

  private func below(_ bound: Int, _ draw: Float) -> Int {
    min(bound - 1, Int(draw * Float(bound)))
  }

  /// An image with the class that an attacker claims for it.
  private func forged(
    _ table: ScoreTable, _ image: Int, _ images: LabelledImages, _ draw: Float
  ) -> ReuseMessage? {
    let label = images.labels[image]
    var claims: [(margin: Float, message: ReuseMessage)] = []
    for other in table.labels where other != label {
      switch system {
      case .bema:
        guard
          let margin = SecureMargin(
            table, image: image, label: label, wrongLabel: other, share: rules.memberShare),
          margin.value > 0
        else { continue }
        claims.append((margin.value, message(images.image(image), other, label, 0, 0, table)))
      case .hmr:
        // The claimed class is enhanced where it is surest, the right one impaired where it is.
        guard let margin = MaximumMargin(table, image: image, label: label, wrongLabel: other),
          margin.value > 0
        else { continue }
        claims.append(
          (
            margin.value,
            message(images.image(image), other, label, margin.wrong, margin.right, table)
          ))
      }
    }
    guard !claims.isEmpty else { return nil }
    switch plan.bogusClass {
    case .random: return claims[below(claims.count, draw)].message
    case .strongest: return claims.min { $0.margin < $1.margin }?.message
    }
  }
}
