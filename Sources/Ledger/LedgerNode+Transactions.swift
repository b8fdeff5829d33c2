import Cryptography

// Transactions on their way into a block, and the block that is mined from them.
extension LedgerNode where Blocks: ~Copyable, Contents: ~Copyable {
  /// Gives a transaction to the network.
  ///
  /// - Throws: ``TransactionRefusal``.
  public mutating func submit(
    _ transaction: SignedTransaction, now: Double
  ) throws(TransactionRefusal) {
    try admit(transaction, from: nil)
    template(now: now)
  }

  /// The number that the sender's next transaction should have, behind those that wait.
  public func nextSequence(of sender: VerificationKey) -> UInt64 {
    pool.nextSequence(of: sender, onChain: state.nextSequence(of: sender))
  }

  private mutating func admit(
    _ transaction: SignedTransaction, from peer: Int?
  ) throws(TransactionRefusal) {
    guard transaction.network == network else { throw .otherNetwork }
    if pool.contains(transaction.id) { throw .known }
    let room = tree.rules.byteLimit / 2
    guard transaction.encodedByteCount <= room else {
      throw .tooLarge(transaction.encodedByteCount, limit: room)
    }
    let next = state.nextSequence(of: transaction.sender)
    guard transaction.sequence >= next else { throw .replayed(transaction.sequence, next: next) }
    guard transaction.hasValidSignature else { throw .badSignature }
    if let reason = application.refusal(of: transaction, after: state.application) {
      throw .notAdmitted(reason)
    }
    try pool.add(transaction, next: next)
    hasNewTransactions = true
    for other in listeners where other != peer {
      send(.transactionNotice([transaction.id]), to: other)
    }
  }

  /// The ids of those that can be mined, in the order in which they would be. Those that wait for
  /// others are told of once, when they come.
  var notice: LedgerMessage {
    let behind = state
    let ready = pool.selection(
      limit: LedgerMessage.hashLimit, bytes: .max, next: { behind.nextSequence(of: $0) })
    return .transactionNotice(ready.map(\.id))
  }

  /// Asks for transactions that are not here. What one peer leaves unanswered takes no room from
  /// the others.
  mutating func ask(for ids: [Digest], from peer: Int, now: Double) {
    // What has come meanwhile, or was asked of another since, is pending no more.
    var pending = (peers[peer]?.asked ?? [:]).filter { id, deadline in
      requestedTransactions[id] == deadline
    }
    let most = max(
      LedgerMessage.hashLimit, 16 * LedgerMessage.transactionLimit / max(1, peers.count))
    let wanted = ids.filter { !pool.contains($0) && requestedTransactions[$0] == nil }
      .prefix(max(0, most - pending.count))
    for id in wanted {
      requestedTransactions[id] = now + configuration.requestTimeout
      pending[id] = now + configuration.requestTimeout
    }
    peers[peer]?.asked = pending
    if !wanted.isEmpty { send(.transactionRequest(Array(wanted)), to: peer) }
  }

  mutating func give(transactions ids: [Digest], to peer: Int) {
    var found: [SignedTransaction] = []
    var bytes = 0
    for id in ids where mayGive {
      guard let transaction = pool[id] else { continue }
      bytes += transaction.encodedByteCount
      if !found.isEmpty && bytes > tree.rules.byteLimit { break }
      found.append(transaction)
    }
    givenBytes += bytes
    if !found.isEmpty { send(.transactions(found), to: peer) }
  }

  mutating func take(_ transactions: [SignedTransaction], from peer: Int, now: Double) {
    for transaction in transactions {
      requestedTransactions[transaction.id] = nil
      do {
        try admit(transaction, from: peer)
      } catch {
        switch error {
        case .otherNetwork, .badSignature, .tooLarge: blame(peer, now: now)
        // Between two honest members, too, chains differ for a while.
        default: break
        }
      }
    }
  }

  // MARK: Mining

  /// Asks for a nonce when there is another head, when new transactions wait, or when the last
  /// template has become old.
  /// Whether a block more is wanted.
  var mayMine: Bool { tree.height < configuration.lastMinedHeight ?? .max }

  mutating func template(now: Double) {
    guard failure == nil, mayMine, let miner = configuration.miner else { return }
    let age = now - lastTemplate
    guard
      needsTemplate || (hasNewTransactions && age >= configuration.templateInterval)
        || age >= configuration.templateAge
    else { return }
    guard let window = tree.window(after: tree.headHash) else { return }
    (needsTemplate, hasNewTransactions, lastTemplate) = (false, false, now)
    let rules = tree.rules
    let behind = state
    // Half of a block is the application's to record.
    var offered = pool.selection(
      limit: rules.transactionLimit, bytes: rules.byteLimit / 2,
      next: { behind.nextSequence(of: $0) })
    let context = BlockContext(
      height: UInt64(tree.height + 1), previous: tree.headHash,
      time: max(calendar(now), window.medianTime + 1), miner: miner)
    while true {
      let execution = state.execution(of: offered, in: context, application)
      let accepted = Set(execution.accepted.map(\.id))
      for transaction in offered where !accepted.contains(transaction.id) {
        pool.remove(transaction.id)
      }
      let block = MinedBlock(
        height: context.height, previous: context.previous, time: context.time,
        difficulty: window.nextDifficulty(rules), miner: miner,
        transactions: execution.accepted, records: execution.records)
      if block.encodedByteCount > rules.byteLimit && !execution.accepted.isEmpty {
        // The records are longer than the room that was left for them.
        offered = Array(execution.accepted.prefix(execution.accepted.count / 2))
        if execution.accepted.count == 1 { pool.remove(execution.accepted[0].id) }
        continue
      }
      templated = (block.header, execution.state)
      effects.append(.mine(block))
      return
    }
  }
}
