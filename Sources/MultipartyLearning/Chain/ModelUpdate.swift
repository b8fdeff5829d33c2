import Cryptography
import Ledger

/// What a block records of a party's model: Wang et al. 2020, Sec. III-C-3c. The samples that changed
/// it are the block's transactions with the verdict ``CalibrationVerdict/valid``.
public struct ModelUpdate: Sendable, Hashable {
  /// The party's place in the chain's list of parties.
  public var party: UInt32
  /// SHA-256 of the parameters before and after; 32 zeros before a registration.
  public var before: Digest
  public var after: Digest

  public init(party: UInt32, before: Digest, after: Digest) {
    self.party = party
    self.before = before
    self.after = after
  }
}

/// A record of a block of calibrations.
public enum CalibrationRecord: Sendable, Hashable {
  /// One verdict for each transaction that is a calibration message, in their order.
  case verdicts([CalibrationVerdict])
  case update(ModelUpdate)

  public var encoded: [UInt8] {
    var writer = LedgerWriter()
    switch self {
    case .verdicts(let verdicts):
      writer.byte(0)
      writer.blob(verdicts.map(\.code))
    case .update(let update):
      writer.byte(1)
      writer.word(update.party)
      writer.digest(update.before)
      writer.digest(update.after)
    }
    return writer.bytes
  }

  public init(decoding bytes: [UInt8]) throws(LedgerCodingError) {
    var reader = LedgerReader(bytes)
    switch try reader.byte() {
    case 0:
      var verdicts: [CalibrationVerdict] = []
      for code in try reader.blob() { verdicts.append(try CalibrationVerdict(code: code)) }
      self = .verdicts(verdicts)
    case 1:
      self = .update(
        ModelUpdate(
          party: try reader.word(), before: try reader.digest(), after: try reader.digest()))
    default: throw .malformed("record")
    }
    try reader.finish()
  }
}

extension CalibrationRecord {
  /// The digests of parameters to which a block refers: what a store of contents is asked for.
  public static func digests(of block: MinedBlock) -> [Digest] {
    block.records.compactMap { record in
      guard case .update(let update)? = try? CalibrationRecord(decoding: record) else { return nil }
      return update.after
    }
  }
}
