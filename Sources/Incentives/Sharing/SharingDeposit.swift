/// What a ``SharingContract`` keeps for a sample until nothing of it is left.
public struct SharingDeposit: Sendable, Hashable {
  public let sender: AccountAddress
  /// When the sample was added, milliseconds since 1970.
  public let time: UInt64
  /// What was locked.
  public let locked: TokenAmount
  /// What nobody has got yet.
  public internal(set) var left: TokenAmount
  /// Who has reported the sample.
  public internal(set) var reporters: Set<AccountAddress> = []
  /// What the sample takes of the storage.
  let bytes: UInt64

  init(sender: AccountAddress, time: UInt64, locked: TokenAmount, bytes: UInt64) {
    self.sender = sender
    self.time = time
    self.locked = locked
    left = locked
    self.bytes = bytes
  }
}
