import Cryptography
import Testing

@testable import Ledger

@Suite struct ChainVerifierTests {
  /// A block like another, but for some fields; mined anew.
  private func changed(
    _ block: MinedBlock, height: UInt64? = nil, previous: Digest? = nil, time: UInt64? = nil,
    difficulty: UInt64? = nil, transactions: [SignedTransaction]? = nil,
    records: [[UInt8]]? = nil
  ) -> MinedBlock {
    SampleChain<NotesApplication>.mined(
      MinedBlock(
        height: height ?? block.height, previous: previous ?? block.previous,
        time: time ?? block.time, difficulty: difficulty ?? block.difficulty, miner: block.miner,
        transactions: transactions ?? block.transactions, records: records ?? block.records))
  }

  private func fault(
    _ chain: SampleChain<NotesApplication>, _ block: MinedBlock, now: UInt64? = nil
  ) -> BlockFault? {
    var verifier = chain.verifier
    do {
      try verifier.append(block, now: now)
      return nil
    } catch {
      #expect(error.height == block.height && error.hash == block.hash)
      #expect(verifier.headHash == chain.verifier.headHash)
      return error.fault
    }
  }

  @Test func everyRuleIsKept() throws {
    var chain = try SampleChain(NotesApplication(keepsRecords: true))
    try chain.grow(20, senders: 0..<2)
    let good = chain.next([Sample.transaction(20)])
    #expect(fault(chain, good) == nil)
    #expect(fault(chain, changed(good, height: 20)) == .wrongHeight(expected: 21))
    #expect(fault(chain, changed(good, previous: Sample.digest(1))) == .wrongLink)
    let difficulty = good.difficulty
    #expect(
      fault(chain, changed(good, difficulty: difficulty + 1))
        == .wrongDifficulty(difficulty + 1, expected: difficulty))
    let lazy = try #require((0..<1000).map { good.with(nonce: $0) }.first { !$0.hasWork })
    #expect(fault(chain, lazy) == .noWork)
    let median = chain.blocks.suffix(11).map(\.time).sorted()[5]
    #expect(fault(chain, changed(good, time: median)) == .tooEarly(median, median: median))
    #expect(fault(chain, changed(good, time: median + 1)) == nil)
    let limit = Sample.rules.futureLimit
    #expect(fault(chain, changed(good, time: chain.now + limit), now: chain.now) == nil)
    #expect(
      fault(chain, changed(good, time: chain.now + limit + 1), now: chain.now)
        == .fromFuture(milliseconds: limit + 1, limit: limit))
    #expect(
      fault(chain, changed(good, records: [[1]]))
        == .application(ApplicationRefusal("record 0 is not what execution gives")))
  }

  @Test func everyTransactionIsLookedAt() throws {
    var chain = try SampleChain(NotesApplication())
    try chain.grow(3, senders: 0..<2)
    let good = chain.next()
    func fault(_ transactions: [SignedTransaction]) -> BlockFault? {
      self.fault(chain, changed(good, transactions: transactions))
    }
    #expect(
      fault([Sample.transaction(3), Sample.transaction(4), Sample.transaction(3, by: 1)]) == nil)
    #expect(fault([Sample.transaction(2)]) == .transaction(0, .replayed(2, next: 3)))
    #expect(
      fault([Sample.transaction(3), Sample.transaction(3)])
        == .transaction(1, .replayed(3, next: 4)))
    #expect(
      fault([Sample.transaction(4), Sample.transaction(3)])
        == .transaction(0, .outOfSequence(4, next: 3)))
    #expect(
      fault([Sample.transaction(3, network: Sample.digest(1))]) == .transaction(0, .otherNetwork))
    let one = Sample.transaction(3)
    let forged = SignedTransaction(
      network: one.network, sender: one.sender, sequence: 3, kind: one.kind, payload: [7],
      signature: one.signature)
    #expect(fault([Sample.transaction(3, by: 1), forged]) == .transaction(1, .badSignature))
  }

  @Test func sizesAreBounded() throws {
    var rules = Sample.rules
    (rules.transactionLimit, rules.byteLimit) = (2, 2048)
    let genesis = rules.genesis(founder: Sample.miner, time: Sample.startTime)
    var chain = try SampleChain(NotesApplication(), genesis: genesis)
    let many = (0..<3).map { Sample.transaction($0, network: genesis.hash) }
    #expect(fault(chain, chain.next(many)) == .tooManyTransactions(3, limit: 2))
    let large = chain.next([
      Sample.transaction(0, payload: [UInt8](repeating: 1, count: 2000), network: genesis.hash)
    ])
    #expect(fault(chain, large) == .tooLarge(large.encodedByteCount, limit: 2048))
    try chain.append(chain.next(Array(many.prefix(2))))
  }

  @Test func anotherNetworkIsNamed() throws {
    let other = Sample.rules.genesis(founder: Sample.miner, time: Sample.startTime + 1)
    let fault = #expect(throws: ChainFault.self) {
      try ChainVerifier(NotesApplication(), genesis: other, network: Sample.genesis.hash)
    }
    #expect(fault?.fault == .otherNetwork(other.hash, expected: Sample.genesis.hash))
    #expect(fault?.description.contains("belongs to network \(other.hash)") == true)
    var chain = try SampleChain(NotesApplication())
    #expect(throws: ChainFault.self) {
      try ChainVerifier(NotesApplication(), genesis: chain.next())
    }
  }

  /// The sum of difficulties and the sequence numbers of a chain that is verified from bytes alone.
  @Test func aChainIsVerifiedFromItsBytes() throws {
    var chain = try SampleChain(NotesApplication(keepsRecords: true))
    try chain.grow(60, senders: 0..<3)
    let bytes = chain.blocks.map(\.encoded)
    var verifier = try ChainVerifier(
      NotesApplication(keepsRecords: true), genesisBytes: bytes[0], network: Sample.genesis.hash)
    for block in bytes.dropFirst() { try verifier.append(encoded: block) }
    #expect(verifier.count == 61 && verifier.headHash == chain.blocks[60].hash)
    #expect(
      verifier.totalWork == chain.blocks.dropFirst().reduce(0) { $0 + UInt128($1.difficulty) })
    #expect(verifier.state.application.noteCount == 180)
    #expect(verifier.state.nextSequence(of: Sample.keys[2].verificationKey) == 60)
  }

  /// One bit of the stored bytes of a thousand blocks turns over, at a thousand places: each is found
  /// at its block. With too little work a turned bit of the nonce can make another block that is
  /// valid, see below.
  @Test func everyFlippedBitIsFoundAtItsBlock() throws {
    let rules = ChainRules(interval: 1000, firstDifficulty: 2048)
    let genesis = rules.genesis(founder: Sample.miner, time: Sample.startTime)
    var chain = try SampleChain(NotesApplication(keepsRecords: true), genesis: genesis)
    var before: [ChainVerifier<NotesApplication>] = []
    for _ in 0..<1000 {
      before.append(chain.verifier)
      try chain.grow(1, senders: 0..<2)
    }
    let bytes = chain.blocks.map(\.encoded)
    // The places are of all bytes alike, so of long blocks more.
    var random = TestRandom(seed: 17)
    let ends = bytes.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    for _ in 0..<1000 {
      let place = random.below(ends[ends.count - 1])
      let height = (ends.firstIndex { $0 > place } ?? 0) - 1
      var damaged = bytes[height]
      damaged[place - ends[height]] ^= 1 << UInt8(random.below(8))
      let fault = #expect(throws: ChainFault.self, "place \(place)") {
        if height == 0 {
          _ = try ChainVerifier(
            NotesApplication(keepsRecords: true), genesisBytes: damaged,
            network: genesis.hash)
        } else {
          // Blocks before are whole: the verification comes to this one as it did before.
          var verifier = before[height - 1]
          try verifier.append(encoded: damaged)
        }
      }
      // A damaged height is named as it stands there, but the hash is the block's.
      #expect(
        fault?.height == UInt64(height) || fault?.fault == .wrongHeight(expected: UInt64(height)))
    }
  }
  /// Another block with work in the place of one is found by the link of the next.
  @Test func anotherValidBlockIsFoundByTheNext() throws {
    var chain = try SampleChain(NotesApplication())
    try chain.grow(5)
    let before = chain.verifier
    try chain.grow(2)
    let block = chain.blocks[6]
    let other = try #require(
      (0..<1000).map { block.with(nonce: $0) }.first { $0.hasWork && $0 != block })
    var verifier = before
    try verifier.append(encoded: other.encoded)
    let fault = #expect(throws: ChainFault.self) {
      try verifier.append(encoded: chain.blocks[7].encoded)
    }
    #expect(fault == ChainFault(height: 7, hash: chain.blocks[7].hash, fault: .wrongLink))
  }
}
