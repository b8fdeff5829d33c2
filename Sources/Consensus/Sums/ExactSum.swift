import LinearAlgebra

/// How the contributions of all participants become their sum within one process.
///
/// CollabDict 2024, Eqs. (14) and (35). An implementation sees elements of the prime field, whose
/// sum does not depend on any order, and must return the same sum to everybody.
public protocol Aggregation: Sendable {
  /// The sum over the participants, element by element.
  func sum(_ contributions: [[UInt32]]) throws -> [UInt32]
}

/// The sum within one process: the same elements, and so the same sum, as over a network.
public struct ExactSum: Aggregation {
  public init() {}

  /// - Throws: ``ExactSumError/lengths(_:_:)``.
  public func sum(_ contributions: [[UInt32]]) throws -> [UInt32] {
    guard var total = contributions.first else { return [] }
    for part in contributions.dropFirst() {
      guard part.count == total.count else {
        throw ExactSumError.lengths(total.count, part.count)
      }
      var span = total.mutableSpan
      PrimeFieldVectors.add(part.span, to: &span)
    }
    return total
  }
}
