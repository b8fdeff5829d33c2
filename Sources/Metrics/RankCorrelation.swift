/// How far two quantities rise and fall together, judged by their ranks.
public enum RankCorrelation {
  /// Spearman's ρ of `x` [N] and `y` [N]: the Pearson correlation of their mid-ranks.
  ///
  /// Taking mid-ranks keeps ρ exact with ties, where the shortcut 1 − 6 Σ d² / (n³ − n) is not
  /// (Kendall, "Rank correlation methods", 1948).
  ///
  /// - Returns: ρ in −1...1, or `nil` when either array has fewer than two distinct values.
  /// - Precondition: Both arrays have the same length, and no value is NaN.
  public static func spearman(_ x: [Double], _ y: [Double]) -> Double? {
    precondition(
      x.count == y.count,
      "x and y must have equal lengths, but there are \(x.count) x and \(y.count) y")
    // The mean of n mid-ranks is (n + 1) / 2 whatever the ties.
    let meanRank = Double(x.count + 1) / 2
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for (xRank, yRank) in zip(midRanks(of: x), midRanks(of: y)) {
      let (dx, dy) = (xRank - meanRank, yRank - meanRank)
      xx += dx * dx
      xy += dx * dy
      yy += dy * dy
    }
    guard xx > 0, yy > 0 else { return nil }
    return min(max(xy / (xx.squareRoot() * yy.squareRoot()), -1), 1)
  }

  /// The rank of each of `values` [N] in rising order, from 1; equal values share their mean rank.
  ///
  /// - Precondition: No value is NaN.
  public static func midRanks(of values: [Double]) -> [Double] {
    requireOrdered(values, "values")
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      // Positions start..<end hold the ranks start + 1 through end.
      let shared = Double(start + 1 + end) / 2
      for position in start..<end { ranks[order[position]] = shared }
      start = end
    }
    return ranks
  }
}
