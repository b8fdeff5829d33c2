import Cryptography

/// What a party is in a chain of mined blocks (BEMA 2020, Sec. III).
public enum PartyType: UInt8, Sendable, Hashable, CaseIterable {
  /// Was there when the chain began.
  case original = 0
  /// Came later.
  case regular = 1
  /// Only mines.
  case miner = 2
}

/// Who made a block: its hash stands in the block's header (BEMA 2020, Fig. 4).
public struct MinerInformation: Sendable, Hashable {
  /// The miner's name on the chain.
  public var key: VerificationKey
  public var type: PartyType

  static let byteCount = VerificationKey.byteCount + 1

  public init(key: VerificationKey, type: PartyType) {
    self.key = key
    self.type = type
  }

  /// 33 bytes: the key, and the type of the party.
  public var encoded: [UInt8] { key.bytes + [type.rawValue] }

  /// Double SHA-256 of ``encoded``.
  public var hash: Digest { DoubleSHA256.hash(encoded) }
}

extension LedgerReader {
  public mutating func miner() throws(LedgerCodingError) -> MinerInformation {
    let key = VerificationKey(bytes: try raw(VerificationKey.byteCount))
    guard let type = PartyType(rawValue: try byte()) else { throw .malformed("party type") }
    return MinerInformation(key: key, type: type)
  }
}
