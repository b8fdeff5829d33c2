import Cryptography

/// What a chain of mined blocks is about: how transactions change a state, deterministically and
/// without input or output. Every member executes every block.
///
/// The ledger itself keeps watch over signatures, networks, sequence numbers and sizes.
public protocol LedgerApplication: Sendable {
  /// What the chain says up to a block. Cheap to copy: states of recent blocks are kept, so that a
  /// reorganisation can go back to them.
  associatedtype State: Sendable

  /// The state behind the first block. Its first record has the chain's rules (``ChainRules``); all
  /// others are the application's.
  func start(_ genesis: MinedBlock) throws(ApplicationRefusal) -> State

  /// Why a transaction has no place in the pool; `nil` if it has. A cheap check.
  func refusal(of transaction: SignedTransaction, after state: State) -> String?

  /// Executes transactions for a new block, in their order, and leaves out those that cannot be in
  /// it. With a transaction, all later ones of its sender are left out: their numbers would not
  /// follow.
  func execute(
    _ transactions: [SignedTransaction], in context: BlockContext, after state: State
  ) -> Execution<State>

  /// Checks somebody's block: each of its transactions, and that its records are what executing them
  /// gives. The ledger has checked everything else.
  func verify(_ block: MinedBlock, after state: State) throws(ApplicationRefusal) -> State
}

extension LedgerApplication {
  public func refusal(of transaction: SignedTransaction, after state: State) -> String? { nil }

  /// Executes the block's transactions once more and compares.
  public func verify(
    _ block: MinedBlock, after state: State
  ) throws(ApplicationRefusal) -> State {
    let execution = execute(block.transactions, in: BlockContext(block), after: state)
    if execution.accepted != block.transactions {
      let place = zip(execution.accepted, block.transactions).enumerated()
        .first { $0.element.0 != $0.element.1 }?.offset
      throw ApplicationRefusal(
        "transaction \(place ?? execution.accepted.count) cannot be executed there")
    }
    guard execution.records.count == block.records.count else {
      throw ApplicationRefusal(
        "there are \(block.records.count) records, and execution gives \(execution.records.count)")
    }
    for (place, record) in execution.records.enumerated() where record != block.records[place] {
      throw ApplicationRefusal("record \(place) is not what execution gives")
    }
    return execution.state
  }
}

/// The block in which transactions are executed, as far as it is known before it is mined.
public struct BlockContext: Sendable, Hashable {
  public let height: UInt64
  public let previous: Digest
  /// Milliseconds since 1 January 1970, UTC, by the miner's clock.
  public let time: UInt64
  public let miner: MinerInformation

  public init(height: UInt64, previous: Digest, time: UInt64, miner: MinerInformation) {
    self.height = height
    self.previous = previous
    self.time = time
    self.miner = miner
  }

  public init(_ block: MinedBlock) {
    self.init(
      height: block.height, previous: block.previous, time: block.time, miner: block.miner)
  }
}

/// What executing transactions gave.
public struct Execution<State: Sendable>: Sendable {
  /// Those that can be in the block, in their order.
  public var accepted: [SignedTransaction]
  /// The block's records.
  public var records: [[UInt8]]
  public var state: State

  public init(accepted: [SignedTransaction], records: [[UInt8]], state: State) {
    self.accepted = accepted
    self.records = records
    self.state = state
  }
}

/// Why an application does not take a block.
public struct ApplicationRefusal: Error, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// A chain that keeps notes: every transaction is welcome, and nothing follows from it.
public struct NotesApplication: LedgerApplication {
  /// Whether each block records the digests of its notes, chained behind those before.
  public let keepsRecords: Bool

  /// What has been noted so far.
  public struct State: Sendable, Hashable {
    public var noteCount: UInt64
    /// SHA-256 of the digest before and the note's id, from 32 zeros.
    public var digest: Digest
  }

  public init(keepsRecords: Bool = false) { self.keepsRecords = keepsRecords }

  public func start(_ genesis: MinedBlock) -> State { State(noteCount: 0, digest: Block.origin) }

  public func execute(
    _ transactions: [SignedTransaction], in context: BlockContext, after state: State
  ) -> Execution<State> {
    var state = state
    for transaction in transactions {
      state.noteCount += 1
      state.digest = SHA256.hash(state.digest.bytes + transaction.id.bytes)
    }
    let records = keepsRecords && !transactions.isEmpty ? [state.digest.bytes] : []
    return Execution(accepted: transactions, records: records, state: state)
  }
}
