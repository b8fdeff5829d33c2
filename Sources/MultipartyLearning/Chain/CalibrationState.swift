import Cryptography
import Ledger

/// What a chain of calibrations says up to a block.
public struct CalibrationState: Sendable {
  /// A party with its model as the chain has it.
  public struct Party: Sendable {
    public let key: VerificationKey
    public let type: PartyType
    public internal(set) var model: PartyModel
    /// SHA-256 of the model's parameters.
    public internal(set) var digest: Digest
    /// Messages that it sent, and how many of them were valid.
    public internal(set) var sent = 0
    public internal(set) var valid = 0
  }

  public let terms: CalibrationTerms
  /// Those of the first block, then others in the order of their registrations.
  public internal(set) var parties: [Party]
  /// What has been earned: one for each valid message to its sender, and to the miner of its block.
  public internal(set) var rewards: [VerificationKey: UInt64] = [:]
  /// Messages in all blocks.
  public internal(set) var messages = 0

  public func party(_ key: VerificationKey) -> Int? { parties.firstIndex { $0.key == key } }

  /// The classes of a newcomer's model that original parties know and none of those that approved it;
  /// see ``Admission/untestedClasses(_:originals:approving:)``.
  public func untestedClasses(of registration: Registration) -> [UInt8] {
    Admission.untestedClasses(
      registration.model.classes,
      // Whoever registered later tests nobody.
      originals: parties.map { $0.type == .original ? $0.model.classes : [] },
      approving: registration.approvals.map { Int($0.original) })
  }

  mutating func add(_ registration: Registration, _ type: PartyType) {
    parties.append(
      Party(
        key: registration.party, type: type, model: registration.model,
        digest: registration.model.digest))
  }
}
