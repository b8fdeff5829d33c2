import GraphicalModels
import LinearAlgebra
import Randomness

extension GGMParticipant {
  /// Statistics of this participant's first groups of rows, in the places that are its own.
  func startStatistics() throws -> PatternStatistics {
    let own = settings.startPatterns
    let slots = min(participants * own, max(own, settings.patternLimit))
    var rows: [Float] = []
    rows.reserveCapacity(view.rowCount * features)
    try forEachClippedPiece { range, windows in
      rows.append(contentsOf: windows.prefix(range.count * features))
    }
    let count = view.rowCount
    let groups: [Int]
    switch settings.start {
    case .clusters:
      groups =
        RowClusters(
          of: rows, variables: features, clusters: own,
          stream: RandomStream(
            seed: configuration.seed, participant: UInt32(index), purpose: .initialisation)
        ).assignment
    case .blocks: groups = (0..<count).map { $0 * own / max(1, count) }
    }
    addDiversityNoise(to: &rows, groups: groups)
    var accumulator = PatternAccumulator(patterns: slots, variables: features)
    let block = 256
    var values = [Double](repeating: 0, count: block * (features + 1))
    var shares = [Double](repeating: 0, count: block * slots)
    for first in stride(from: 0, to: count, by: block) {
      let size = min(block, count - first)
      for i in shares.indices { shares[i] = 0 }
      for r in 0..<size {
        for v in 0..<features {
          let value = rows[(first + r) * features + v]
          values[r * (features + 1) + v] = value.isNaN ? 0 : Double(value)
        }
        values[r * (features + 1) + features] = 1
        shares[r * slots + (index * own + groups[first + r]) % slots] = 1
      }
      accumulator.add(values, shares: shares, count: size)
    }
    var statistics = accumulator.finish()
    if settings.start == .blocks { statistics.widen(by: 2) }
    return statistics
  }
}
