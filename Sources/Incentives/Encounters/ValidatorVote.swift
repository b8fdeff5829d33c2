import Cryptography
import Ledger

/// A validator's vote on a contribution (Yu et al. 2023, Step 6).
public struct ValidatorVote: Sendable, Hashable {
  /// Whether the new model is better than the one before, or not worse by more than τ.
  public var contributes: Bool
  /// Whether the neighbour's data were rare, as far as the validator can tell. It counts only where the
  /// neighbour claims it.
  public var findsRareData: Bool

  public init(contributes: Bool, findsRareData: Bool = false) {
    self.contributes = contributes
    self.findsRareData = findsRareData
  }

  /// What a validator commits to before anybody reveals, so that votes cannot be copied: SHA-256 of the
  /// words “collabdict vote 1”, the encounter (8), the validator (32), the vote (1) and the salt (32).
  ///
  /// - Parameter salt: secret until the vote is revealed, and another one for each vote: there are only
  ///   four votes to guess.
  public func commitment(
    encounter: UInt64, validator: AccountAddress, salt: Digest
  ) -> Digest {
    var writer = LedgerWriter(reserving: 96)
    writer.raw(Self.domain)
    writer.long(encounter)
    writer.address(validator)
    writer.byte(code)
    writer.digest(salt)
    return SHA256.hash(writer.bytes)
  }

  private static let domain = Array("collabdict vote 1".utf8)

  var code: UInt8 { (contributes ? 1 : 0) | (findsRareData ? 2 : 0) }

  init(code: UInt8) throws(LedgerCodingError) {
    guard code < 4 else { throw .malformed("vote") }
    self.init(contributes: code & 1 != 0, findsRareData: code & 2 != 0)
  }
}
