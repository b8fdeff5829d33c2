import Cryptography

/// What a transaction is about: the application's affair.
public struct TransactionKind: RawRepresentable, Sendable, Hashable {
  public let rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }
}

/// Something that a party asks a chain of mined blocks to do, under its signature.
///
/// The canonical bytes: network (32), sender (32), sequence number (8), kind (2, little-endian),
/// number of bytes of the payload (4) and the payload, signature (64). Signed are the words
/// “collabdict transaction 1” and all bytes before the signature.
public struct SignedTransaction: Sendable, Hashable {
  /// The hash of the chain's first block: on another chain the transaction means nothing.
  public let network: Digest
  public let sender: VerificationKey
  /// From 0, one more with each transaction of the sender that is on the chain: none is there twice.
  public let sequence: UInt64
  public let kind: TransactionKind
  public let payload: [UInt8]
  public let signature: Signature
  /// Double SHA-256 of the canonical bytes.
  public let id: Digest

  /// Bytes that a payload may have at most, whatever the chain's rules say.
  public static let largestPayload = 1 << 24
  static let smallestEncoding = 142

  /// Signs a transaction.
  ///
  /// - Precondition: a payload of at most ``largestPayload`` bytes.
  public init(
    network: Digest, sequence: UInt64, kind: TransactionKind, payload: [UInt8], key: SigningKey
  ) {
    precondition(payload.count <= Self.largestPayload, "a payload of \(payload.count) bytes")
    let statement = Self.statement(network, key.verificationKey, sequence, kind, payload)
    self.init(
      network: network, sender: key.verificationKey, sequence: sequence, kind: kind,
      payload: payload, signature: key.signature(for: statement))
  }

  /// A transaction with somebody's signature, whether it is valid or not.
  ///
  /// - Precondition: a payload of at most ``largestPayload`` bytes.
  public init(
    network: Digest, sender: VerificationKey, sequence: UInt64, kind: TransactionKind,
    payload: [UInt8], signature: Signature
  ) {
    precondition(payload.count <= Self.largestPayload, "a payload of \(payload.count) bytes")
    self.network = network
    self.sender = sender
    self.sequence = sequence
    self.kind = kind
    self.payload = payload
    self.signature = signature
    var writer = LedgerWriter(reserving: Self.smallestEncoding + payload.count)
    writer.statement(network, sender, sequence, kind, payload)
    writer.raw(signature.bytes)
    id = DoubleSHA256.hash(writer.bytes)
  }

  /// Whether the sender signed this.
  public var hasValidSignature: Bool {
    sender.isValid(signature, for: Self.statement(network, sender, sequence, kind, payload))
  }

  private static let domain = Array("collabdict transaction 1".utf8)

  private static func statement(
    _ network: Digest, _ sender: VerificationKey, _ sequence: UInt64, _ kind: TransactionKind,
    _ payload: [UInt8]
  ) -> [UInt8] {
    var writer = LedgerWriter(reserving: domain.count + smallestEncoding + payload.count)
    writer.raw(domain)
    writer.statement(network, sender, sequence, kind, payload)
    return writer.bytes
  }

  /// The number of bytes of ``encoded``.
  public var encodedByteCount: Int { Self.smallestEncoding + payload.count }

  public var encoded: [UInt8] {
    var writer = LedgerWriter(reserving: encodedByteCount)
    writer.transaction(self)
    return writer.bytes
  }

  /// - Throws: ``LedgerCodingError``.
  public init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    self = try reader.transaction()
    try reader.finish()
  }

  public static func == (one: SignedTransaction, other: SignedTransaction) -> Bool {
    one.id == other.id
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension LedgerWriter {
  fileprivate mutating func statement(
    _ network: Digest, _ sender: VerificationKey, _ sequence: UInt64, _ kind: TransactionKind,
    _ payload: [UInt8]
  ) {
    digest(network)
    raw(sender.bytes)
    long(sequence)
    byte(UInt8(truncatingIfNeeded: kind.rawValue))
    byte(UInt8(kind.rawValue >> 8))
    blob(payload)
  }

  public mutating func transaction(_ transaction: SignedTransaction) {
    statement(
      transaction.network, transaction.sender, transaction.sequence, transaction.kind,
      transaction.payload)
    raw(transaction.signature.bytes)
  }
}

extension LedgerReader {
  public mutating func transaction() throws(LedgerCodingError) -> SignedTransaction {
    let network = try digest()
    let sender = VerificationKey(bytes: try raw(VerificationKey.byteCount))
    let sequence = try long()
    let kind = UInt16(try byte()) | UInt16(try byte()) << 8
    let payload = try blob(limit: SignedTransaction.largestPayload)
    return SignedTransaction(
      network: network, sender: sender, sequence: sequence, kind: TransactionKind(rawValue: kind),
      payload: payload, signature: Signature(bytes: try raw(Signature.byteCount)))
  }
}
