import Cryptography
import Testing

@testable import Ledger

@Suite struct SignedTransactionTests {
  @Test func bytesGoThereAndBack() throws {
    for payload in [[], [1], [UInt8](repeating: 3, count: 5000)] as [[UInt8]] {
      let transaction = Sample.transaction(5, by: 2, payload: payload)
      #expect(transaction.hasValidSignature)
      let bytes = transaction.encoded
      #expect(bytes.count == transaction.encodedByteCount)
      let again = try SignedTransaction(decoding: bytes)
      #expect(again == transaction && again.hasValidSignature && again.encoded == bytes)
      #expect(again.id == SHA256.hash(SHA256.hash(bytes).bytes))
      #expect(again.kind.rawValue == 0x0102 && again.payload == payload && again.sequence == 5)
    }
  }

  @Test func noBitCanBeChanged() {
    let bytes = Sample.transaction(5).encoded
    for place in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[place] ^= 1 << UInt8(bit)
        guard let other = try? SignedTransaction(decoding: damaged) else { continue }
        #expect(!other.hasValidSignature, "byte \(place), bit \(bit)")
      }
    }
  }

  /// A signature is for this network and this purpose alone.
  @Test func aSignatureIsGoodForOneNetwork() {
    let one = Sample.transaction(0)
    let moved = SignedTransaction(
      network: Sample.digest(3), sender: one.sender, sequence: 0, kind: one.kind,
      payload: one.payload, signature: one.signature)
    #expect(!moved.hasValidSignature)
    let bare = Sample.keys[0].signature(for: Array(one.encoded.dropLast(64)))
    let undomained = SignedTransaction(
      network: one.network, sender: one.sender, sequence: 0, kind: one.kind, payload: one.payload,
      signature: bare)
    #expect(!undomained.hasValidSignature)
  }
}

@Suite struct TransactionPoolTests {
  private func pool(_ transactions: [SignedTransaction], next: UInt64 = 0) throws -> TransactionPool
  {
    var pool = TransactionPool()
    for transaction in transactions { try pool.add(transaction, next: next) }
    return pool
  }

  @Test func orderIsOfArrivalAndOfNumbers() throws {
    let a = (0..<4).map { Sample.transaction(UInt64($0)) }
    let b = (0..<3).map { Sample.transaction(UInt64($0), by: 1) }
    let pool = try pool([a[1], b[0], a[0], a[3], b[2]])
    let next: (VerificationKey) -> UInt64 = { _ in 0 }
    // a[1] waits for a[0]; a[3] and b[2] wait for what has not come.
    #expect(pool.selection(limit: 10, bytes: 1 << 20, next: next) == [b[0], a[0], a[1]])
    #expect(pool.selection(limit: 2, bytes: 1 << 20, next: next) == [b[0], a[0]])
    let size = a[0].encodedByteCount
    #expect(pool.selection(limit: 10, bytes: 2 * size, next: next) == [b[0], a[0]])
    #expect(pool.selection(limit: 10, bytes: 1 << 20, next: { _ in 2 }) == [b[2]])
    #expect(pool.nextSequence(of: a[0].sender, onChain: 0) == 2)
    // What came later is not taken before its time.
    let fair = try self.pool([a[0], b[0], a[1]])
    #expect(fair.selection(limit: 10, bytes: 1 << 20, next: next) == [a[0], b[0], a[1]])
    #expect(pool.nextSequence(of: Sample.keys[4].verificationKey, onChain: 7) == 7)
  }

  @Test func replaysAndDoublesAreRefused() throws {
    var pool = try pool([Sample.transaction(3)], next: 3)
    #expect(throws: TransactionRefusal.known) { try pool.add(Sample.transaction(3), next: 3) }
    #expect(throws: TransactionRefusal.taken(3)) {
      try pool.add(Sample.transaction(3, payload: [7]), next: 3)
    }
    #expect(throws: TransactionRefusal.replayed(2, next: 3)) {
      try pool.add(Sample.transaction(2), next: 3)
    }
    #expect(pool.count == 1)
  }

  @Test func thePoolIsBounded() throws {
    var limits = TransactionPool.Limits()
    (limits.transactions, limits.perSender) = (5, 3)
    var pool = TransactionPool(limits: limits)
    #expect(throws: TransactionRefusal.senderHasTooMany(limit: 3)) {
      try pool.add(Sample.transaction(3), next: 0)
    }
    for i in 0..<3 { try pool.add(Sample.transaction(UInt64(i)), next: 0) }
    for i in 0..<2 { try pool.add(Sample.transaction(UInt64(i), by: 1), next: 0) }
    #expect(throws: TransactionRefusal.poolIsFull) {
      try pool.add(Sample.transaction(0, by: 2), next: 0)
    }
    limits.transactions = 100
    limits.bytes = 2 * Sample.transaction(0).encodedByteCount
    pool = TransactionPool(limits: limits)
    for i in 0..<2 { try pool.add(Sample.transaction(UInt64(i)), next: 0) }
    #expect(throws: TransactionRefusal.poolIsFull) { try pool.add(Sample.transaction(2), next: 0) }
    pool.remove(Sample.transaction(0).id)
    try pool.add(Sample.transaction(2), next: 0)
    #expect(pool.count == 2 && pool.byteCount == limits.bytes)
  }

  @Test func minedOnesGoAndUndoneOnesComeBack() throws {
    let a = (0..<4).map { Sample.transaction(UInt64($0)) }
    let rival = Sample.transaction(1, payload: [9])
    var pool = try pool(a)
    let block = MinedBlock(
      height: 1, previous: Sample.genesis.hash, time: 1, difficulty: 1, miner: Sample.miner,
      transactions: [a[0], rival])
    pool.drop(minedIn: block)
    // The rival took the place of a[1].
    #expect(pool.transactions == [a[2], a[3]])
    try pool.add(Sample.transaction(4), next: 2)
    pool.takeBack(block.transactions, next: { _ in 0 })
    #expect(
      pool.selection(limit: 10, bytes: 1 << 20, next: { _ in 0 })
        == [a[0], rival, a[2], a[3], Sample.transaction(4)])
    // On the new chain the first is there, too.
    pool = TransactionPool()
    pool.takeBack(block.transactions, next: { _ in 1 })
    #expect(pool.transactions == [rival])
    // What merely waits gives way.
    pool = try self.pool([a[0], a[1]])
    pool.takeBack([a[0], rival], next: { _ in 0 })
    #expect(Set(pool.transactions) == [a[0], rival])
  }

  /// Ids that go and come many times leave nothing behind.
  @Test func comingAndGoingTakesNoMemory() throws {
    var pool = TransactionPool()
    for _ in 0..<500 {
      try pool.add(Sample.transaction(0), next: 0)
      pool.remove(Sample.transaction(0).id)
    }
    #expect(pool.count == 0 && pool.byteCount == 0 && pool.transactions.isEmpty)
    try pool.add(Sample.transaction(0), next: 0)
    #expect(pool.transactions.count == 1)
  }
}

@Suite struct NotesApplicationTests {
  @Test func notesAreVerifiedByExecution() throws {
    let notes = NotesApplication(keepsRecords: true)
    let start = notes.start(Sample.genesis)
    let transactions = [Sample.transaction(0), Sample.transaction(1)]
    let context = BlockContext(
      height: 1, previous: Sample.genesis.hash, time: 5, miner: Sample.miner)
    let execution = notes.execute(transactions, in: context, after: start)
    func block(_ records: [[UInt8]]) -> MinedBlock {
      MinedBlock(
        height: 1, previous: Sample.genesis.hash, time: 5, difficulty: 1, miner: Sample.miner,
        transactions: transactions, records: records)
    }
    #expect(try notes.verify(block(execution.records), after: start) == execution.state)
    #expect(execution.state.noteCount == 2)
    #expect(throws: ApplicationRefusal("record 0 is not what execution gives")) {
      try notes.verify(block([[1]]), after: start)
    }
    #expect(throws: ApplicationRefusal("there are 0 records, and execution gives 1")) {
      try notes.verify(block([]), after: start)
    }
  }
}
