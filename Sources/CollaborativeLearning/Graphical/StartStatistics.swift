import GraphicalModels
import LinearAlgebra
import Randomness

/// The statistics with which a participant of a mixture starts: those of first groups of its rows,
/// each group a pattern of its own.
enum StartStatistics {
  /// Patterns at the start, over all participants.
  static func slots(participants: Int, _ settings: MixtureSettings) -> Int {
    let own = settings.startPatterns
    return min(participants * own, max(own, settings.patternLimit))
  }

  /// Statistics of a view's rows as they are.
  ///
  /// - Parameters:
  ///   - index: the participant's number among `participants`.
  ///   - seed: draws the first centres of clusters.
  /// - Throws: whatever the rows' source throws.
  static func of(
    _ view: LocalView, index: Int, of participants: Int, _ settings: MixtureSettings, seed: UInt64
  ) throws -> PatternStatistics {
    let features = view.featureCount
    var rows: [Float] = []
    rows.reserveCapacity(view.rowCount * features)
    try view.forEachPiece(of: 1024) { range, windows in
      rows.append(contentsOf: windows.prefix(range.count * features))
    }
    let groups = groups(of: rows, features: features, index: index, settings, seed: seed)
    return of(
      rows, features: features, groups: groups, index: index, of: participants, settings)
  }

  /// The group of each row.
  ///
  /// - Parameter rows: `[count, features]`.
  static func groups(
    of rows: [Float], features: Int, index: Int, _ settings: MixtureSettings, seed: UInt64
  ) -> [Int] {
    let own = settings.startPatterns
    let count = rows.count / features
    switch settings.start {
    case .clusters:
      return RowClusters(
        of: rows, variables: features, clusters: own,
        stream: RandomStream(
          seed: seed, participant: UInt32(index), purpose: .initialisation)
      ).assignment
    case .blocks: return (0..<count).map { $0 * own / max(1, count) }
    }
  }

  /// Statistics of the groups, in the places that are the participant's own.
  static func of(
    _ rows: [Float], features: Int, groups: [Int], index: Int, of participants: Int,
    _ settings: MixtureSettings
  ) -> PatternStatistics {
    let own = settings.startPatterns
    let slots = slots(participants: participants, settings)
    let count = rows.count / features
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
