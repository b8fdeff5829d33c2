/// How rows become scores, and scores alarms.
public struct ScoringOptions: Sendable, Equatable {
  public init() {}
}
