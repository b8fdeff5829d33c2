import Cryptography
import Testing

@testable import Ledger

@Suite struct MinedBlockTests {
  private let block = MinedBlock(
    height: 7, previous: Sample.digest(1), time: 0x0102_0304_0506_0708, difficulty: 300,
    nonce: 0x1112_1314_1516_1718, miner: Sample.miner,
    transactions: [Sample.transaction(0), Sample.transaction(1, by: 1, payload: [])],
    records: [[9, 8], [], [7]])

  /// The layout that the documentation of the header gives, put together by hand.
  @Test func headerHasTheDocumentedBytes() {
    func little(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(value >> (8 * $0) & 255) } }
    var bytes = little(1) + little(7) + Sample.digest(1).bytes
    bytes += [8, 7, 6, 5, 4, 3, 2, 1] + little(300)
    bytes += block.merkleTree.root.bytes
    bytes += SHA256.hash(SHA256.hash(Sample.keys[0].verificationKey.bytes + [0]).bytes).bytes
    bytes += [0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11]
    #expect(bytes.count == BlockHeader.byteCount)
    #expect(block.header.encoded == bytes)
    #expect(block.hash == SHA256.hash(SHA256.hash(bytes).bytes))
    #expect(Array(block.encoded.prefix(136)) == bytes)
  }

  @Test func bytesGoThereAndBack() throws {
    for one in [block, block.with(nonce: 5), Sample.genesis] {
      let bytes = one.encoded
      #expect(bytes.count == one.encodedByteCount)
      let again = try MinedBlock(decoding: bytes)
      #expect(again == one && again.encoded == bytes)
      #expect(again.transactions == one.transactions && again.records == one.records)
    }
    #expect(block.with(nonce: 5).hash != block.hash)
  }

  /// No bit of the bytes can turn over and the hash stay the same.
  @Test func everyBitIsUnderTheHash() {
    let bytes = block.encoded
    for place in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[place] ^= 1 << UInt8(bit)
        guard let other = try? MinedBlock(decoding: damaged) else { continue }
        #expect(other.hash != block.hash, "byte \(place), bit \(bit)")
      }
    }
  }

  @Test func shortLongAndGreedyBytesAreRefused() {
    let bytes = block.encoded
    for count in bytes.indices {
      #expect(throws: LedgerCodingError.self) {
        try MinedBlock(decoding: Array(bytes.prefix(count)))
      }
    }
    #expect(throws: LedgerCodingError.trailingBytes(1)) { try MinedBlock(decoding: bytes + [0]) }
    // The number of transactions, and that of the first one's payload.
    for (place, size) in [(169, 4), (169 + 4 + 74, 4)] {
      var greedy = bytes
      for i in place..<place + size { greedy[i] = 255 }
      #expect(throws: LedgerCodingError.self) { try MinedBlock(decoding: greedy) }
    }
  }

  /// A leaf of each kind is shown to be in the block by its header alone.
  @Test func transactionsAndRecordsAreProven() {
    for (index, transaction) in block.transactions.enumerated() {
      let leaf = MerkleTree.Leaf.transaction.digest(transaction.id.bytes)
      #expect(block.proof(ofTransaction: index).shows(leaf, under: block.header.merkleRoot))
    }
    for (index, record) in block.records.enumerated() {
      let leaf = MerkleTree.Leaf.record.digest(record)
      #expect(block.proof(ofRecord: index).shows(leaf, under: block.header.merkleRoot))
      let other = MerkleTree.Leaf.record.digest(record + [1])
      #expect(!block.proof(ofRecord: index).shows(other, under: block.header.merkleRoot))
    }
  }

  @Test func noncesAreFoundAndCounted() throws {
    var tries = 0.0
    let difficulty: UInt64 = 64
    for height in 1...100 {
      let open = MinedBlock(
        height: UInt64(height), previous: Sample.genesis.hash, time: 1, difficulty: difficulty,
        miner: Sample.miner)
      let nonce = try #require(ProofOfWork.nonce(for: open.header, in: 0..<100_000))
      #expect(open.with(nonce: nonce).hasWork)
      for earlier in 0..<nonce { #expect(!open.with(nonce: earlier).hasWork) }
      tries += Double(nonce + 1)
    }
    // The mean of 100 geometric numbers of mean 64: five deviations on either side.
    #expect(abs(tries / 100 - Double(difficulty)) < 5 * Double(difficulty) / 10)
    // Told to stop, the search does not go on to a nonce that would be found.
    var header = block.header
    header.difficulty = 2000
    let found = try #require(ProofOfWork.nonce(for: header, in: 0..<1_000_000))
    #expect(found > 255 && ProofOfWork.nonce(for: header, in: 0..<(found + 1)) == found)
    #expect(ProofOfWork.nonce(for: header, in: 0..<(found + 1), proceed: { false }) == nil)
  }

  @Test func hashesAreReadAsBigEndianNumbers() {
    func hash(_ first: UInt8...) -> Digest {
      Digest(bytes: first + [UInt8](repeating: 255, count: 32 - first.count))
    }
    #expect(ProofOfWork.isValid(hash(255), difficulty: 1))
    #expect(ProofOfWork.isValid(hash(127), difficulty: 2))
    #expect(!ProofOfWork.isValid(hash(128), difficulty: 2))
    #expect(ProofOfWork.isValid(hash(0, 0), difficulty: 1 << 16))
    #expect(!ProofOfWork.isValid(hash(0, 1), difficulty: 1 << 16))
    #expect(ProofOfWork.isValid(hash(0, 0, 0, 0, 0, 0, 0, 1), difficulty: .max))
    #expect(!ProofOfWork.isValid(hash(0, 0, 0, 0, 0, 0, 0, 2), difficulty: .max))
  }

  @Test func rulesStandInTheFirstBlock() throws {
    #expect(try ChainRules(genesis: Sample.genesis) == Sample.rules)
    #expect(throws: LedgerCodingError.self) { try ChainRules(genesis: block) }
    var other = Sample.rules
    other.byteLimit += 1
    #expect(
      other.genesis(founder: Sample.miner, time: Sample.startTime).hash != Sample.genesis.hash)
    var bytes = Sample.rules.encoded
    for i in 18..<26 { bytes[i] = 0 }
    #expect(throws: LedgerCodingError.malformed("chain's rules")) {
      try ChainRules(decoding: bytes)
    }
  }
}
