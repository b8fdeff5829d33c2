import Datasets

extension ModelPanel {
  /// Validates some messages with the models as they stand, and makes one step of each model for
  /// those that are valid: a miner's work on a block, and everybody's who checks it. Wang et al. 2020,
  /// Sec. III-C-3.
  ///
  /// - Parameter messages: of images of the same shape.
  /// - Returns: what validation said of each.
  @discardableResult
  public func calibrate(
    _ messages: [CalibrationMessage], by rules: CalibrationRules
  ) -> [CalibrationVerdict] {
    guard !messages.isEmpty else { return [] }
    let table = prepare(Self.images(of: messages, classes: classes))
    var adjustments = [[ClassifierRunner.Adjustment]](repeating: [], count: count)
    let verdicts = messages.enumerated().map { image, message -> CalibrationVerdict in
      guard
        let margin = SecureMargin(
          table, image: image, label: message.label, wrongLabel: message.wrongLabel,
          share: rules.memberShare)
      else { return .unknownClass }
      let verdict = margin.verdict(rules)
      guard verdict == .valid else { return verdict }
      // Eqs. (11) and (12) are printed with < and >. Where one model alone knows a class it is h_a*
      // itself, and nothing would ever be calibrated, though the proof of Theorem 1 counts on at
      // least one model: so ≤ and ≥.
      for model in table.knowing[Int(message.label)]
      where table[model, image, message.label] <= margin.right.mean {
        adjustments[model].append(.init(image: image, label: message.label, isEnhanced: true))
      }
      for model in table.knowing[Int(message.wrongLabel)]
      where table[model, image, message.wrongLabel] >= margin.wrong.mean {
        adjustments[model].append(.init(image: image, label: message.wrongLabel, isEnhanced: false))
      }
      return verdict
    }
    calibrate(adjustments, rules)
    return verdicts
  }

  /// What heterogeneous model reuse makes of messages (Wu, Liu and Zhou 2019): each is applied, one
  /// after the other, by the two models that it was sent to.
  public func reuse(_ messages: [ReuseMessage], by rules: CalibrationRules) {
    guard let first = messages.first else { return }
    let images = Self.images(of: messages.map(\.sample), classes: first.classes)
    var turns = [[ClassifierRunner.Adjustment]](repeating: [], count: count)
    for (image, message) in messages.enumerated() {
      turns[message.right].append(
        .init(image: image, label: message.sample.label, isEnhanced: true))
      turns[message.wrong].append(
        .init(image: image, label: message.sample.wrongLabel, isEnhanced: false))
    }
    calibrateInTurn(turns, images, rules)
  }

  private static func images(
    of messages: [CalibrationMessage], classes: Int
  ) -> LabelledImages {
    let extent = messages[0].image.count
    return LabelledImages(
      channels: 1, height: 1, width: extent, classes: classes,
      // What the messages claim is looked up later, and may be no class at all.
      pixels: messages.flatMap(\.image), labels: messages.map { _ in 0 })
  }
}

/// A calibration sample on its way to the model that is surest of its class, and the one that is
/// surest of the wrong one: Wang et al. 2020, Definition 2.
public struct ReuseMessage: Sendable, Hashable {
  public let sample: CalibrationMessage
  /// The model that is to be enhanced.
  public let right: Int
  /// The model that is to be impaired.
  public let wrong: Int
  let classes: Int
}

/// The margin of the surest models: Wang et al. 2020, Definition 2.
public struct MaximumMargin: Sendable, Hashable {
  public let value: Float
  public let wrongLabel: UInt8
  /// a and b.
  public let right: Int
  public let wrong: Int

  /// The margin against one wrong class, or by default against the strongest; `nil` where no model
  /// knows one of them.
  public init?(_ table: ScoreTable, image: Int, label: UInt8, wrongLabel: UInt8? = nil) {
    guard let right = table.surest(image, label) else { return nil }
    var best: (score: Float, label: UInt8, model: Int)?
    for other in wrongLabel.map({ [$0] }) ?? Array(table.labels) where other != label {
      guard let model = table.surest(image, other) else { continue }
      let score = table[model, image, other]
      if best.map({ score > $0.score }) ?? true { best = (score, other, model) }
    }
    guard let best else { return nil }
    value = table[right, image, label] - best.score
    self.wrongLabel = best.label
    self.right = right
    wrong = best.model
  }
}

extension ScoreTable {
  /// The model that is surest of a class of an image; `nil` where none knows the class.
  public func surest(_ image: Int, _ label: UInt8) -> Int? {
    let members = knowing[Int(label)]
    guard var best = members.first else { return nil }
    for model in members.dropFirst() where self[model, image, label] > self[best, image, label] {
      best = model
    }
    return best
  }
}
