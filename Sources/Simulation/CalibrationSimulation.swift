import Cryptography
import Datasets
import Ledger
import MultipartyLearning

/// Parties that calibrate one another's models over a chain, all in one process: every message is a
/// signed transaction, every block is mined and verified, and the models are what the chain says.
///
/// From the same seed the same messages, verdicts and models as ``MultipartyRun``, bit by bit.
public struct CalibrationSimulation: ~Copyable {
  public let genesis: MinedBlock
  private let application: CalibrationApplication
  private var verifier: ChainVerifier<CalibrationApplication>
  private var run: MultipartyRun
  private let keys: [SigningKey]
  private let miner: MinerInformation
  /// Milliseconds since 1970, as the blocks are dated.
  private var time: UInt64

  public struct Iteration: Sendable {
    public var outcome: IterationOutcome
    public var blocks: [MinedBlock]
  }

  /// - Parameters:
  ///   - models: of original parties, as they come onto the chain.
  ///   - data: the parties' own images.
  ///   - keys: of the parties.
  ///   - rules: of the chain.
  ///   - time: of the first block, milliseconds since 1970.
  /// - Throws: `ChainFault` for terms under which there is no chain.
  public init(
    models: [PartyModel], data: [LabelledImages], keys: [SigningKey], terms: CalibrationTerms,
    plan: CalibrationPlan, rules: ChainRules, time: UInt64, seed: UInt64, threads: Int
  ) throws(ChainFault) {
    precondition(keys.count == models.count, "\(keys.count) keys for \(models.count) parties")
    run = MultipartyRun(
      .bema, models: models, data: data, rules: terms.rules, plan: plan, seed: seed,
      threads: threads)
    self.keys = keys
    self.time = time
    miner = MinerInformation(key: keys[0].verificationKey, type: .original)
    genesis = rules.genesis(
      founder: miner, time: time,
      records: terms.records(
        zip(keys, models).map { Registration(party: $0.verificationKey, model: $1) }))
    application = CalibrationApplication(threads: threads)
    verifier = try ChainVerifier(application, genesis: genesis)
  }

  /// What the chain says of the parties and their models.
  public var state: CalibrationState { verifier.state.application }

  /// The share of images that the models on the chain together classify rightly.
  public func accuracy(_ images: LabelledImages) -> Double { run.accuracy(images) }

  /// Broadcasts the messages of an iteration, and mines the blocks that take them.
  ///
  /// - Throws: `ChainFault` if a block is not what executing it once more gives: a defect, or
  ///   arithmetic that does not repeat itself.
  public mutating func runIteration() throws(ChainFault) -> Iteration {
    let broadcast = run.broadcast()
    let size = run.rules.blockSize
    var verdicts: [CalibrationVerdict] = []
    var blocks: [MinedBlock] = []
    var next = keys.map { verifier.state.nextSequence(of: $0.verificationKey) }
    for start in stride(from: 0, to: broadcast.messages.count, by: size) {
      let part = broadcast.messages[start..<min(broadcast.messages.count, start + size)]
      let transactions = part.map { message in
        defer { next[message.sender] += 1 }
        return SignedTransaction(
          network: genesis.hash, sequence: next[message.sender], kind: CalibrationMessage.kind,
          payload: message.message.sample.encoded, key: keys[message.sender])
      }
      time += verifier.rules.interval
      let block = ProofOfWork.mine(
        verifier.template(miner: miner, transactions: transactions, now: time))
      try verifier.append(block)
      blocks.append(block)
      guard let record = block.records.first,
        case .verdicts(let these)? = try? CalibrationRecord(decoding: record),
        these.count == part.count
      else { preconditionFailure("a block of calibrations without a verdict for each") }
      verdicts += these
      for (party, entry) in state.parties.enumerated() { run.panel.replace(party, by: entry.model) }
    }
    return Iteration(outcome: broadcast.outcome(verdicts), blocks: blocks)
  }
}
