import Cryptography

/// A block that is settled by proof of work (BEMA 2020, Fig. 4): a header, who mined it, signed
/// transactions, and records of what executing them gave.
///
/// Header and body of a value always belong together: the Merkle root and the hash of the miner's
/// information are made from the body, and bytes in which they are others are not decoded. So the
/// hash stands for every byte. Whether the block belongs into a chain is for ``ChainVerifier`` to
/// say.
///
/// The canonical bytes: the header (136), the miner's information (33), the number of transactions
/// (4) and their bytes, the number of records (4) and each behind its number of bytes (4).
public struct MinedBlock: ChainedBlock {
  public let header: BlockHeader
  public let miner: MinerInformation
  public let transactions: [SignedTransaction]
  /// What the application's execution of the transactions gave: its affair.
  public let records: [[UInt8]]
  public let hash: Digest

  /// Transactions, and records, that a block may have at most, whatever its chain's rules say.
  public static let largestCount = 1 << 20
  /// Bytes that a block may have at most, whatever its chain's rules say.
  public static let largestEncoding = 1 << 28

  public var height: UInt64 { header.height }
  public var previous: Digest { header.previous }
  /// Milliseconds since 1 January 1970, UTC, by the miner's clock.
  public var time: UInt64 { header.time }
  public var difficulty: UInt64 { header.difficulty }

  public init(
    height: UInt64, previous: Digest, time: UInt64, difficulty: UInt64, nonce: UInt64 = 0,
    miner: MinerInformation, transactions: [SignedTransaction] = [], records: [[UInt8]] = []
  ) {
    precondition(
      transactions.count <= Self.largestCount && records.count <= Self.largestCount,
      "a block of \(transactions.count) transactions and \(records.count) records")
    self.init(
      BlockHeader(
        height: height, previous: previous, time: time, difficulty: difficulty,
        merkleRoot: Self.merkleTree(transactions, records).root, minerHash: miner.hash,
        nonce: nonce), miner, transactions, records)
  }

  /// Header and body belong together.
  private init(
    _ header: BlockHeader, _ miner: MinerInformation, _ transactions: [SignedTransaction],
    _ records: [[UInt8]]
  ) {
    self.header = header
    self.miner = miner
    self.transactions = transactions
    self.records = records
    hash = header.hash
  }

  /// The same block with another nonce.
  public func with(nonce: UInt64) -> MinedBlock {
    var header = header
    header.nonce = nonce
    return MinedBlock(header, miner, transactions, records)
  }

  /// Whether the hash is as small as the difficulty asks. A first block need not prove any work: it
  /// is known by its hash.
  public var hasWork: Bool { ProofOfWork.isValid(hash, difficulty: header.difficulty) }

  /// The tree over the transactions, behind them the records.
  public var merkleTree: MerkleTree { Self.merkleTree(transactions, records) }

  /// What shows that a transaction is in this block: for ``MerkleTree/Leaf/transaction`` of its id.
  public func proof(ofTransaction index: Int) -> MerkleProof { merkleTree.proof(of: index) }

  /// What shows that a record is in this block: for ``MerkleTree/Leaf/record`` of its bytes.
  public func proof(ofRecord index: Int) -> MerkleProof {
    merkleTree.proof(of: transactions.count + index)
  }

  private static func merkleTree(
    _ transactions: [SignedTransaction], _ records: [[UInt8]]
  ) -> MerkleTree {
    MerkleTree(
      leaves: transactions.map { MerkleTree.Leaf.transaction.digest($0.id.bytes) }
        + records.map { MerkleTree.Leaf.record.digest($0) })
  }

  /// Checks height and link; times follow rules over several blocks, which ``ChainVerifier`` knows.
  public func check(follows head: MinedBlock?) throws(ChainError) {
    let expected = head.map { $0.height + 1 } ?? 0
    guard height == expected else { throw .wrongHeight(height, expected: expected) }
    guard previous == head?.hash ?? Block.origin else { throw .wrongLink(height) }
  }

  public static func == (one: MinedBlock, other: MinedBlock) -> Bool { one.hash == other.hash }
  public func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

// MARK: Bytes

extension MinedBlock {
  /// The number of bytes of ``encoded``.
  public var encodedByteCount: Int {
    transactions.reduce(
      records.reduce(BlockHeader.byteCount + MinerInformation.byteCount + 8) { $0 + 4 + $1.count }
    ) { $0 + $1.encodedByteCount }
  }

  public var encoded: [UInt8] {
    var writer = LedgerWriter(reserving: encodedByteCount)
    writer.header(header)
    writer.raw(miner.encoded)
    writer.word(UInt32(transactions.count))
    for transaction in transactions { writer.transaction(transaction) }
    writer.word(UInt32(records.count))
    for record in records { writer.blob(record) }
    return writer.bytes
  }

  public init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    guard bytes.count <= Self.largestEncoding else { throw .malformed("size of a block") }
    var reader = LedgerReader(bytes)
    let header = try reader.header()
    let miner = try reader.miner()
    let count = try reader.count(
      of: "transactions", size: SignedTransaction.smallestEncoding, limit: Self.largestCount)
    var transactions: [SignedTransaction] = []
    transactions.reserveCapacity(count)
    for _ in 0..<count { transactions.append(try reader.transaction()) }
    let recordCount = try reader.count(of: "records", size: 4, limit: Self.largestCount)
    var records: [[UInt8]] = []
    records.reserveCapacity(recordCount)
    for _ in 0..<recordCount { records.append(try reader.blob()) }
    try reader.finish()
    guard header.minerHash == miner.hash else { throw .malformed("hash of the miner") }
    guard header.merkleRoot == Self.merkleTree(transactions, records).root else {
      throw .malformed("Merkle root")
    }
    self.init(header, miner, transactions, records)
  }
}
