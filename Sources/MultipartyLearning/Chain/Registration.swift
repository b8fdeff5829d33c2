import Cryptography
import Ledger
import NeuralNetworks

/// A party's entry: its key, the kind and classes of its model, its parameters, and who approved them.
/// Wang et al. 2020, Sec. III-C-1: ⟨h, Y, ID⟩ of an original party, ⟨h, ID, Sign⟩ of a regular one.
public struct Registration: Sendable, Equatable {
  public var party: VerificationKey
  public var model: PartyModel
  /// Of original parties, by their places in the chain's list of parties.
  public var approvals: [Approval]

  /// An original party's word that a model passed its test, Eq. (2).
  public struct Approval: Sendable, Equatable {
    public var original: UInt32
    public var signature: Signature

    public init(original: UInt32, signature: Signature) {
      self.original = original
      self.signature = signature
    }
  }

  /// The kind of transaction that has one.
  public static let kind = TransactionKind(rawValue: 2)
  /// Approvals that a registration may have at most.
  static let approvalLimit = 64

  public init(party: VerificationKey, model: PartyModel, approvals: [Approval] = []) {
    self.party = party
    self.model = model
    self.approvals = approvals
  }

  /// What an original party signs: this chain, this party, this very model.
  public func approvalStatement(network: Digest) -> [UInt8] {
    var writer = LedgerWriter()
    writer.raw(Array("collabdict approval 1".utf8))
    writer.digest(network)
    writer.raw(party.bytes)
    writer.blob(modelBytes)
    return SHA256.hash(writer.bytes).bytes
  }

  private var modelBytes: [UInt8] {
    var writer = LedgerWriter(reserving: 4 * model.parameters.count + 64)
    writer.text(model.kind.rawValue)
    writer.blob(model.classes)
    writer.raw(model.parameterBytes)
    return writer.bytes
  }

  public var encoded: [UInt8] {
    var writer = LedgerWriter(reserving: 4 * model.parameters.count + 256)
    writer.raw(party.bytes)
    writer.blob(modelBytes)
    writer.word(UInt32(approvals.count))
    for approval in approvals {
      writer.word(approval.original)
      writer.raw(approval.signature.bytes)
    }
    return writer.bytes
  }

  /// - Parameter classes: C.
  /// - Throws: ``LedgerCodingError``, for parameters that are not finite as well.
  public init(decoding bytes: [UInt8], classes: Int) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    party = VerificationKey(bytes: try reader.raw(VerificationKey.byteCount))
    var inner = LedgerReader(try reader.blob())
    guard let kind = ImageClassifierKind(rawValue: try inner.text()) else {
      throw .malformed("kind of a model")
    }
    let own = try inner.blob(limit: 256)
    guard !own.isEmpty, zip(own, own.dropFirst()).allSatisfy({ $0 < $1 }),
      own.allSatisfy({ $0 < classes })
    else { throw .malformed("list of a model's classes") }
    let count = ImageClassifier.parameterCount(kind, classes: own.count)
    guard inner.remaining == 4 * count else { throw .malformed("number of a model's parameters") }
    var parameters: [Float] = []
    parameters.reserveCapacity(count)
    for _ in 0..<count { parameters.append(Float(bitPattern: try inner.word())) }
    try inner.finish()
    guard parameters.allSatisfy(\.isFinite) else { throw .malformed("parameter, not a number") }
    model = PartyModel(kind: kind, classes: own, parameters: parameters)
    let approvalCount = try reader.count(
      of: "approvals", size: 4 + Signature.byteCount, limit: Self.approvalLimit)
    approvals = []
    for _ in 0..<approvalCount {
      approvals.append(
        Approval(
          original: try reader.word(),
          signature: Signature(bytes: try reader.raw(Signature.byteCount))))
    }
    try reader.finish()
  }
}
