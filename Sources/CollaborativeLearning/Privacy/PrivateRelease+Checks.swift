import GraphicalModels
import LinearAlgebra

extension PrivateRelease {
  /// Settings come from people.
  func check() throws(PrivacyError) {
    func require(_ holds: Bool, _ name: String, _ value: Double) throws(PrivacyError) {
      guard holds && value.isFinite else { throw .invalid(name, value) }
    }
    try require(budget.order >= 1, "the order", budget.order)
    if precisions == .noised {
      try require(budget.statistics > 0, "the statistics' ε", budget.statistics)
    }
    if let means = budget.means { try require(means > 0, "the centres' ε", means) }
    try require(distance > 0, "R", distance)
    try require(fewestRows >= 0, "the fewest rows", fewestRows)
    try require(rowsPerUnit >= 1, "the rows of a reading", Double(rowsPerUnit))
    for delta in deltas { try require(delta > 0 && delta < 1, "δ", delta) }
  }

  /// Statistics of clipped rows have Tr Cₖ ≤ Nₖ B², but for the steps in which they were summed. Not
  /// all that pass were clipped, but all that fail were not.
  func check(_ statistics: PatternStatistics) throws(PrivacyError) {
    guard statistics.variables == prior.mean.count else {
      throw .otherVariables(statistics.variables, expected: prior.mean.count)
    }
    let radius = distance / 2
    for k in 0..<statistics.patterns {
      let trace = statistics.scatter(k).diagonal.reduce(0, +)
      guard trace.isFinite, statistics.count(k).isFinite, statistics.sum(k).allSatisfy(\.isFinite)
      else { throw .notFinite(pattern: k) }
      let most = statistics.count(k) * radius * radius
      guard trace <= most * (1 + 1e-6) + 1e-4 else {
        throw .notClipped(pattern: k, radius: radius)
      }
    }
  }
}
