import Cryptography

/// Transactions that wait to be mined, in the order in which they came, and those of one sender in
/// the order of their numbers.
///
/// The pool looks at numbers and sizes. Signatures are for the one who adds to check, once.
public struct TransactionPool: Sendable {
  public struct Limits: Sendable, Hashable {
    public var transactions = 10_000
    /// Transactions of one sender, counted from the next that the chain takes.
    public var perSender = 64
    public var bytes = 64 << 20

    public init() {}
  }

  private struct Entry {
    let transaction: SignedTransaction
    let arrival: UInt64
  }

  public let limits: Limits
  private var entries: [Digest: Entry] = [:]
  private var ids: [VerificationKey: [UInt64: Digest]] = [:]
  /// Ids in the order of their arrival; some are gone since.
  private var order: [(arrival: UInt64, id: Digest)] = []
  private var arrivals: UInt64 = 0
  public private(set) var byteCount = 0

  public init(limits: Limits = Limits()) { self.limits = limits }

  public var count: Int { entries.count }
  public func contains(_ id: Digest) -> Bool { entries[id] != nil }
  public subscript(id: Digest) -> SignedTransaction? { entries[id]?.transaction }

  /// All that wait, in the order of their arrival.
  public var transactions: [SignedTransaction] { arrived.map { $0.transaction } }

  private var arrived: [Entry] {
    order.compactMap { place in
      entries[place.id].flatMap { $0.arrival == place.arrival ? $0 : nil }
    }
  }

  /// The number that the sender's next transaction should have: behind those that wait.
  ///
  /// - Parameter next: the number that the chain takes next from this sender.
  public func nextSequence(of sender: VerificationKey, onChain next: UInt64) -> UInt64 {
    guard let waiting = ids[sender] else { return next }
    var sequence = next
    while waiting[sequence] != nil { sequence += 1 }
    return sequence
  }

  /// Adds a transaction. Those before it may still be on their way.
  ///
  /// - Parameter next: the number that the chain takes next from this sender.
  public mutating func add(
    _ transaction: SignedTransaction, next: UInt64
  ) throws(TransactionRefusal) {
    let (sender, sequence) = (transaction.sender, transaction.sequence)
    if entries[transaction.id] != nil { throw .known }
    guard sequence >= next else { throw .replayed(sequence, next: next) }
    guard sequence - next < UInt64(limits.perSender),
      ids[sender, default: [:]].count < limits.perSender
    else { throw .senderHasTooMany(limit: limits.perSender) }
    if ids[sender]?[sequence] != nil { throw .taken(sequence) }
    guard entries.count < limits.transactions,
      byteCount + transaction.encodedByteCount <= limits.bytes
    else { throw .poolIsFull }
    entries[transaction.id] = Entry(transaction: transaction, arrival: arrivals)
    ids[sender, default: [:]][sequence] = transaction.id
    order.append((arrivals, transaction.id))
    arrivals += 1
    byteCount += transaction.encodedByteCount
  }

  /// What a miner may take: numbers follow those on the chain without a gap.
  ///
  /// - Parameters:
  ///   - limit: the most transactions, and the most bytes of all of them together.
  ///   - next: the number that the chain takes next from a sender.
  public func selection(
    limit: Int, bytes: Int, next: (VerificationKey) -> UInt64
  ) -> [SignedTransaction] {
    var chosen: [SignedTransaction] = []
    var expected: [VerificationKey: UInt64] = [:]
    var left = bytes
    for entry in arrived {
      let sender = entry.transaction.sender
      var sequence = expected[sender] ?? next(sender)
      // What came before this one and waited for it follows at once.
      while entry.transaction.sequence <= sequence, let id = ids[sender]?[sequence],
        let candidate = entries[id], candidate.arrival <= entry.arrival
      {
        guard chosen.count < limit else { return chosen }
        guard candidate.transaction.encodedByteCount <= left else { break }
        left -= candidate.transaction.encodedByteCount
        chosen.append(candidate.transaction)
        sequence += 1
      }
      expected[sender] = sequence
    }
    return chosen
  }

  /// Takes a transaction out.
  public mutating func remove(_ id: Digest) {
    guard let entry = entries.removeValue(forKey: id) else { return }
    let transaction = entry.transaction
    byteCount -= transaction.encodedByteCount
    ids[transaction.sender]?[transaction.sequence] = nil
    if ids[transaction.sender]?.isEmpty == true { ids[transaction.sender] = nil }
    if order.count > 2 * entries.count + 64 {
      order.removeAll { place in entries[place.id]?.arrival != place.arrival }
    }
  }

  /// Drops what a new block has, and what can never be mined behind it: other transactions with the
  /// same numbers and those before them.
  public mutating func drop(minedIn block: MinedBlock) {
    for transaction in block.transactions {
      guard let waiting = ids[transaction.sender] else { continue }
      for (sequence, id) in waiting where sequence <= transaction.sequence { remove(id) }
    }
  }

  /// Takes back what a reorganisation undid; what no longer fits is left out.
  ///
  /// - Parameters:
  ///   - transactions: of the undone blocks, the oldest first.
  ///   - next: the number that the new chain takes next from a sender.
  public mutating func takeBack(
    _ transactions: [SignedTransaction], next: (VerificationKey) -> UInt64
  ) {
    for transaction in transactions {
      let first = next(transaction.sender)
      // What was on a chain goes before what merely waits with the same number.
      if transaction.sequence >= first, let other = ids[transaction.sender]?[transaction.sequence],
        other != transaction.id
      {
        remove(other)
      }
      try? add(transaction, next: first)
    }
  }
}
