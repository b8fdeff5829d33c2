/// How participants average their values over a graph.
public enum ConsensusMethod: String, Sendable, CaseIterable, CustomStringConvertible {
  /// x ← (I − L/S) x (CollabDict 2024, Eq. 3). The rounds grow with S; the reference.
  case paperStep = "paper-step"
  /// x ← W x with Metropolis weights.
  case metropolis
  /// Metropolis weights with the polynomial in W of each degree that is smallest over
  /// [λ_min, λ₂]: about the square root of the rounds.
  case chebyshev
  /// At round t, x_i ← (x_i + x_{i + 2ᵏ}) / 2 with k = t mod ⌈log₂ S⌉: one message a round for
  /// each, and exact after log₂ S rounds if S is a power of two (Ying et al., "Exponential graph
  /// is provably efficient for decentralized deep training", 2021).
  case onePeerExponential = "one-peer-exponential"

  public var description: String { rawValue }
}

/// Why an iterative consensus could not go on.
public enum ConsensusError: Error, Equatable, CustomStringConvertible {
  /// A round brought values of another number of neighbours.
  case neighbours(Int, expected: Int, participant: Int, round: Int)
  /// A neighbour's values are of another number.
  case length(Int, expected: Int, neighbour: Int, round: Int)
  /// A neighbour's value is NaN or infinite.
  case notFinite(neighbour: Int, index: Int, round: Int)
  /// The error that was asked for is below what double precision can give.
  case belowPrecision(error: Double, amplitude: Double, least: Double)

  public var description: String {
    switch self {
    case .neighbours(let count, let expected, let participant, let round):
      "participant \(participant) got the values of \(count) neighbours instead of \(expected) "
        + "in round \(round); wait for all of them"
    case .length(let count, let expected, let neighbour, let round):
      "participant \(neighbour) sent \(count) values instead of \(expected) in round \(round)"
    case .notFinite(let neighbour, let index, let round):
      "participant \(neighbour) sent a value that is not finite at place \(index) "
        + "in round \(round)"
    case .belowPrecision(let error, let amplitude, let least):
      "an error of \(error) cannot be had from start values up to \(amplitude) in double "
        + "precision; ask for at least \(least), or take smaller masks or an exact sum"
    }
  }
}
