import Cryptography

/// Transactions that wait to be mined, in the order in which they came, and those of one sender in
/// the order of their numbers.
///
/// The pool looks at numbers and sizes. Signatures are for the one who adds to check, once.
///
/// A transaction can be mined if all before it of its sender are on the chain or wait, too. Those
/// behind a gap may never be: in a full pool they give way to those that can be mined, the newest
/// first, and they wait for some blocks only.
public struct TransactionPool: Sendable {
  public struct Limits: Sendable, Hashable {
    public var transactions = 10_000
    /// Transactions of one sender, counted from the next that the chain takes.
    public var perSender = 64
    public var bytes = 64 << 20
    /// Blocks that a transaction waits for those before it.
    public var gapBlocks = 100

    public init() {}
  }

  private struct Entry {
    let transaction: SignedTransaction
    let arrival: UInt64
  }

  /// What waits of one sender.
  private struct Line {
    var ids: [UInt64: Digest] = [:]
    /// The number that the chain takes next, and the first from there on that does not wait.
    var next: UInt64
    var end: UInt64
  }

  /// A transaction that waits for another one.
  private struct Gapped {
    let arrival: UInt64
    let id: Digest
    /// The number of blocks that had come when it began to wait.
    let since: Int
  }

  public let limits: Limits
  private var entries: [Digest: Entry] = [:]
  private var lines: [VerificationKey: Line] = [:]
  /// In the order of their arrival.
  private var gapped: [Gapped] = []
  private var gappedBytes = 0
  private var blockCount = 0
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
    guard let waiting = lines[sender]?.ids else { return next }
    var sequence = next
    while waiting[sequence] != nil { sequence += 1 }
    return sequence
  }

  /// Adds a transaction. Those before it may still be on their way. In a full pool, one that can be
  /// mined takes the place of the newest that cannot.
  ///
  /// - Parameter next: the number that the chain takes next from this sender.
  public mutating func add(
    _ transaction: SignedTransaction, next: UInt64
  ) throws(TransactionRefusal) {
    let (sender, sequence) = (transaction.sender, transaction.sequence)
    if entries[transaction.id] != nil { throw .known }
    guard sequence >= next else { throw .replayed(sequence, next: next) }
    begin(sender, at: next)
    let line = lines[sender] ?? Line(next: next, end: next)
    guard sequence - next < UInt64(limits.perSender), line.ids.count < limits.perSender else {
      throw .senderHasTooMany(limit: limits.perSender)
    }
    if line.ids[sequence] != nil { throw .taken(sequence) }
    let size = transaction.encodedByteCount
    // Those behind a gap are no hindrance to what stands behind none.
    let isNext = sequence == line.end
    let others = isNext ? entries.count - gapped.count : entries.count
    let otherBytes = isNext ? byteCount - gappedBytes : byteCount
    guard others < limits.transactions, otherBytes + size <= limits.bytes else { throw .poolIsFull }
    entries[transaction.id] = Entry(transaction: transaction, arrival: arrivals)
    lines[sender, default: Line(next: next, end: next)].ids[sequence] = transaction.id
    order.append((arrivals, transaction.id))
    arrivals += 1
    byteCount += size
    settle(sender)
    while entries.count > limits.transactions || byteCount > limits.bytes {
      // With no gap left, the last of those that this one has freed from theirs.
      let freed = lines[sender].flatMap { $0.ids[$0.end - 1] }
      guard let last = gapped.last?.id ?? freed else { break }
      remove(last)
    }
  }

  // MARK: Gaps

  /// Notes the number that the chain takes next from a sender.
  private mutating func begin(_ sender: VerificationKey, at next: UInt64) {
    guard let line = lines[sender], line.next != next else { return }
    lines[sender]?.next = next
    settle(sender)
  }

  /// Finds anew which transactions of a sender can be mined.
  private mutating func settle(_ sender: VerificationKey) {
    guard let line = lines[sender] else { return }
    var end = line.next
    while line.ids[end] != nil { end += 1 }
    lines[sender]?.end = end
    for (sequence, id) in line.ids {
      if let entry = entries[id] { mark(entry, asGapped: sequence < line.next || sequence >= end) }
    }
  }

  private mutating func mark(_ entry: Entry, asGapped isGapped: Bool) {
    var (place, end) = (0, gapped.count)
    while place < end {
      let middle = (place + end) / 2
      if gapped[middle].arrival < entry.arrival { place = middle + 1 } else { end = middle }
    }
    let isMarked = place < gapped.count && gapped[place].arrival == entry.arrival
    if isMarked == isGapped { return }
    let size = entry.transaction.encodedByteCount
    if isGapped {
      gapped.insert(
        Gapped(arrival: entry.arrival, id: entry.transaction.id, since: blockCount), at: place)
      gappedBytes += size
    } else {
      gapped.remove(at: place)
      gappedBytes -= size
    }
  }

  // MARK: To and from the chain

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
      while entry.transaction.sequence <= sequence, let id = lines[sender]?.ids[sequence],
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
    let (sender, sequence) = (entry.transaction.sender, entry.transaction.sequence)
    byteCount -= entry.transaction.encodedByteCount
    mark(entry, asGapped: false)
    lines[sender]?.ids[sequence] = nil
    if let line = lines[sender] {
      if line.ids.isEmpty {
        lines[sender] = nil
      } else if line.next..<line.end ~= sequence {
        settle(sender)
      }
    }
    if order.count > 2 * entries.count + 64 {
      order.removeAll { place in entries[place.id]?.arrival != place.arrival }
    }
  }

  /// Drops what a new block has, and what can never be mined behind it: other transactions with the
  /// same numbers and those before them; and what has waited too long for those before it.
  public mutating func drop(minedIn block: MinedBlock) {
    blockCount += 1
    var reached: [VerificationKey: UInt64] = [:]
    for transaction in block.transactions where lines[transaction.sender] != nil {
      reached[transaction.sender] = max(
        reached[transaction.sender] ?? 0, transaction.sequence + 1)
    }
    for (sender, next) in reached {
      guard let line = lines[sender] else { continue }
      // After a reorganisation the chain may be farther already.
      begin(sender, at: max(next, line.next))
      for (sequence, id) in line.ids where sequence < next { remove(id) }
    }
    for waiting in gapped.reversed() where blockCount - waiting.since >= limits.gapBlocks {
      remove(waiting.id)
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
      begin(transaction.sender, at: first)
      // What was on a chain goes before what merely waits with the same number.
      if transaction.sequence >= first,
        let other = lines[transaction.sender]?.ids[transaction.sequence], other != transaction.id
      {
        remove(other)
      }
      try? add(transaction, next: first)
    }
  }
}
