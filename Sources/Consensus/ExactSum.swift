/// How the contributions of all participants become their sum: the place of the network.
///
/// CollabDict 2024, Eqs. (14) and (35). An implementation sees integers, whose sum does not depend
/// on any order, and must return the same sum to everybody.
public protocol Aggregation: Sendable {
  /// The sum over the participants, element by element.
  func sum(_ contributions: [[Int64]]) throws -> [Int64]
}

/// The sum within one process.
public struct ExactSum: Aggregation {
  public init() {}

  /// - Throws: ``ExactSumError`` when lengths differ or the sum leaves the integers' range.
  public func sum(_ contributions: [[Int64]]) throws -> [Int64] {
    guard var total = contributions.first else { return [] }
    for part in contributions.dropFirst() {
      guard part.count == total.count else {
        throw ExactSumError.lengths(total.count, part.count)
      }
      for i in total.indices {
        let (sum, overflow) = total[i].addingReportingOverflow(part[i])
        if overflow { throw ExactSumError.overflow(index: i) }
        total[i] = sum
      }
    }
    return total
  }
}
