import Consensus

/// One participant of CollabDict as a state machine: it says what it wants summed, and takes the
/// sum. No clock, no socket, no file.
///
/// CollabDict 2024, Algorithm 1. The loop that drives it is the same for every model class, in one
/// process as over a network: local update, consensus, optimise.
public protocol CollaborativeParticipant: SendableMetatype {
  /// What the rest of the program is told after each round.
  associatedtype Report: Sendable

  /// Steps the participant's own parameters and returns what is to be summed over all: elements of
  /// the prime field (``FieldVector``).
  ///
  /// The length is the same for all participants in the same round.
  mutating func localUpdate() throws -> [UInt32]

  /// Takes the sum over the contributors and moves to the next round. Also a participant that did
  /// not contribute may take it.
  ///
  /// What the participants share depends on the sums alone, so that it stays the same for all.
  ///
  /// - Parameter contributors: how many they are.
  mutating func optimise(_ sum: [UInt32], contributors: Int) throws

  /// Moves to the next round without a sum: it may be known to somebody, and no other of the same
  /// contributions must be. What is contributed from now on must not be the same again.
  ///
  /// - Throws: where the participants cannot go on without that sum.
  mutating func skip() throws

  /// Undoes the last ``localUpdate()``, which nobody summed. A second time, undoes the one before:
  /// others gave its round up, and what they share is taken over next (``adopt(_:)``).
  mutating func withdraw()

  /// What all participants share.
  var sharedState: NamedArrays { get }

  /// Takes over what the others share by now, after rounds without this participant. Its own
  /// parameters stay; those that it could not learn in its absence start as they would have.
  mutating func adopt(_ shared: NamedArrays) throws

  /// Whether the last round is over.
  var isFinished: Bool { get }

  /// What happened in the last round.
  var report: Report { get }
}
