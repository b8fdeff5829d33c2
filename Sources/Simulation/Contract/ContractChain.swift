import Cryptography
import Incentives
import Ledger

/// A contract on a mined chain, with all its parties in one process: every call is a signed transaction,
/// and every block is mined by one miner and verified by executing it once more.
///
/// From the same seed and the same calls the same blocks, byte for byte. With one miner, whom nobody
/// watches, entropy is what the miner makes it; here it makes it honestly.
public struct ContractChain<C: CodedContract>: ~Copyable {
  /// A block, and what became of its calls.
  public struct Step {
    public let block: MinedBlock
    /// What was due when the block began.
    public let due: [C.Event]
    /// For each call, in their order, its events, or why it was refused.
    public let outcomes: [Result<[C.Event], CallRefusal>]

    /// All events, in their order.
    public var events: [C.Event] { due + outcomes.flatMap { (try? $0.get()) ?? [] } }
  }

  /// Why a contract on a chain refused a call.
  public struct CallRefusal: Error, Hashable, CustomStringConvertible {
    public let description: String
  }

  public let genesis: MinedBlock
  private var verifier: ChainVerifier<ContractApplication<C>>
  private let keys: [SigningKey]
  private let miner: MinerInformation
  /// Milliseconds since 1970, as the last block is dated.
  public private(set) var time: UInt64

  /// Keys of parties, which follow from a seed: for simulations alone.
  public static func keys(_ count: Int, seed: UInt64) -> [SigningKey] {
    (0..<count).map { Self.key($0, seed: seed) }
  }

  private static func key(_ number: Int, seed: UInt64) -> SigningKey {
    var writer = LedgerWriter()
    writer.text("collabdict simulated party 1")
    writer.long(seed)
    writer.long(UInt64(number))
    return SigningKey(seed: SHA256.hash(writer.bytes).bytes)
  }

  /// - Parameters:
  ///   - records: of the contract, for the first block.
  ///   - parties: how many can call.
  ///   - rules: of the chain; a difficulty of 1 by default, so that blocks cost nothing.
  ///   - time: of the first block, milliseconds since 1970.
  ///   - keys: of the parties; those that follow from the seed by default.
  /// - Throws: `ChainFault` for records that start no contract.
  public init(
    _ contract: C.Type, records: [[UInt8]], parties: Int,
    rules: ChainRules = ChainRules(interval: 1000, firstDifficulty: 1),
    time: UInt64 = 1_700_000_000_000, seed: UInt64, keys: [SigningKey]? = nil
  ) throws(ChainFault) {
    precondition(
      keys?.count ?? parties == parties, "\(keys?.count ?? 0) keys for \(parties) parties")
    self.keys = keys ?? Self.keys(parties, seed: seed)
    miner = MinerInformation(
      key: Self.key(parties, seed: seed).verificationKey, type: .miner)
    genesis = rules.genesis(founder: miner, time: time, records: records)
    verifier = try ChainVerifier(ContractApplication(), genesis: genesis)
    self.time = time
  }

  /// Of the last block.
  public var height: UInt64 { verifier.head.height }
  /// What the chain says.
  public var state: ContractApplication<C>.State { verifier.state.application }

  public func account(_ party: Int) -> AccountAddress {
    AccountAddress(keys[party].verificationKey)
  }

  /// Mines a block with calls of parties, in their order, and verifies it.
  ///
  /// - Parameters:
  ///   - calls: no more than the chain's rules take into a block.
  ///   - moment: when, milliseconds since 1970; an interval after the last block unless told.
  /// - Throws: `ChainFault` if the block is not what executing it once more gives: a defect.
  /// - Precondition: a moment after the last block.
  public mutating func mine(
    _ calls: [(call: C.Call, party: Int)], at moment: UInt64? = nil
  ) throws(ChainFault) -> Step {
    let moment = moment ?? time + verifier.rules.interval
    precondition(moment > time, "a block at \(moment) behind one at \(time)")
    precondition(
      calls.count <= verifier.rules.transactionLimit,
      "\(calls.count) calls in a block of \(verifier.rules.transactionLimit)")
    var next: [Int: UInt64] = [:]
    let transactions = calls.map { call, party in
      let key = keys[party]
      let sequence =
        next[party] ?? verifier.state.nextSequence(of: key.verificationKey)
      next[party] = sequence + 1
      return ContractCall.transaction(
        call, network: genesis.hash, sequence: sequence, key: key)
    }
    time = moment
    let block = ProofOfWork.mine(
      verifier.template(miner: miner, transactions: transactions, now: time))
    precondition(
      block.transactions.count == calls.count, "a call of a simulation is no call of its contract")
    try verifier.append(block)
    return step(block)
  }

  /// The same, and appends the block to a store; the first block before it, if the store is empty.
  public mutating func mine<Store: BlockStore<MinedBlock> & ~Copyable>(
    _ calls: [(call: C.Call, party: Int)], into store: inout Store
  ) throws -> Step {
    if store.count == 0 { try store.append(genesis) }
    let step = try mine(calls)
    try store.append(step.block)
    return step
  }

  private func step(_ block: MinedBlock) -> Step {
    var due: [C.Event] = []
    var outcomes: [Result<[C.Event], CallRefusal>] = []
    for bytes in block.records {
      guard let record = try? ContractRecord<C.Event>(decoding: bytes) else {
        preconditionFailure("a record of block \(block.height) cannot be read")
      }
      switch record {
      case .begun(let events, _): due = events
      case .performed(_, let events, _): outcomes.append(.success(events))
      case .refused(let place):
        outcomes.append(.failure(CallRefusal(description: state.reasons[place] ?? "refused")))
      }
    }
    return Step(block: block, due: due, outcomes: outcomes)
  }
}
