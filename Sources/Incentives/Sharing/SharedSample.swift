/// A sample that a ``SharingContract`` keeps until nothing of its deposit is left.
public struct SharedSample<Sample: Hashable & Sendable, Label: Hashable & Sendable>: Sendable {
  public let sample: Sample
  public let label: Label
  public let sender: AccountAddress
  /// When it was added, milliseconds since 1970.
  public let time: UInt64
  /// What was locked.
  public let locked: TokenAmount
  /// What nobody has got yet.
  public internal(set) var left: TokenAmount
  /// Who has reported it.
  public internal(set) var reporters: Set<AccountAddress> = []
  let bytes: UInt64

  init(
    _ sample: Sample, _ label: Label, sender: AccountAddress, time: UInt64, locked: TokenAmount,
    bytes: UInt64
  ) {
    self.sample = sample
    self.label = label
    self.sender = sender
    self.time = time
    self.locked = locked
    left = locked
    self.bytes = bytes
  }
}
