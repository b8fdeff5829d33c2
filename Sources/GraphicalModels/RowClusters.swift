import LinearAlgebra
import Randomness

/// A first grouping of rows by squared distance: k-means with the start of k-means++
/// (Arthur and Vassilvitskii 2007).
public struct RowClusters: Sendable {
  /// The cluster of each row, `[count]`.
  public let assignment: [Int]
  /// How many there are.
  public let count: Int

  /// - Parameters:
  ///   - rows: `[count, variables]`; NaN where a value is missing, which counts as 0.
  ///   - clusters: how many are wanted; there are no more than different rows.
  ///   - stream: draws the first centres.
  ///   - iterations: of Lloyd's algorithm, at most.
  public init(
    of rows: [Float], variables: Int, clusters: Int, stream: RandomStream, iterations: Int = 20
  ) {
    let n = variables == 0 ? 0 : rows.count / variables
    precondition(clusters >= 1, "\(clusters) clusters")
    var draws = stream.uniform(max(clusters, 1))[...]
    var centres: [[Double]] = []
    var nearest = [Double](repeating: .infinity, count: n)
    var assignment = [Int](repeating: 0, count: n)

    func distance(_ r: Int, _ centre: [Double]) -> Double {
      var sum = 0.0
      for v in 0..<variables {
        let value = rows[r * variables + v]
        let difference = (value.isNaN ? 0 : Double(value)) - centre[v]
        sum += difference * difference
      }
      return sum
    }
    func values(_ r: Int) -> [Double] {
      (0..<variables).map { v in
        let value = rows[r * variables + v]
        return value.isNaN ? 0 : Double(value)
      }
    }

    while centres.count < min(clusters, n) {
      let draw = Double(draws.popFirst() ?? 0.5)
      var chosen = min(n - 1, Int(draw * Double(n)))
      if !centres.isEmpty {
        // A row is the next centre with a probability that grows with its squared distance.
        let total = nearest.reduce(0, +)
        guard total > 0 else { break }
        var rest = draw * total
        for r in 0..<n where nearest[r] > 0 {
          chosen = r
          rest -= nearest[r]
          if rest < 0 { break }
        }
      }
      let centre = values(chosen)
      for r in 0..<n {
        let d = distance(r, centre)
        if d < nearest[r] {
          nearest[r] = d
          assignment[r] = centres.count
        }
      }
      centres.append(centre)
    }

    for _ in 0..<iterations where centres.count > 1 {
      var sums = centres.map { _ in [Double](repeating: 0, count: variables) }
      var sizes = [Double](repeating: 0, count: centres.count)
      for r in 0..<n {
        let row = values(r)
        for v in 0..<variables { sums[assignment[r]][v] += row[v] }
        sizes[assignment[r]] += 1
      }
      for k in centres.indices where sizes[k] > 0 {
        centres[k] = sums[k].map { $0 / sizes[k] }
      }
      var moved = false
      for r in 0..<n {
        var best = assignment[r]
        var least = distance(r, centres[best])
        for k in centres.indices where k != best {
          let d = distance(r, centres[k])
          if d < least { (best, least) = (k, d) }
        }
        if best != assignment[r] {
          assignment[r] = best
          moved = true
        }
      }
      if !moved { break }
    }
    self.assignment = assignment
    count = max(centres.count, 1)
  }
}
