import Cryptography
import Testing

@testable import Ledger

/// Transactions that wait for others before them, which may never come.
@Suite struct TransactionGapTests {
  private func block(_ transactions: [SignedTransaction] = []) -> MinedBlock {
    MinedBlock(
      height: 1, previous: Sample.genesis.hash, time: 1, difficulty: 1, miner: Sample.miner,
      transactions: transactions)
  }

  @Test func inAFullPoolTheyGiveWay() throws {
    var limits = TransactionPool.Limits()
    limits.transactions = 5
    var pool = TransactionPool(limits: limits)
    let gapped = (1..<6).map { Sample.transaction(1, by: $0) }
    for transaction in gapped { try pool.add(transaction, next: 0) }
    // They do not drive out one another.
    #expect(throws: TransactionRefusal.poolIsFull) { try pool.add(Sample.transaction(1), next: 0) }
    try pool.add(Sample.transaction(0), next: 0)
    try pool.add(Sample.transaction(1), next: 0)
    #expect(
      pool.transactions == Array(gapped[..<3]) + [Sample.transaction(0), Sample.transaction(1)])
    // What closes a gap frees what waited for it; what was freed gives way last.
    try pool.add(Sample.transaction(0, by: 1), next: 0)
    try pool.add(Sample.transaction(2), next: 0)
    #expect(
      Set(pool.transactions)
        == [
          gapped[0], Sample.transaction(0), Sample.transaction(1), Sample.transaction(0, by: 1),
          Sample.transaction(2),
        ])
    #expect(throws: TransactionRefusal.poolIsFull) { try pool.add(Sample.transaction(3), next: 0) }
    // Without the one before it, it is behind a gap again.
    pool.remove(Sample.transaction(0, by: 1).id)
    try pool.add(Sample.transaction(3), next: 0)
    try pool.add(Sample.transaction(4), next: 0)
    #expect(pool.transactions == (0..<5).map { Sample.transaction($0) })
  }

  @Test func aGapThatClosesInAFullPoolLeavesItFull() throws {
    var limits = TransactionPool.Limits()
    limits.transactions = 3
    var pool = TransactionPool(limits: limits)
    for sequence in 1..<4 { try pool.add(Sample.transaction(UInt64(sequence)), next: 0) }
    try pool.add(Sample.transaction(0), next: 0)
    #expect(pool.count == 3)
    #expect(pool.nextSequence(of: Sample.keys[0].verificationKey, onChain: 0) == 3)
  }

  @Test func bytesAreFreedAsWell() throws {
    let large = Sample.transaction(1, by: 1, payload: [UInt8](repeating: 1, count: 1000))
    var limits = TransactionPool.Limits()
    limits.bytes = large.encodedByteCount + Sample.transaction(0).encodedByteCount
    var pool = TransactionPool(limits: limits)
    try pool.add(Sample.transaction(0), next: 0)
    try pool.add(large, next: 0)
    #expect(throws: TransactionRefusal.poolIsFull) { try pool.add(Sample.transaction(3), next: 0) }
    try pool.add(Sample.transaction(1), next: 0)
    #expect(pool.transactions == [Sample.transaction(0), Sample.transaction(1)])
    #expect(pool.byteCount == 2 * Sample.transaction(0).encodedByteCount)
  }

  @Test func theyDoNotWaitForEver() throws {
    var limits = TransactionPool.Limits()
    limits.gapBlocks = 3
    var pool = TransactionPool(limits: limits)
    try pool.add(Sample.transaction(1, by: 1), next: 0)
    try pool.add(Sample.transaction(1, by: 2), next: 0)
    try pool.add(Sample.transaction(0), next: 0)
    for _ in 0..<2 { pool.drop(minedIn: block()) }
    #expect(pool.count == 3)
    // One on the chain, or in the pool, is no gap.
    try pool.add(Sample.transaction(2, by: 3), next: 0)
    pool.drop(minedIn: block([Sample.transaction(0, by: 2)]))
    #expect(
      Set(pool.transactions)
        == [Sample.transaction(1, by: 2), Sample.transaction(0), Sample.transaction(2, by: 3)])
    for _ in 0..<10 { pool.drop(minedIn: block()) }
    #expect(Set(pool.transactions) == [Sample.transaction(1, by: 2), Sample.transaction(0)])
    // A reorganisation opens the gap again.
    pool.takeBack([Sample.transaction(0, by: 2)], next: { _ in 0 })
    #expect(pool.count == 3)
    pool.remove(Sample.transaction(0, by: 2).id)
    for _ in 0..<3 { pool.drop(minedIn: block()) }
    #expect(pool.transactions == [Sample.transaction(0)])
  }

  @Test func othersAreToldOfWhatCanBeMined() throws {
    var ring = try NodeRing([[]])
    for sender in 1..<6 {
      for sequence in 1..<60 {
        try ring.nodes[0].submit(
          Sample.transaction(UInt64(sequence), by: sender), now: ring.now)
      }
    }
    for sequence in [1, 0] {
      try ring.nodes[0].submit(Sample.transaction(UInt64(sequence)), now: ring.now)
    }
    ring.nodes[0].connected(1, now: ring.now)
    let notices = ring.nodes[0].takeEffects().compactMap { effect -> [Digest]? in
      if case .send(.transactionNotice(let ids), to: 1) = effect { ids } else { nil }
    }
    #expect(notices == [[Sample.transaction(0).id, Sample.transaction(1).id]])
  }

  /// Whoever announces what it does not give holds up nobody else.
  @Test func requestsAreCountedForEachPeer() throws {
    var ring = try NodeRing([[]])
    for peer in 1...4 { ring.nodes[0].connected(peer, now: ring.now) }
    func asked(of peer: Int) -> Int {
      ring.nodes[0].takeEffects().reduce(0) { sum, effect in
        if case .send(.transactionRequest(let ids), let to) = effect, to == peer {
          sum + ids.count
        } else {
          sum
        }
      }
    }
    func announce(_ numbers: Range<Int>) {
      for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 256) {
        let ids = (start..<(start + 256)).map { Sample.digest($0) }
        ring.nodes[0].receive(.transactionNotice(ids), from: 1, now: ring.now)
      }
    }
    announce(0..<5120)
    #expect(asked(of: 1) == 4096 / 4)
    for peer in 2...4 {
      ring.nodes[0].receive(
        .transactionNotice([Sample.transaction(0, by: peer).id]), from: peer, now: ring.now)
      #expect(asked(of: peer) == 1)
    }
    // Time makes room.
    announce(5120..<5376)
    #expect(asked(of: 1) == 0)
    ring.now += ring.nodes[0].configuration.requestTimeout
    ring.nodes[0].tick(now: ring.now)
    announce(5120..<5376)
    #expect(asked(of: 1) == 256)
  }
}
