import Consensus
import Cryptography
import Ledger

/// What orderers and endorsers know of a chain, and the rules by which a block is one of it.
///
/// Everything that a block has to satisfy follows from the blocks before it, so that a chain can be
/// checked from its bytes alone.
struct OrderedChain: Sendable {
  let job: OrderedJob
  /// The hash of the first block.
  let digest: Digest
  /// The last block, without its payload.
  private(set) var head: Block
  /// The digest of the last outcome that a block has.
  private(set) var lastOutcome: Digest
  /// The block in which each client reported last.
  private(set) var reports: [UInt64?]
  /// Whether the last block is the last one for good.
  private(set) var isFinished = false

  init(firstBlock: Block) throws(OrderedBlockError) {
    job = try OrderedJob(firstBlock: firstBlock)
    digest = firstBlock.hash
    head = firstBlock
    lastOutcome = digest
    reports = job.clients.map { _ in nil }
  }

  /// The height of the next block.
  var next: UInt64 { head.height + 1 }

  // MARK: Outcomes

  /// Whether an outcome can be of the last block.
  func fits(_ outcome: Outcome) -> Bool {
    head.height > 0 && outcome.height == head.height && outcome.block == head.hash
      && outcome.previous == lastOutcome && outcome.patterns >= 1
  }

  func accepts(_ endorsed: EndorsedOutcome) -> Bool {
    fits(endorsed.outcome) && endorsed.isValid(job, digest: digest)
  }

  // MARK: Transactions

  /// K that statistics of the next block have.
  func patterns(after outcome: Outcome?) -> Int { outcome?.patterns ?? job.startPatterns }

  /// Whether a transaction can stand in a block of a time.
  func isInTime(_ transaction: StatisticsTransaction, _ time: UInt64) -> Bool {
    let (early, late) = (min(time, transaction.time), max(time, transaction.time))
    return late - early <= job.timeWindow
  }

  /// Checks a transaction for the next block.
  ///
  /// - Parameters:
  ///   - outcome: of the last block; `nil` behind the first.
  ///   - time: that of the block, or of the clock.
  func problem(
    with transaction: StatisticsTransaction, after outcome: Outcome?, time: UInt64
  ) -> TransactionError? {
    guard transaction.job == digest else { return .otherJob }
    guard job.clients.indices.contains(transaction.client) else {
      return .unknownClient(transaction.client)
    }
    guard transaction.round == next else {
      return .wrongRound(transaction.round, expected: next)
    }
    guard transaction.basis == outcome?.digest ?? digest else { return .otherDictionary }
    guard isInTime(transaction, time) else { return .outOfTime }
    let statistics = transaction.statistics
    let patterns = patterns(after: outcome)
    guard statistics.patterns == patterns, statistics.variables == job.variables,
      transaction.weights.count == (outcome == nil ? 0 : patterns)
    else {
      return .wrongShape(patterns: statistics.patterns, variables: statistics.variables)
    }
    if let problem = transaction.plausibility { return problem }
    let key = job.clients[transaction.client]
    return key.isValid(transaction.signature, for: transaction.statement) ? nil : .badSignature
  }

  // MARK: Blocks

  /// The next block.
  ///
  /// - Parameter reports: valid transactions, by client.
  func block(
    of reports: [Int: StatisticsTransaction], outcome: EndorsedOutcome?, orderer: Int, time: UInt64
  ) -> Block {
    let isLast = outcome.map { $0.outcome.conclusion != .goesOn } ?? false
    let entries: [RoundPayload.Entry] = job.clients.indices.map { client in
      if let transaction = reports[client] { return .reported(transaction) }
      return self.reports[client].map { .recycled(from: $0) } ?? .absent
    }
    let payload = RoundPayload(
      orderer: orderer, outcome: outcome, entries: isLast ? [] : entries)
    return Block(
      height: next, previous: head.hash, time: max(time, head.time), payload: payload.encoded)
  }

  /// Checks everything about a block but its seal and the numbers of its outcome.
  func payload(of block: Block) throws(OrderedBlockError) -> RoundPayload {
    func wrong(_ problem: String) -> OrderedBlockError { OrderedBlockError(block.height, problem) }
    if isFinished { throw wrong("the job was concluded before it") }
    let payload: RoundPayload
    do {
      try block.check(follows: head)
      payload = try RoundPayload(decoding: block.payload)
    } catch {
      throw wrong("\(error)")
    }
    guard payload.orderer < job.orderers.count else { throw wrong("no such orderer") }
    guard (payload.outcome == nil) == (head.height == 0) else {
      throw wrong("the outcome of the block before is missing")
    }
    if let endorsed = payload.outcome {
      guard fits(endorsed.outcome) else { throw wrong("its outcome is not of the block before") }
      guard endorsed.isValid(job, digest: digest) else {
        throw wrong("its outcome is not what a quorum of endorsers voted for")
      }
    }
    if payload.isLast {
      guard payload.entries.isEmpty else { throw wrong("statistics behind the conclusion") }
      return payload
    }
    guard payload.entries.count == job.clients.count else {
      throw wrong("\(payload.entries.count) entries for \(job.clients.count) clients")
    }
    var reported = 0
    for (client, entry) in payload.entries.enumerated() {
      switch entry {
      case .absent:
        if reports[client] != nil { throw wrong("client \(client) is left out") }
      case .recycled(let height):
        guard reports[client] == height else {
          throw wrong("client \(client) reported nothing in block \(height)")
        }
      case .reported(let transaction):
        guard transaction.client == client else { throw wrong("a transaction out of place") }
        if let problem = problem(
          with: transaction, after: payload.outcome?.outcome, time: block.time)
        {
          throw wrong("the transaction of client \(client): \(problem)")
        }
        reported += 1
      }
    }
    guard reported >= job.leastReports else { throw wrong("statistics of \(reported) clients") }
    return payload
  }

  /// Goes on to a block whose payload and seal were checked.
  mutating func advance(to block: Block, _ payload: RoundPayload) {
    head = Block(
      height: block.height, previous: block.previous, time: block.time, payload: block.payload)
    if let endorsed = payload.outcome { lastOutcome = endorsed.outcome.digest }
    for (client, entry) in payload.entries.enumerated() {
      if case .reported = entry { reports[client] = block.height }
    }
    isFinished = payload.isLast
  }
}
