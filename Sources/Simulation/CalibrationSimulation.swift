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
  private var verifier: ChainVerifier<CalibrationApplication>
  private var run: MultipartyRun
  private let keys: [SigningKey]
  /// The parties whose models are on the chain, in the chain's order.
  public let members: [Int]
  /// The blocks in which regular parties entered their models.
  public let registrations: [MinedBlock]
  private let miner: MinerInformation
  /// Milliseconds since 1970, as the blocks are dated.
  private var time: UInt64

  public struct Iteration: Sendable {
    public var outcome: IterationOutcome
    public var blocks: [MinedBlock]
  }

  /// - Parameters:
  ///   - models: of all parties, as they come onto the chain or are turned away.
  ///   - data: the parties' own images.
  ///   - keys: of the parties.
  ///   - originals: the parties that start the chain; all by default.
  ///   - admission: the test by which they let others in; `nil` to let everybody in.
  ///   - attackers: the parties that send bogus messages; see ``MultipartyRun``.
  ///   - rules: of the chain.
  ///   - time: of the first block, milliseconds since 1970.
  /// - Throws: `ChainFault` for terms under which there is no chain.
  public init(
    models: [PartyModel], data: [LabelledImages], keys: [SigningKey], terms: CalibrationTerms,
    plan: CalibrationPlan, rules: ChainRules, time: UInt64, seed: UInt64, threads: Int,
    originals: [Int]? = nil, admission: Admission? = nil, attackers: [Int] = []
  ) throws(ChainFault) {
    precondition(keys.count == models.count, "\(keys.count) keys for \(models.count) parties")
    let originals = originals ?? Array(models.indices)
    precondition(!originals.isEmpty, "a chain without an original party")
    var terms = terms
    // Without a test nobody has anything to approve.
    if admission == nil && originals.count < models.count { terms.approvals = 0 }
    let miner = MinerInformation(key: keys[originals[0]].verificationKey, type: .original)
    let genesis = rules.genesis(
      founder: miner, time: time,
      records: terms.records(
        originals.map { Registration(party: keys[$0].verificationKey, model: models[$0]) }))
    var verifier = try ChainVerifier(CalibrationApplication(threads: threads), genesis: genesis)
    let admitted =
      admission?.members(models, data: data, originals: originals, rule: terms.rules.scoreRule)
      ?? Array(models.indices)
    var members = originals
    var blocks: [MinedBlock] = []
    var clock = time
    for party in admitted where !originals.contains(party) {
      var registration = Registration(party: keys[party].verificationKey, model: models[party])
      let statement = registration.approvalStatement(network: genesis.hash)
      for (place, original) in originals.enumerated() {
        let verdict = admission?.verdict(
          on: models[party], by: models[original], data: data[original], rule: terms.rules.scoreRule
        )
        guard verdict?.isApproved == true else { continue }
        registration.approvals.append(
          .init(original: UInt32(place), signature: keys[original].signature(for: statement)))
      }
      clock += rules.interval
      let transaction = SignedTransaction(
        network: genesis.hash, sequence: 0, kind: Registration.kind, payload: registration.encoded,
        key: keys[party])
      let block = ProofOfWork.mine(
        verifier.template(miner: miner, transactions: [transaction], now: clock))
      try verifier.append(block)
      blocks.append(block)
      members.append(party)
    }
    self.genesis = genesis
    self.verifier = verifier
    self.keys = keys
    self.members = members
    self.miner = miner
    self.time = clock
    registrations = blocks
    run = MultipartyRun(
      .bema, models: models, data: data, rules: terms.rules, plan: plan, seed: seed,
      threads: threads, members: members, attackers: attackers)
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
    var verdicts: [CalibrationVerdict?] = broadcast.messages.map { _ in nil }
    var blocks: [MinedBlock] = []
    var next = keys.map { verifier.state.nextSequence(of: $0.verificationKey) }
    // No miner takes messages of who has no model on the chain.
    let taken = broadcast.messages.indices.filter {
      members.contains(broadcast.messages[$0].sender)
    }
    for start in stride(from: 0, to: taken.count, by: size) {
      let part = taken[start..<min(taken.count, start + size)]
      let transactions = part.map { place in
        let message = broadcast.messages[place]
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
      for (place, verdict) in zip(part, these) { verdicts[place] = verdict }
      for (place, entry) in state.parties.enumerated() { run.panel.replace(place, by: entry.model) }
    }
    return Iteration(outcome: broadcast.outcome(verdicts), blocks: blocks)
  }
}
