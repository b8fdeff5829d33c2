import Cryptography

/// What members of a mined chain say to one another.
public enum LedgerMessage: Sendable, Hashable {
  /// Where a member stands: said when a connection begins, and now and then.
  public struct Status: Sendable, Hashable {
    /// The hash of the first block.
    public var network: Digest
    public var head: Digest
    public var height: UInt64
    public var totalWork: UInt128

    public init(network: Digest, head: Digest, height: UInt64, totalWork: UInt128) {
      self.network = network
      self.head = head
      self.height = height
      self.totalWork = totalWork
    }
  }

  case status(Status)
  /// Asks for the chain's headers behind the first of these hashes that is on it.
  case headerRequest(locator: [Digest])
  /// One behind the other: an answer, or the news of a new head.
  case headers([BlockHeader])
  case blockRequest([Digest])
  case block(MinedBlock)
  /// Blocks that were asked for and are not here.
  case missing([Digest])
  /// Ids of transactions that wait.
  case transactionNotice([Digest])
  case transactionRequest([Digest])
  case transactions([SignedTransaction])
  case contentRequest(Digest, offset: UInt64)
  case contentPiece(Digest, total: UInt64, offset: UInt64, bytes: [UInt8])
  case contentMissing(Digest)

  /// Hashes, headers and transactions of a message, at most.
  public static let locatorLimit = 128
  public static let headerLimit = 2000
  public static let hashLimit = 256
  public static let transactionLimit = 256
  /// Bytes of a piece of content, at most.
  public static let pieceLimit = 1 << 22

  /// The canonical bytes: a byte for the kind, then its parts, little-endian, counts before what is
  /// counted.
  public var encoded: [UInt8] {
    var writer = LedgerWriter()
    switch self {
    case .status(let status):
      writer.byte(0)
      writer.digest(status.network)
      writer.digest(status.head)
      writer.long(status.height)
      writer.long(UInt64(truncatingIfNeeded: status.totalWork))
      writer.long(UInt64(truncatingIfNeeded: status.totalWork >> 64))
    case .headerRequest(let locator): writer.digests(1, locator)
    case .headers(let headers):
      writer.byte(2)
      writer.word(UInt32(headers.count))
      for header in headers { writer.header(header) }
    case .blockRequest(let hashes): writer.digests(3, hashes)
    case .block(let block):
      writer.byte(4)
      writer.raw(block.encoded)
    case .missing(let hashes): writer.digests(5, hashes)
    case .transactionNotice(let ids): writer.digests(6, ids)
    case .transactionRequest(let ids): writer.digests(7, ids)
    case .transactions(let transactions):
      writer.byte(8)
      writer.word(UInt32(transactions.count))
      for transaction in transactions { writer.transaction(transaction) }
    case .contentRequest(let digest, let offset):
      writer.byte(9)
      writer.digest(digest)
      writer.long(offset)
    case .contentPiece(let digest, let total, let offset, let bytes):
      writer.byte(10)
      writer.digest(digest)
      writer.long(total)
      writer.long(offset)
      writer.blob(bytes)
    case .contentMissing(let digest):
      writer.byte(11)
      writer.digest(digest)
    }
    return writer.bytes
  }

  /// The hash of the block that a message brings, by the block's header alone; `nil` for other
  /// messages and for bytes that have no header.
  public static func hash(ofBlockIn bytes: [UInt8]) -> Digest? {
    guard bytes.first == 4, bytes.count > BlockHeader.byteCount else { return nil }
    var reader = LedgerReader(Array(bytes[1...BlockHeader.byteCount]))
    return try? reader.header().hash
  }

  /// - Throws: ``LedgerCodingError``.
  public init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    switch try reader.byte() {
    case 0:
      let (network, head, height) = (try reader.digest(), try reader.digest(), try reader.long())
      let (low, high) = (try reader.long(), try reader.long())
      self = .status(
        Status(
          network: network, head: head, height: height,
          totalWork: UInt128(high) << 64 | UInt128(low)))
    case 1: self = .headerRequest(locator: try reader.digests(limit: Self.locatorLimit))
    case 2:
      let count = try reader.count(
        of: "headers", size: BlockHeader.byteCount, limit: Self.headerLimit)
      var headers: [BlockHeader] = []
      headers.reserveCapacity(count)
      for _ in 0..<count { headers.append(try reader.header()) }
      self = .headers(headers)
    case 3: self = .blockRequest(try reader.digests(limit: Self.hashLimit))
    case 4:
      self = .block(try MinedBlock(decoding: try reader.raw(reader.remaining)))
    case 5: self = .missing(try reader.digests(limit: Self.hashLimit))
    case 6: self = .transactionNotice(try reader.digests(limit: Self.hashLimit))
    case 7: self = .transactionRequest(try reader.digests(limit: Self.hashLimit))
    case 8:
      let count = try reader.count(
        of: "transactions", size: SignedTransaction.smallestEncoding, limit: Self.transactionLimit)
      var transactions: [SignedTransaction] = []
      transactions.reserveCapacity(count)
      for _ in 0..<count { transactions.append(try reader.transaction()) }
      self = .transactions(transactions)
    case 9: self = .contentRequest(try reader.digest(), offset: try reader.long())
    case 10:
      let (digest, total, offset) = (try reader.digest(), try reader.long(), try reader.long())
      self = .contentPiece(
        digest, total: total, offset: offset, bytes: try reader.blob(limit: Self.pieceLimit))
    case 11: self = .contentMissing(try reader.digest())
    default: throw .malformed("kind of message")
    }
    try reader.finish()
  }
}

extension LedgerWriter {
  fileprivate mutating func digests(_ kind: UInt8, _ digests: [Digest]) {
    byte(kind)
    word(UInt32(digests.count))
    for digest in digests { self.digest(digest) }
  }
}

extension LedgerReader {
  fileprivate mutating func digests(limit: Int) throws(LedgerCodingError) -> [Digest] {
    let count = try count(of: "digests", size: Digest.byteCount, limit: limit)
    var digests: [Digest] = []
    digests.reserveCapacity(count)
    for _ in 0..<count { digests.append(try digest()) }
    return digests
  }
}
