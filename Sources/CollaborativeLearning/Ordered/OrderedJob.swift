import Cryptography
import GraphicalModels
import Ledger

/// What a job of the ordered-block protocol is about, and who takes part: the payload of the first
/// block of its chain, whose hash stands for the job in every signature (CollabDict 2018,
/// Sec. III-C).
///
/// In this protocol every client's statistics are open to all endorsers and orderers, and to whoever
/// is shown the chain: of each client its number of rows in every pattern, their sums and their
/// scatter. A pattern with few rows of one client comes close to showing them. The protocol over
/// private sums (``GGMParticipant`` with a `ConsensusNode`) shows nothing but sums over all.
public struct OrderedJob: Sendable, Hashable {
  /// A name for people.
  public var name: String
  /// M.
  public var variables: Int
  /// The submitting clients, in the order in which their statistics are added up.
  public var clients: [VerificationKey]
  public var endorsers: Quorum
  public var orderers: Quorum
  /// K of the statistics that clients start with.
  public var startPatterns: Int
  /// A block has the new statistics of at least so many clients.
  public var leastReports = 1
  /// Milliseconds between a transaction's time stamp and that of its block, at most.
  public var timeWindow: UInt64 = 120_000
  /// ρ of Eq. (4), as a share of all rows.
  public var penalty: Double
  /// λ₀ of Eq. (4).
  public var priorStrength: Double
  /// What a pattern has to be worth, in nats; `nil` for 3/2 of the variables times ln of the rows.
  public var cardinalityPenalty: Double?
  /// A pattern of fewer rows is discarded.
  public var fewestRows: Double
  /// A smaller gain, as a share of the objective, ends a climb.
  public var tolerance = 1e-6
  /// Rounds of one climb, at most.
  public var roundLimit: Int
  /// Pairs of patterns that are tried in vain before the dictionary is final.
  public var trialLimit = 12

  static let mostMembers = 1 << 16
  static let mostNumbers = 1 << 25

  /// - Parameter roundLimit: rounds of one climb.
  public init(
    name: String, variables: Int, clients: [VerificationKey], endorsers: Quorum,
    orderers: Quorum, settings: MixtureSettings, roundLimit: Int
  ) {
    self.name = name
    self.variables = variables
    self.clients = clients
    self.endorsers = endorsers
    self.orderers = orderers
    startPatterns = StartStatistics.slots(participants: clients.count, settings)
    penalty = settings.penalty ?? MixtureSettings.firstPenalty
    priorStrength = settings.priorStrength
    cardinalityPenalty = settings.cardinalityPenalty
    fewestRows = settings.fewestRows
    self.roundLimit = max(2, roundLimit)
  }

  /// The first block of the job's chain.
  public func firstBlock(time: UInt64) -> Block {
    Block(height: 0, previous: Block.origin, time: time, payload: encoded)
  }

  /// The job of a chain.
  ///
  /// - Throws: ``OrderedBlockError``.
  public init(firstBlock block: Block) throws(OrderedBlockError) {
    do {
      try block.check(follows: nil)
      guard block.seal.isEmpty else { throw LedgerCodingError.malformed("seal") }
      var reader = LedgerReader(block.payload)
      self = try OrderedJob(&reader)
      try reader.finish()
    } catch {
      throw OrderedBlockError(block.height, "no ordered job: \(error)")
    }
    if let problem { throw OrderedBlockError(block.height, "a job with \(problem)") }
  }

  /// What is wrong with the job, if anything.
  public var problem: String? {
    if clients.isEmpty { return "no clients" }
    if clients.count > Self.mostMembers { return "\(clients.count) clients" }
    if Set(clients).count != clients.count { return "two clients with the same key" }
    if let problem = endorsers.problem("endorser") ?? orderers.problem("orderer") {
      return problem
    }
    if variables < 1 || startPatterns < 1 { return "\(variables) variables" }
    let width = 1 + variables + variables * (variables + 1) / 2
    if variables > 4096 || startPatterns > Self.mostNumbers / width {
      return "\(startPatterns) patterns of \(variables) variables"
    }
    if !(1...clients.count).contains(leastReports) { return "\(leastReports) reports at least" }
    if !(penalty > 0 && penalty.isFinite && priorStrength > 0 && priorStrength.isFinite) {
      return "a prior without strength"
    }
    if !(fewestRows >= 0 && fewestRows.isFinite && tolerance >= 0 && tolerance.isFinite) {
      return "limits that are no numbers"
    }
    if let cardinalityPenalty, !cardinalityPenalty.isFinite { return "an infinite penalty" }
    if roundLimit < 2 || trialLimit < 0 { return "\(roundLimit) rounds" }
    return nil
  }

  /// The prior and the penalty on the number of patterns, for so many rows in all.
  func dictionary(rows: Double) -> PatternDictionary {
    PatternDictionary(
      prior: PatternPrior(
        mean: [Double](repeating: 0, count: variables), strength: priorStrength,
        penalty: penalty * max(1, rows)),
      cardinalityPenalty: cardinalityPenalty
        ?? 1.5 * Double(variables) * max(2, rows).logarithm,
      fewestRows: fewestRows)
  }
}

/// Why a block is not one of a job's chain.
public struct OrderedBlockError: Error, Hashable, CustomStringConvertible {
  public let height: UInt64
  public let problem: String

  init(_ height: UInt64, _ problem: String) {
    self.height = height
    self.problem = problem
  }

  public var description: String { "block \(height): \(problem)" }
}
