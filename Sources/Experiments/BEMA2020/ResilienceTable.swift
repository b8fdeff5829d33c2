import MultipartyLearning

/// Table I of Wang et al. 2020: accuracy after calibration while some share of the messages is bogus.
public struct ResilienceTable: Sendable {
  public enum System: String, Sendable, Hashable, CaseIterable {
    case bemaStrongest = "bema-strongest"
    case bemaRandom = "bema-random"
    case hmr = "hmr"
    case hmrRandom = "hmr-random"
    case hmrSoftmax = "hmr-softmax"
    case literal = "bema-literal"

    public var title: String {
      switch self {
      case .bemaStrongest: "BEMA, strongest wrong class"
      case .bemaRandom: "BEMA, random wrong class"
      case .hmr: "HMR, strongest wrong class"
      case .hmrRandom: "HMR, random wrong class"
      case .hmrSoftmax: "HMR with softmax scores, strongest wrong class"
      case .literal: "BEMA to the letter, strongest wrong class"
      }
    }

    var system: MultipartySystem {
      switch self {
      case .bemaStrongest, .bemaRandom, .literal: .bema
      case .hmr, .hmrRandom, .hmrSoftmax: .hmr
      }
    }

    var bogusClass: BogusClass {
      switch self {
      case .bemaStrongest, .hmr, .hmrSoftmax, .literal: .strongest
      case .bemaRandom, .hmrRandom: .random
      }
    }

    var rules: CalibrationRules {
      switch self {
      case .bemaStrongest, .bemaRandom, .hmr, .hmrRandom: return CalibrationRules()
      case .hmrSoftmax:
        // HMR as published knows no logit for “none of mine”.
        var rules = CalibrationRules()
        rules.scoreRule = .softmax
        return rules
      case .literal: return .literal
      }
    }
  }

  /// Multiples of ten.
  public var parties = [10]
  /// Shares of the messages that are bogus.
  public var shares = [0, 0.1, 0.2, 0.5]
  public var systems: [System] = [.bemaStrongest, .bemaRandom, .hmr, .hmrSoftmax, .literal]
  public var seeds: [UInt64] = [1]
  /// Its share and class of bogus messages count for nothing.
  public var plan = CalibrationPlan()
  public var training = LocalTraining()
  public var publicImages = PartySplit.publicImages

  public init() {}

  /// All runs, division by division. The reading to the letter runs with the fewest parties and the
  /// first seed only: it is shown for what it is, and nothing is compared with it.
  public var cells: [CalibrationCell] {
    parties.flatMap { count in
      seeds.flatMap { seed in
        systems.flatMap { system in
          shares.compactMap { cell(system, parties: count, share: $0, seed: seed) }
        }
      }
    }
  }

  /// A run; `nil` where the table has none.
  public func cell(
    _ system: System, parties count: Int, share: Double, seed: UInt64
  ) -> CalibrationCell? {
    if system == .literal, count != parties.min() || seed != seeds.first { return nil }
    var division = PartyDivision(parties: count, seed: seed, publicImages: publicImages)
    division.training = training
    var plan = plan
    plan.bogusShare = share
    plan.bogusClass = system.bogusClass
    return CalibrationCell(system.system, division, plan, rules: system.rules)
  }

  /// The accuracy that the paper reports; `nil` where it has none.
  public static func published(
    _ system: MultipartySystem, parties: Int, share: Double
  ) -> Double? {
    guard let column = publishedShares.firstIndex(of: share) else { return nil }
    return published[system]?[parties]?[column]
  }

  static let publishedShares = [0, 0.1, 0.2, 0.5]
  private static let published: [MultipartySystem: [Int: [Double]]] = [
    .bema: [
      10: [0.8401, 0.8372, 0.8134, 0.7692], 20: [0.8023, 0.7895, 0.7710, 0.7395],
      50: [0.7316, 0.7228, 0.7012, 0.6804],
    ],
    .hmr: [
      10: [0.8320, 0.7926, 0.7397, 0.5849], 20: [0.8178, 0.7631, 0.6959, 0.5281],
      50: [0.7587, 0.6945, 0.6120, 0.4162],
    ],
  ]

  /// The report of the runs that are in a record.
  public func report(of record: CalibrationRecord) -> ResilienceReport {
    ResilienceReport(plan: self, record: record)
  }
}
