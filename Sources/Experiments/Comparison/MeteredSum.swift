import Consensus
import Synchronization

/// Exact sums, counted.
final class MeteredSum: Aggregation {
  private let counts = Mutex((sums: 0, elements: 0))

  /// Sums that were formed.
  var sums: Int { counts.withLock { $0.sums } }
  /// Field elements that one participant contributed to all of them.
  var elements: Int { counts.withLock { $0.elements } }

  func sum(_ contributions: [[UInt32]]) throws -> [UInt32] {
    counts.withLock {
      $0.sums += 1
      $0.elements += contributions.first?.count ?? 0
    }
    return try ExactSum().sum(contributions)
  }
}
