import Cryptography

/// What a chain says up to a block: the application's state, and the numbers that the senders'
/// transactions have reached.
public struct ChainState<Application: LedgerApplication>: Sendable {
  public let application: Application.State
  /// The states of recent blocks share what did not change between them.
  private var sequences: SequenceMap

  /// Behind the first block.
  public init(genesis: MinedBlock, _ application: Application) throws(BlockFault) {
    do {
      self.application = try application.start(genesis)
    } catch {
      throw .application(error)
    }
    sequences = SequenceMap()
  }

  private init(_ application: Application.State, _ sequences: SequenceMap) {
    self.application = application
    self.sequences = sequences
  }

  /// The number that the sender's next transaction must have.
  public func nextSequence(of sender: VerificationKey) -> UInt64 { sequences[sender] }

  /// Checks a block's body and executes it. The header is ``HeaderWindow``'s affair.
  ///
  /// - Parameters:
  ///   - executed: the application's state behind the block, if this has been executed here before.
  ///   - isKnown: transactions whose signatures have been checked before, by their ids.
  func applying(
    _ block: MinedBlock, _ rules: ChainRules, network: Digest, _ application: Application,
    executed: Application.State? = nil, isKnown: (Digest) -> Bool = { _ in false }
  ) throws(BlockFault) -> ChainState {
    guard block.transactions.count <= rules.transactionLimit else {
      throw .tooManyTransactions(block.transactions.count, limit: rules.transactionLimit)
    }
    let size = block.encodedByteCount
    guard size <= rules.byteLimit else { throw .tooLarge(size, limit: rules.byteLimit) }
    var sequences = sequences
    for (index, transaction) in block.transactions.enumerated() {
      guard transaction.network == network else { throw .transaction(index, .otherNetwork) }
      let (sequence, next) = (transaction.sequence, sequences[transaction.sender])
      guard sequence >= next else { throw .transaction(index, .replayed(sequence, next: next)) }
      guard sequence == next else {
        throw .transaction(index, .outOfSequence(sequence, next: next))
      }
      guard isKnown(transaction.id) || transaction.hasValidSignature else {
        throw .transaction(index, .badSignature)
      }
      sequences[transaction.sender] = next + 1
    }
    if let executed { return ChainState(executed, sequences) }
    do {
      return ChainState(try application.verify(block, after: self.application), sequences)
    } catch {
      throw .application(error)
    }
  }

  /// Executes waiting transactions for a new block, until what the application leaves out leaves no
  /// gap in a sender's numbers.
  func execution(
    of transactions: [SignedTransaction], in context: BlockContext, _ application: Application
  ) -> Execution<Application.State> {
    var offered = transactions
    while true {
      let execution = application.execute(offered, in: context, after: self.application)
      var next: [VerificationKey: UInt64] = [:]
      let fitting = execution.accepted.filter { transaction in
        let expected = next[transaction.sender] ?? nextSequence(of: transaction.sender)
        if transaction.sequence == expected { next[transaction.sender] = expected + 1 }
        return transaction.sequence == expected
      }
      if fitting.count == execution.accepted.count { return execution }
      offered = fitting
    }
  }
}
