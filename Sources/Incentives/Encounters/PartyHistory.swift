/// What a contract remembers of a party, for others to look up before they agree to an encounter (Yu et
/// al. 2023, Step 4). Everything else is in the blocks.
public struct PartyHistory: Sendable, Hashable {
  /// In one of the two roles of an encounter.
  public struct Role: Sendable, Hashable {
    /// Encounters that the neighbour accepted, up to now.
    public var begun: UInt64 = 0
    /// Reported alike by both, and settled.
    public var complete: UInt64 = 0
    /// Not reported, or not alike, in time.
    public var incomplete: UInt64 = 0
    /// Of the complete ones, those whose contribution was accepted, and refused.
    public var accepted: UInt64 = 0
    public var refused: UInt64 = 0
    /// Offers that were rejected, or not answered in time.
    public var declined: UInt64 = 0

    mutating func add(_ outcome: EncounterOutcome) {
      switch outcome {
      case .rejected, .expired: declined += 1
      case .mismatch, .oneReport, .noReport: incomplete += 1
      case .accepted:
        complete += 1
        accepted += 1
      case .refused:
        complete += 1
        refused += 1
      }
    }
  }

  /// As a validator.
  public struct Judge: Sendable, Hashable {
    public var drawn: UInt64 = 0
    /// Votes with the majority, and against it.
    public var right: UInt64 = 0
    public var wrong: UInt64 = 0
    /// Committed, and not revealed.
    public var unrevealed: UInt64 = 0
    /// Neither committed nor revealed: it costs nothing.
    public var absent: UInt64 = 0
  }

  public var asLearner = Role()
  public var asNeighbour = Role()
  public var asValidator = Judge()

  public init() {}
}
