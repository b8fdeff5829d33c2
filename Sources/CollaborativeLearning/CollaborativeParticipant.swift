import Consensus

/// One participant of CollabDict as a state machine: it says what it wants summed, and takes the
/// sum. No clock, no socket, no file.
///
/// CollabDict 2024, Algorithm 1. The loop that drives it is the same for every model class, in one
/// process as over a network: local update, consensus, optimise.
public protocol CollaborativeParticipant: SendableMetatype {
  /// What the rest of the program is told after each round.
  associatedtype Report: Sendable

  /// Steps the participant's own parameters and returns what is to be summed over all.
  ///
  /// The length is the same for all participants in the same round.
  mutating func localUpdate() throws -> [Int64]

  /// Takes the sum over all participants and moves to the next round.
  ///
  /// What the participants share depends on the sums alone, so that it stays the same for all.
  mutating func optimise(_ sum: [Int64]) throws

  /// Whether the last round is over.
  var isFinished: Bool { get }

  /// What happened in the last round.
  var report: Report { get }
}
